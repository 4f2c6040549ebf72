"""Every boundary, with every fault, at every kind of provider: a worker dies there, and all comes to a good end.

One test is one fault at one kind of provider. Its withdrawal, which two people approved, meets the fault; workers die at
one boundary after another, for as long as its road still leads there; then workers that live, time, looks, the one
resend and, for what stays unknown, two people who read the provider's book bring it to an end. What was not on that road
is on the next one's, from the beginning, until every boundary has had its death. Everything is checked after each.
"""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from payouts.domain.status import Status
from payouts.simulator.fault import KINDS, Kind, On
from payouts.simulator.faults import read_fault
from tests.boundaries import BOUNDARIES, Boundary
from tests.machine import ending, worker
from tests.machine.checks import Checks
from tests.machine.installation import ACCOUNTS, BLIND, IDEMPOTENT, LOOK_UP_ONLY, PROVIDER
from tests.machine.prepared import Prepared, prepared
from tests.machine.troubles import DONE, REJECTED, Trouble, name_of
from tests.machine.worker import Work, killed_at

KIND = {IDEMPOTENT: "idempotent", LOOK_UP_ONLY: "look-up only", BLIND: "blind"}
BROKEN: list[Trouble] = [
    *({"fault": kind} for kind in ("normal", "hang", "html", "truncated", "empty", "wrong_type")),
    *({"fault": kind} for kind in ("drop_before_booking", "book_then_drop")),
    *({"fault": kind} for kind in ("server_error_before", "server_error_after")),
    {"fault": "hang", "books": False},
    {"fault": "slow_bytes", "seconds": 1.0},
]
ON_RECORDS: list[Trouble] = [
    *({"on": "records", "fault": kind} for kind in ("hang", "html", "truncated", "empty", "wrong_type", "drop")),
    *({"on": "records", "fault": kind} for kind in ("server_error", "too_many")),
    {"on": "records", "fault": "slow_bytes", "seconds": 1.0},
    {"on": "records", "fault": "code", "code": 10003},
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
        {"on": "time", "fault": "clock", "seconds": -2.0},
    ],
    "swapspace": [*BROKEN, *({"fault": "code", "code": code} for code in (40000, 40001, 40008))],
}
# Steps that only some roads lead to: when the clock is wrong, when a key was withdrawn, when something may be resent.
RARE = {"payouts.clock.raise_alert", "payouts.reconcile.pause.begin"}
LOOKING = {"payouts.providers.zoomex.Zoomex.records", "payouts.reconcile.looking.settle", "payouts.reconcile.note"}
NEVER = {IDEMPOTENT: set(), LOOK_UP_ONLY: set(), BLIND: LOOKING | {"payouts.providers.zoomex.Zoomex.clock_skew"}}
CELLS = [
    pytest.param(account, trouble, id=f"{KIND[account]} - {name_of(trouble)}")
    for account in ACCOUNTS
    for trouble in TROUBLES[PROVIDER[account]]
]


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Prepared]:
    """One installation for all, in the test database, which is left as it was found."""
    with django_db_blocker.unblock(), prepared() as ready:
        yield ready


def test_every_fault_of_the_simulator_is_among_them() -> None:
    for provider, on in ((name, on) for name in KINDS for on in KINDS[name]):
        listed = {Kind(each["fault"]) for each in TROUBLES[provider] if On(each.get("on", "create")) is on}
        assert listed == KINDS[provider][on], f"{provider} {on}"


@pytest.mark.parametrize(("account", "trouble"), CELLS)
def test_whoever_dies_wherever_it_comes_to_a_good_end(scene: Prepared, account: str, trouble: Trouble) -> None:
    left = BOUNDARIES
    while remaining := _one_road(scene, account, trouble, left):
        if len(remaining) == len(left):
            break
        left = remaining
    assert {each.step for each in remaining} - RARE == NEVER[account]


def _one_road(scene: Prepared, account: str, trouble: Trouble, left: list[Boundary]) -> list[Boundary]:
    """From approval to its end, with as many deaths on it as it leads to; the boundaries that it did not lead to."""
    here, checks = scene.begin(account)
    here.simulator.faults.add(read_fault({"provider": PROVIDER[account], **trouble}))
    died: list[str] = []
    try:
        for road in (worker.drain(account, calls=2), _sweep(scene), _look(scene, account), _review(scene)):
            for boundary in left:
                if boundary.name not in died and boundary in ON_ROAD and killed_at(boundary, road):
                    died.append(boundary.name)
                    checks.after_a_step()
        ending.bring_to_an_end(here, checks)
    except Exception as err:
        err.add_note(f"After deaths {', then '.join(died)}.")
        raise
    assert all(row.status is not Status.SUBMITTING for row in checks.seen)
    return [each for each in left if each.name not in died]
