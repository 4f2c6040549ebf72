"""Doors: a failure is counted before it is judged, makes the next wait longer, and the hundredth shuts for good."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payouts.models import Throttle
from payouts.workflow.people import throttle

pytestmark = pytest.mark.django_db

DOOR = "code:ada:session"


def fail(times: int) -> None:
    """So many failures in a row, the waits between them left out."""
    for _ in range(times):
        throttle.knock(DOOR)
        Throttle.objects.update(shut_until=None)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (9, 32), (13, 512), (14, 900), (99, 900)]
)
def test_each_failure_after_the_fourth_doubles_the_wait_up_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert throttle.wait_after(failures) == timedelta(seconds=seconds)


def test_a_door_is_shut_for_as_long_as_the_wait_lasts() -> None:
    fail(4)
    throttle.knock(DOOR)
    with pytest.raises(throttle.Throttled) as caught:
        throttle.knock(DOOR)
    until = caught.value.until
    assert until is not None
    assert timedelta(0) < until - timezone.now() <= timedelta(seconds=2)
    assert "Try again in" in str(caught.value)
    Throttle.objects.update(shut_until=timezone.now() - timedelta(seconds=1))
    throttle.knock(DOOR)


def test_a_knock_at_a_shut_door_counts_nothing() -> None:
    fail(5)
    Throttle.objects.update(shut_until=timezone.now() + timedelta(minutes=1))
    with pytest.raises(throttle.Throttled):
        throttle.knock("another", DOOR)
    assert list(Throttle.objects.values_list("door", "failures")) == [(DOOR, 5)]


def test_after_a_hundred_failures_only_an_administrator_opens_it() -> None:
    fail(throttle.FAILURES_UNTIL_SHUT)
    with pytest.raises(throttle.Throttled, match="Ask an administrator") as caught:
        throttle.knock(DOOR)
    assert caught.value.until is None
    assert throttle.unblock("Ada") == 1
    throttle.knock(DOOR)


def test_the_right_answer_forgets_the_failures() -> None:
    fail(50)
    throttle.opened(DOOR)
    row = Throttle.objects.get()
    assert (row.failures, row.shut_until) == (0, None)


def test_a_guesser_at_one_door_does_not_shut_another() -> None:
    fail(throttle.FAILURES_UNTIL_SHUT)
    throttle.knock("code:ada:another", "code:grace:session")


def test_unblocking_one_person_leaves_persons_with_similar_names_alone() -> None:
    doors = ["password:ada:x", "code:ada:session", "password:ada2:x", "code:a%:session", "code:_da:session"]
    for door in doors:
        throttle.knock(door)
    assert throttle.unblock("ADA") == 2
    assert throttle.unblock("_da") == 1
    assert set(Throttle.objects.filter(failures__gt=0).values_list("door", flat=True)) == {
        "password:ada2:x",
        "code:a%:session",
    }
