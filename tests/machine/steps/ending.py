"""Bringing everything to an end: no more faults, workers that live, and two people who read the provider's book."""

from django.contrib.auth.models import User

from payouts.domain.withdrawals.status import Status
from payouts.models import Pause, Resolution
from payouts.models.unknown.resolution import Verdict
from tests.machine import worker
from tests.machine.checks import Checks
from tests.machine.installation import ACCOUNTS, BLIND, Installation
from tests.machine.rows import Seen
from tests.machine.steps import people
from tests.machine.truth import Became, became, booked, found_as

# Between two looks; past the longest wait of a look and a late record; past every approval's time.
ROUNDS = [100, 400, 400, 3700, 3700, 9000, 90_000]
PATIENCE = 3  # rounds in which people leave it to looks and resends


class Stuck(AssertionError):
    """It did not come to an end."""


def bring_to_an_end(here: Installation, checks: Checks) -> None:
    """Round after round, until nothing is open any more. Raises Stuck, and what the checks raise."""
    here.simulator.faults.clear()
    for line in here.lines.values():
        line.is_down = False
    for name in left(here, checks):
        worker.measure(name)()
    for number, seconds in enumerate(ROUNDS):
        if is_over(checks):
            return
        here.grow_older(seconds)
        _round(here, checks)
        if number >= PATIENCE:
            people_find_out(here, checks)
            checks.after_a_step()
    if not is_over(checks):
        raise Stuck("; ".join(f"{row.reference} is {row.status}" for row in checks.seen if not row.status.is_final))


def left(here: Installation, checks: Checks) -> list[str]:
    """The accounts of which something is not final."""
    open_in = {row.account for row in checks.seen if not row.status.is_final}
    return [name for name in ACCOUNTS if here.accounts[name].pk in open_in]


def is_over(checks: Checks) -> bool:
    """Whether everything is final."""
    return all(row.status.is_final for row in checks.seen)


def _round(here: Installation, checks: Checks) -> None:
    release_everything(here)
    worker.sweep()
    for name in left(here, checks):
        worker.drain(name, calls=9)()
        if name != BLIND:
            worker.look(name)()
    checks.after_a_step()


def release_everything(here: Installation) -> None:
    """As many people as it takes."""
    for pause in Pause.objects.open():
        for by in (here.cast.administrator, here.cast.first_approver)[: pause.proposal.needed]:
            people.release(pause.pk, by=by)


def people_find_out(here: Installation, checks: Checks) -> None:
    """Whatever waits for people is found out, by two who are not its requester and who say what is so."""
    for waiting in Resolution.objects.proposed().prefetch_related("lines"):
        (people.confirm if is_so(here, checks, waiting) else people.decline)(waiting.pk, by=_second(here, waiting))
    for row in checks.seen:
        if row.status in (Status.UNKNOWN, Status.SUBMITTED):
            verdict = what_to_say(here, row)
            found = people.find_out(row.id, verdict[1], by=here.cast.second_approver) if verdict else None
            if found is not None:
                people.confirm(found.pk, by=here.cast.first_approver)


def what_to_say(here: Installation, row: Seen) -> tuple[Verdict, str | None] | None:
    """What somebody who reads the book can say of it by now; None while nobody can tell."""
    calls = booked(here.book, row.reference)
    match became(calls):
        case Became.PAID:
            return Verdict.PAID, found_as(calls[0])
        case Became.NEVER_BOOKED | Became.GIVEN_BACK:
            return Verdict.NOT_PAID, None
        case Became.ON_ITS_WAY:
            return None


def is_so(here: Installation, checks: Checks, found: Resolution) -> bool:
    """Whether somebody who reads the book now comes to the same."""
    rows = {row.id: row for row in checks.seen}
    says = Verdict(found.verdict)
    return all(
        what_to_say(here, rows[line.withdrawal_id]) == (says, line.found_as or None) for line in found.lines.all()
    )


def _second(here: Installation, waiting: Resolution) -> User:
    others = [here.cast.first_approver, here.cast.second_approver]
    return next(each for each in others if each.pk != waiting.proposed_by_id)
