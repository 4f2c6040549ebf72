"""Back-off: soon at first, then rarer, never never; and few stretches for many moments."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from payouts.domain.sending.backoff import LONGEST_WAIT, look_again_in, poll_again_in, windows

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(("looks", "seconds"), [(0, 15), (1, 30), (2, 60), (7, 1920), (8, 3600), (9, 3600)])
def test_what_is_submitted_is_polled_from_15_seconds_doubling_to_an_hour(looks: int, seconds: int) -> None:
    assert poll_again_in(looks) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("looks", "seconds"), [(0, 30), (1, 300), (2, 600), (4, 2400), (5, 3600), (6, 3600)])
def test_what_is_unknown_is_looked_for_soon_and_then_as_far_apart_as_proves_something(looks: int, seconds: int) -> None:
    assert look_again_in(looks, at_least=FIVE_MINUTES) == timedelta(seconds=seconds)


@pytest.mark.parametrize("at_least", [timedelta(0), timedelta(seconds=1), FIVE_MINUTES, timedelta(hours=5)])
@pytest.mark.parametrize("looks", [1, 2, 3, 50])
def test_two_looks_are_never_closer_than_asked_and_never_without_a_pause(at_least: timedelta, looks: int) -> None:
    assert look_again_in(looks, at_least=at_least) >= max(at_least, timedelta(seconds=15))


def test_no_number_of_looks_is_too_many() -> None:
    assert poll_again_in(10**9) == look_again_in(10**9, at_least=FIVE_MINUTES) == LONGEST_WAIT


def test_stretches_within_the_gap_are_one() -> None:
    given = [(at(50), at(60)), (at(0), at(10)), (at(120), at(121)), (at(182), at(183))]
    assert windows(given) == [(at(0), at(121)), (at(182), at(183))]


def test_a_stretch_within_another_does_not_cut_it_short() -> None:
    assert windows([(at(0), at(500)), (at(10), at(20)), (at(560), at(561))]) == [(at(0), at(561))]


def test_without_stretches_there_is_none() -> None:
    assert windows([]) == []


def drawn(draw: random.Random) -> list[tuple[datetime, datetime]]:
    starts = [draw.randrange(2000) for _ in range(draw.randrange(1, 40))]
    return [(at(start), at(start + draw.randrange(30))) for start in starts]


def test_every_stretch_lies_in_one_and_they_are_further_apart_than_the_gap() -> None:
    for seed in range(50):
        given = drawn(random.Random(seed))  # noqa: S311  a draw that can be repeated
        found = windows(iter(given))
        assert all(sum(first <= since and until <= last for first, last in found) == 1 for since, until in given), seed
        assert all(later[0] - earlier[1] > timedelta(hours=1) for earlier, later in pairwise(found)), seed
        assert {first for first, _ in found} <= {since for since, _ in given}, seed
        assert {last for _, last in found} <= {until for _, until in given}, seed
