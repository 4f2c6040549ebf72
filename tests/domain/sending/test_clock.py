"""What a measured skew of our clock means."""

from datetime import timedelta

import pytest

from payouts.domain.sending.clock import Clock, judge

WINDOW = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("milliseconds_fast", "found"),
    [
        (0, Clock.RIGHT),
        (500, Clock.RIGHT),
        (501, Clock.FAST),
        (999, Clock.FAST),
        (1000, Clock.WRONG),
        (600_000, Clock.WRONG),
        (-500, Clock.RIGHT),
        (-4999, Clock.RIGHT),
        (-5000, Clock.WRONG),
        (-600_000, Clock.WRONG),
    ],
)
def test_a_second_fast_or_a_window_slow_is_wrong(milliseconds_fast: int, found: Clock) -> None:
    skew = timedelta(milliseconds=-milliseconds_fast)
    assert judge(skew, tolerates_behind=WINDOW) is found


def test_a_longer_window_helps_a_slow_clock_and_not_a_fast_one() -> None:
    assert judge(timedelta(seconds=30), tolerates_behind=timedelta(seconds=60)) is Clock.RIGHT
    assert judge(timedelta(seconds=-30), tolerates_behind=timedelta(seconds=60)) is Clock.WRONG


def test_only_a_wrong_clock_keeps_from_sending() -> None:
    assert [clock for clock in Clock if not clock.may_send] == [Clock.WRONG]
