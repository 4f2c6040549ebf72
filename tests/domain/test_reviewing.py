"""The rules about signing a day and explaining an orphan, each by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from payouts.domain.errors import Objection
from payouts.domain.reviewing import (
    DayFacts,
    OrphanFacts,
    Reading,
    is_covered,
    may_close_orphan,
    may_sign_off,
    next_reading,
)
from payouts.domain.roles import Person, Role

DIGEST = "d" * 64
SETTLED = DayFacts(
    digest=DIGEST,
    is_over=True,
    is_signed=False,
    can_look_up=True,
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


@pytest.mark.parametrize(("can_look_up", "what_to_do"), [(True, "wait for the next"), (False, "Add a statement")])
def test_a_day_that_nobody_compared_says_what_to_do(can_look_up: bool, what_to_do: str) -> None:
    facts = replace(SETTLED, was_compared=False, can_look_up=can_look_up)
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


NOW = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)


def days_back(days: int) -> datetime:
    """Midnight, so many days before NOW's."""
    return datetime(2026, 3, 31, tzinfo=UTC) - timedelta(days=days)


@pytest.mark.parametrize(
    ("last", "first_day"),
    [
        (timedelta(0), 1),
        (timedelta(hours=10), 1),
        (timedelta(hours=35), 2),
        (timedelta(days=400), 400),
    ],
)
def test_a_review_reads_from_the_midnight_before_the_last_one_and_a_day_at_least(
    last: timedelta, first_day: int
) -> None:
    reading = next_reading(NOW - last, now=NOW)
    assert reading == Reading(days_back(first_day), NOW)
    assert reading.compared_until == NOW - timedelta(minutes=25, seconds=40)


def test_a_reading_is_of_days_of_which_the_last_ends_now() -> None:
    days = list(next_reading(NOW - timedelta(days=2), now=NOW).days())
    assert days == [(days_back(2), days_back(1)), (days_back(1), days_back(0)), (days_back(0), NOW)]


def test_what_is_too_long_for_one_comparison_is_compared_month_by_month_and_no_day_is_left_out() -> None:
    reading = next_reading(NOW - timedelta(days=100), now=NOW)
    parts = list(reading.parts())
    assert [(last - first).days + 1 for first, last, _ in parts] == [31, 31, 31, 8]
    assert parts[0][0] == days_back(100).date()
    assert all(later[0] - earlier[1] == timedelta(days=1) for earlier, later in pairwise(parts))
    assert parts[-1][1:] == (NOW.date(), reading.compared_until)
    assert [until for _, _, until in parts[:-1]] == [days_back(69), days_back(38), days_back(7)]


@pytest.mark.parametrize(("read", "compared"), [(0, None), (1, None), (2, (100, 100)), (40, (100, 62))])
def test_where_the_reading_broke_off_its_last_day_is_not_compared(read: int, compared: tuple[int, int] | None) -> None:
    whole = next_reading(NOW - timedelta(days=100), now=NOW)
    parts = list(whole.until_only(whole.since + timedelta(days=read)).parts())
    if compared is None:
        assert parts == []
        return
    assert (parts[0][0], parts[-1][1]) == (days_back(compared[0]).date(), days_back(compared[1]).date())
    assert parts[-1][2] == days_back(compared[1] - 1)


def test_a_month_that_ends_a_moment_ago_is_not_compared_for_good_yet() -> None:
    now = days_back(0) + timedelta(minutes=5)
    parts = list(next_reading(now - timedelta(days=31), now=now).parts())
    assert [until for _, _, until in parts] == [now - timedelta(minutes=25, seconds=40)] * 2
