"""Every boundary, with every fault, at every kind of provider: a worker dies there, and all comes to a good end.

A withdrawal that two people approved meets the fault. Workers die at one boundary after another, for as long as its
road leads to them; then workers that live, time, looks, the one resend and, for what stays unknown, two people who read
the provider's book bring it to an end. Boundaries to which that road did not lead are left to another withdrawal, until
each has had its death. Everything is checked after each of them. Where a death leaves every row, the provider's book
and its faults as an earlier one did, and the same lies ahead, the end of that one is its end too: it is not waited for
again.
"""

from collections import defaultdict
from collections.abc import Callable

import pytest

from demo.simulator.faults.asked import read_fault
from demo.simulator.faults.fault import KINDS, FaultKind, On
from tests.machine import worker
from tests.machine.checks import Checks
from tests.machine.installation import ACCOUNTS, BLIND, IDEMPOTENT, LOOK_UP_ONLY, PROVIDER, Installation
from tests.machine.prepared import Prepared, prepared
from tests.machine.state import State, state_of
from tests.machine.steps import ending
from tests.machine.steps.troubles import DONE, REJECTED, Trouble, name_of
from tests.machine.worker import Work, killed_at
from tests.props.boundaries import BOUNDARIES, STEPS, Boundary, Side

Roads = dict[str, list[str]]
Before = Callable[[Installation, Checks], None]
Ahead = tuple[tuple[str, tuple[Boundary, ...]], ...]

KIND = {IDEMPOTENT: "idempotent", LOOK_UP_ONLY: "look-up only", BLIND: "blind"}
BROKEN: list[Trouble] = [
    *({"fault": kind} for kind in ("normal", "hang", "html", "truncated", "empty", "wrong_type")),
    *({"fault": kind} for kind in ("drop_before_booking", "book_then_drop")),
    *({"fault": kind} for kind in ("server_error_before", "server_error_after")),
    {"fault": "hang", "books": False},
    {"fault": "slow_bytes", "seconds": 1.0},
]
WITHDRAWN: Trouble = {"on": "records", "fault": "code", "code": 10003}
FORBIDDEN: Trouble = {"on": "records", "fault": "code", "code": 10018}
ON_TIME: Trouble = {"on": "time", "fault": "clock", "seconds": -0.7}
SIDES: tuple[Side, ...] = ("before", "after")
ON_RECORDS: list[Trouble] = [
    *({"on": "records", "fault": kind} for kind in ("hang", "html", "truncated", "empty", "wrong_type", "drop")),
    *({"on": "records", "fault": kind} for kind in ("server_error", "too_many")),
    {"on": "records", "fault": "slow_bytes", "seconds": 1.0},
    WITHDRAWN,
    FORBIDDEN,
]
TROUBLES: dict[str, list[Trouble]] = {
    "zoomex": [
        *BROKEN,
        *({"fault": "code", "code": code} for code in (10001, 10003, 7777)),
        *({"fault": kind} for kind in ("duplicate", "too_many")),
        {"fault": "normal", "ends": REJECTED},
        {"fault": "normal", "statuses": ["Packed", "Pending Review", DONE], "status_every": 30},
        {"fault": "book_then_drop", "record": "late", "record_after": 400},
        {"fault": "book_then_drop", "record": "never"},
        *ON_RECORDS,
        ON_TIME,
    ],
    "swapspace": [*BROKEN, *({"fault": "code", "code": code} for code in (40000, 40001, 40008))],
}
# Where a road leads, in the order of its steps; what comes first is met again and again by what comes later.
SENDING = [
    "worker.dispatch.witnessing.tell",
    "worker.dispatch.may_still_send",
    "providers.json_over_http.JsonOverHttp.submit",
    "worker.dispatch.record_answer",
]
ROADS = {
    "nudge": ["worker.dispatch.accounts_with_work", "worker.dispatch.queue.nudge"],
    "drain": [
        "providers.zoomex.provider.Zoomex.clock_skew",
        "worker.clock.raise_alert",
        "worker.dispatch.witnessing.seen",
        "worker.dispatch.claim",
        *SENDING,
    ],
    "sweep": [
        *(
            "worker.dispatch.queue.take_over",
            "worker.dispatch.witnessing.compare",
            "worker.dispatch.give_up_overdue",
            "worker.dispatch.expire_overdue",
            "worker.dispatch.fall_back_all",
            "worker.dispatch.accounts_with_resends",
        ),
        *("worker.reconcile.looking.accounts_due", "worker.reconcile.proving.accounts_untried"),
    ],
    "ask": ["worker.reconcile.queue.ask_for_look"],
    "look": [
        *("worker.reconcile.proving.try_untried", "worker.reconcile.looking.due", "worker.reconcile.proving.due"),
        "providers.zoomex.provider.Zoomex.records",
        *("worker.reconcile.pause.begin", "worker.reconcile.leave_alone"),
        *("worker.reconcile.looking.settle", "worker.reconcile.proving.looked"),
    ],
    "again": ["worker.dispatch.claim_again"],
    "review": ["worker.reconcile.note", "worker.reconcile.review.review_recent"],
}
RESEND = {"resend": ["worker.dispatch.claim_again", *SENDING], "sweep": ["worker.dispatch.give_up_overdue"]}
ON_A_RESEND: list[Trouble] = [
    *({"fault": kind} for kind in ("normal", "hang", "drop_before_booking", "book_then_drop", "duplicate", "too_many")),
    *({"fault": "code", "code": code} for code in (10001, 10003)),
]
# Seconds; past the deadline of a call, until a look is due, and until nobody waits any more for a record.
WAIT_BEFORE = {"nudge": 1, "drain": 1, "sweep": 100, "ask": 100, "look": 40, "again": 40, "review": 700, "resend": 1}
# Steps that only a wrong clock leads to, a key that was withdrawn, and a provider that has had enough of us; and those
# that a blind provider has not.
RARE = {
    "worker.clock.raise_alert": ON_TIME,
    "worker.reconcile.pause.begin": WITHDRAWN,
    "worker.reconcile.leave_alone": FORBIDDEN,
}
NOT_BLIND = ["Zoomex.clock_skew", "Zoomex.records", "ask_for_look", "looking.due", "looking.settle"]
NOT_BLIND += ["proving.try_untried", "proving.due", "proving.looked"]
AT_ONCE = 6  # faults in one test, since making the installation takes longer than using it
PARTS = [
    pytest.param(
        account, TROUBLES[PROVIDER[account]][start : start + AT_ONCE], id=f"{KIND[account]} {start // AT_ONCE}"
    )
    for account in ACCOUNTS
    for start in range(0, len(TROUBLES[PROVIDER[account]]), AT_ONCE)
]


class Ended:
    """Where withdrawals stood that came to a good end, and what lay ahead of them there."""

    def __init__(self) -> None:
        self._states: defaultdict[Ahead, list[State]] = defaultdict(list)

    def knows(self, ahead: Ahead, state: State) -> bool:
        """Whether one stood just so."""
        return any(state.is_as(other) for other in self._states[ahead])

    def add(self, them: list[tuple[Ahead, State]]) -> None:
        """One more has come to its end by way of these."""
        for ahead, state in them:
            self._states[ahead].append(state)


def _nothing(here: Installation, checks: Checks) -> None:
    """Nothing has happened yet."""


def _until_it_may_be_sent_again(here: Installation, checks: Checks) -> None:
    """The first call is lost before it was booked, and two looks find nothing."""
    here.simulator.faults.add(read_fault({"provider": "zoomex", "fault": "drop_before_booking"}))
    worker.drain(IDEMPOTENT)()
    for seconds in (40, 330):
        here.grow_older(seconds)
        worker.look(IDEMPOTENT)()
    checks.after_a_step()


def test_every_fault_of_the_simulator_is_among_them() -> None:
    for provider, on in ((name, on) for name in KINDS for on in KINDS[name]):
        listed = {FaultKind(each["fault"]) for each in TROUBLES[provider] if On(each.get("on", "create")) is on}
        assert listed == KINDS[provider][on], f"{provider} {on}"


def test_every_step_is_on_one_road() -> None:
    assert sorted(f"payouts.{step}" for steps in ROADS.values() for step in steps) == sorted(STEPS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("account", "troubles"), PARTS)
def test_whoever_dies_wherever_it_comes_to_a_good_end(
    account: str, troubles: list[Trouble], subtests: pytest.Subtests
) -> None:
    with prepared() as scene:
        for trouble in troubles:
            with subtests.test(name_of(trouble)):
                left = {each for each in BOUNDARIES if _leads_to(each, account, trouble)}
                _die_everywhere(scene, account, ROADS, trouble, left)


@pytest.mark.django_db(transaction=True)
def test_whoever_dies_while_it_is_sent_again_it_comes_to_a_good_end(subtests: pytest.Subtests) -> None:
    everywhere = {place for steps in RESEND.values() for place in places(steps)}
    with prepared() as scene:
        for trouble in ON_A_RESEND:
            with subtests.test(name_of(trouble)):
                _die_everywhere(scene, IDEMPOTENT, RESEND, trouble, everywhere, before=_until_it_may_be_sent_again)


def _die_everywhere(
    scene: Prepared, account: str, roads: Roads, trouble: Trouble, left: set[Boundary], *, before: Before = _nothing
) -> None:
    ended = Ended()
    while left:
        died = _one_road(scene, account, roads, trouble, left, ended, before=before)
        assert died, f"no road leads to {', '.join(sorted(each.name for each in left))}"
        left = left - died


def _leads_to(boundary: Boundary, account: str, trouble: Trouble) -> bool:
    step = boundary.step.removeprefix("payouts.")
    if account == BLIND and any(step.endswith(other) for other in NOT_BLIND):
        return False
    return step not in RARE or RARE[step] == trouble


def _one_road(
    scene: Prepared,
    account: str,
    roads: Roads,
    trouble: Trouble,
    left: set[Boundary],
    ended: Ended,
    *,
    before: Before,
) -> set[Boundary]:
    """From approval to its end, with as many deaths on it as it leads to; where they were."""
    here, checks = scene.begin(account)
    died: list[Boundary] = []
    on_it: list[tuple[Ahead, State]] = []
    try:
        before(here, checks)
        here.simulator.faults.add(read_fault({"provider": PROVIDER[account], **trouble}))
        for road, steps in roads.items():
            here.grow_older(WAIT_BEFORE[road])
            deadly = [place for place in places(steps) if place in left]
            for place in deadly:
                if not _is_sending(checks, road) and killed_at(place, *_works(here, account, road)):
                    died.append(place)
                    checks.after_a_step()
            if not deadly:  # it still leads to the next one
                _walk(*_works(here, account, road))
            elif died:
                on_it.append((_ahead(roads, road, left), state_of(here)))
                if ended.knows(*on_it[-1]):
                    break
        else:
            ending.bring_to_an_end(here, checks)
        checks.at_the_end()
        ended.add(on_it)
    except Exception as err:
        err.add_note(f"After deaths {', then '.join(each.name for each in died)}.")
        raise
    return set(died)


def _ahead(roads: Roads, road: str, left: set[Boundary]) -> Ahead:
    """What is still to come on the roads after this one: where they go, and who is to die there."""
    later = list(roads)[list(roads).index(road) + 1 :]
    return tuple((name, tuple(place for place in places(roads[name]) if place in left)) for name in later)


def places(steps: list[str]) -> list[Boundary]:
    """Both sides of each."""
    return [Boundary(side, f"payouts.{step}") for step in steps for side in SIDES]


def _walk(*works: Work) -> None:
    """Nobody dies on it any more."""
    for work in works:
        work()


def _is_sending(checks: Checks, road: str) -> bool:
    """Nothing more is claimed while a call is open: the sweep comes next."""
    return road in ("drain", "resend") and any(row.standing.open_calls for row in checks.seen)


def _works(here: Installation, account: str, road: str) -> list[Work]:
    drain, look = worker.drain(account, calls=2), worker.look(account)
    match road:
        case "drain" | "resend":
            return [drain]
        case "again":
            return [drain, lambda: here.grow_older(20), drain]
        case "look":
            return [look]
        case "review":
            return [worker.review]
        case "ask":
            return [worker.sweep, lambda: here.grow_older(40), worker.sweep]
        case _:
            return [worker.sweep]
