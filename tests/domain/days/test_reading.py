"""How far back a review reads, what it compares at once, and until when all is compared by then."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from payouts.domain.days.reading import Reading, next_reading

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
