"""Who may explain an orphan and who may sign a day off: facts in, an objection or None out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from payouts.domain.days.reading import Stretch
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, first, role_objection

_NO_GAP = timedelta(seconds=1)


@dataclass(frozen=True)
class OrphanFacts:
    """What the rules need to know of an orphan, read under its lock."""

    is_open: bool
    requested_by: int | None  # of its withdrawal; None where it has none


@dataclass(frozen=True)
class DayFacts:
    """What the rules need to know of an account's day, as the rows tell it now."""

    digest: str
    is_over: bool
    is_signed: bool
    is_filed: bool  # whether people add statements, since its provider cannot be asked for records
    was_compared: bool  # with everything that its provider recorded
    open_orphans: int
    unsettled: int  # withdrawals and lost calls of which it is not known yet what became of them
    took_part: bool  # whether the person who asks made or checked anything of it


def is_covered(since: datetime, until: datetime, by: Iterable[Stretch]) -> bool:
    """Whether these stretches of time, together, leave nothing out between the two moments.

    Less than a second is no gap: a file that tells whole seconds ends its day at 23:59:59.
    """
    reached = since
    for begin, end in sorted(by):
        if begin <= reached + _NO_GAP:
            reached = max(reached, end)
    return reached + _NO_GAP >= until


def may_close_orphan(facts: OrphanFacts, person: Person) -> Objection | None:
    """Why this person may not explain it; None when they may."""
    return first(
        [
            role_objection(person, Act.CLOSE_ORPHAN),
            None if facts.is_open else Objection("closed_already", "It is closed already."),
            Objection("own_request", "Somebody else has to explain it: the withdrawal is your own request.")
            if person.id == facts.requested_by
            else None,
        ]
    )


def may_sign_off(facts: DayFacts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not sign the day that their page showed; None when they may.

    A day is signed once, so it has to be over, compared and settled: what changed afterwards could never be signed.
    """
    return first(
        [
            role_objection(person, Act.SIGN_OFF),
            role_objection(person, Act.VIEW_RECONCILIATION),
            Objection("signed_already", "This day is signed off already.") if facts.is_signed else None,
            None if facts.is_over else Objection("not_over", "The day is not over: it ends at midnight UTC."),
            _took_part(facts),
            _not_compared(facts),
            _orphans(facts),
            _unsettled(facts),
            None
            if shown_digest == facts.digest
            else Objection("stale_page", "The day is not what your page showed any more. Look again."),
        ]
    )


def _took_part(facts: DayFacts) -> Objection | None:
    if not facts.took_part:
        return None
    return Objection("took_part", "You made or checked something of that day: somebody who did neither has to sign it.")


def _not_compared(facts: DayFacts) -> Objection | None:
    if facts.was_compared:
        return None
    remedy = (
        "Add a statement that covers all of it, 00:00 to 24:00 UTC, exported ten minutes after its end or later."
        if facts.is_filed
        else "The provider is asked once an hour, for every day since the account was set up here: "
        "wait for the next review."
    )
    return Objection("not_compared", f"This day was not compared with the provider’s records yet. {remedy}")


def _orphans(facts: DayFacts) -> Objection | None:
    if not facts.open_orphans:
        return None
    return Objection("open_orphans", f"Explain what has no partner first: {facts.open_orphans} open.")


def _unsettled(facts: DayFacts) -> Objection | None:
    if not facts.unsettled:
        return None
    words = "payment is" if facts.unsettled == 1 else "payments are"
    return Objection("unsettled", f"{facts.unsettled} {words} not settled yet. Sign the day once it is known.")
