"""The rules about signing a day and explaining an orphan, each by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from payouts.domain.days.reviewing import DayFacts, OrphanFacts, is_covered, may_close_orphan, may_sign_off
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Person, Role

DIGEST = "d" * 64
SETTLED = DayFacts(
    digest=DIGEST,
    is_over=True,
    is_signed=False,
    is_filed=False,
    was_compared=True,
    open_orphans=0,
    unsettled=0,
    took_part=False,
)
AUDITOR = Person(1, frozenset({Role.AUDITOR}))
APPROVER = Person(2, frozenset({Role.APPROVER}))
OPEN = OrphanFacts(is_open=True, requested_by=7)


def code(objection: Objection | None) -> str | None:
    return objection.code if objection else None


@pytest.mark.parametrize("person", [AUDITOR, APPROVER])
def test_whoever_took_no_part_signs_a_settled_day(person: Person) -> None:
    assert may_sign_off(SETTLED, person, shown_digest=DIGEST) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_signed": True}, "signed_already"),
        ({"is_over": False}, "not_over"),
        ({"took_part": True}, "took_part"),
        ({"was_compared": False}, "not_compared"),
        ({"open_orphans": 1}, "open_orphans"),
        ({"unsettled": 1}, "unsettled"),
        ({"digest": "e" * 64}, "stale_page"),
    ],
)
def test_each_thing_that_stands_in_the_way_is_enough(changes: dict[str, object], expected: str) -> None:
    assert code(may_sign_off(replace(SETTLED, **changes), AUDITOR, shown_digest=DIGEST)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("is_filed", "what_to_do"), [(False, "wait for the next"), (True, "Add a statement")])
def test_a_day_that_nobody_compared_says_what_to_do(is_filed: bool, what_to_do: str) -> None:
    facts = replace(SETTLED, was_compared=False, is_filed=is_filed)
    objection = may_sign_off(facts, AUDITOR, shown_digest=DIGEST)
    assert objection
    assert what_to_do in objection.message


MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
Stretches = list[tuple[float, float]]  # hours after midnight


@pytest.mark.parametrize("told", [
    [(0, 24)], [(-1, 25)], [(0, 24 - 1 / 3600)], [(12, 24), (0, 12)], [(0, 12), (12 + 1 / 3600, 24)],
    [(0, 20), (3, 4), (20, 24)], [(-5, -4), (0, 24)],
])  # fmt: skip
def test_stretches_that_leave_nothing_out_cover_a_day(told: Stretches) -> None:
    assert is_covered(*hours((0, 24)), [hours(each) for each in told])


@pytest.mark.parametrize("told", [
    [], [(-24, 0)], [(24, 48)], [(0, 24 - 2 / 3600)], [(2 / 3600, 24)], [(0, 12), (12 + 2 / 3600, 24)],
    [(0, 12), (3, 4), (13, 24)],
])  # fmt: skip
def test_a_gap_of_seconds_is_not_covered(told: Stretches) -> None:
    assert not is_covered(*hours((0, 24)), [hours(each) for each in told])


def hours(stretch: tuple[float, float]) -> tuple[datetime, datetime]:
    """The moments so many hours after midnight."""
    begin, end = (MIDNIGHT + timedelta(seconds=round(hour * 3600)) for hour in stretch)
    return begin, end


@pytest.mark.parametrize("role", [Role.REQUESTER, Role.KEEPER, Role.ADMINISTRATOR])
def test_other_roles_neither_sign_nor_explain(role: Role) -> None:
    person = Person(3, frozenset({role}))
    assert code(may_sign_off(SETTLED, person, shown_digest=DIGEST)) == "no_role"
    assert code(may_close_orphan(OPEN, person)) == "no_role"


def test_an_approver_explains_what_is_open_and_not_their_own() -> None:
    assert may_close_orphan(OPEN, APPROVER) is None
    assert may_close_orphan(replace(OPEN, requested_by=None), APPROVER) is None
    assert code(may_close_orphan(replace(OPEN, is_open=False), APPROVER)) == "closed_already"
    assert code(may_close_orphan(replace(OPEN, requested_by=APPROVER.id), APPROVER)) == "own_request"
    assert code(may_close_orphan(OPEN, AUDITOR)) == "no_role"
