"""Throttling of guesses at passwords and codes: each failure at a door makes the next wait longer.

Numbers after NIST SP 800-63B-4, 3.2.2: at most 100 failures in a row, then the door stays shut until an administrator opens it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from payouts.domain.errors import CountersignError
from payouts.models import Throttle

FREE_FAILURES = 4
LONGEST_WAIT = timedelta(minutes=15)
FAILURES_UNTIL_SHUT = 100


class Throttled(CountersignError):
    """Too many failures at this door; `until` is None when only an administrator can open it."""

    def __init__(self, until: datetime | None) -> None:
        self.until = until
        when = "Ask an administrator to unblock it." if until is None else f"Try again in {_wait(until)}."
        super().__init__(f"Too many wrong attempts. {when}")


def _wait(until: datetime) -> str:
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"


def knock(*doors: str) -> None:
    """Count an attempt at each door before it is judged, so that parallel guesses are all counted.

    Raises Throttled, with nothing counted, when a door is shut. Commits; call `opened` after a success.
    """
    with transaction.atomic(durable=True):
        for door in sorted(doors):
            _count(door)


def opened(*doors: str) -> None:
    """Forget the failures at doors that were opened with the right answer."""
    Throttle.objects.filter(door__in=doors).update(failures=0, shut_until=None)


def unblock(username: str) -> int:
    """Open every door of a person; the number of doors that were counting."""
    doors = Throttle.objects.filter(door__startswith=f"password:{username.lower()}:") | Throttle.objects.filter(
        door__startswith=f"code:{username.lower()}:"
    )
    return doors.update(failures=0, shut_until=None)


def _count(door: str) -> None:
    now = timezone.now()
    Throttle.objects.get_or_create(door=door, defaults={"tried_at": now})
    row = Throttle.objects.select_for_update().get(door=door)
    if row.failures >= FAILURES_UNTIL_SHUT:
        raise Throttled(None)
    if row.shut_until is not None and row.shut_until > now:
        raise Throttled(row.shut_until)
    row.failures += 1
    row.shut_until = now + wait_after(row.failures)
    row.tried_at = now
    row.save()


def wait_after(failures: int) -> timedelta:
    """How long the door stays shut after so many failures in a row."""
    if failures <= FREE_FAILURES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 20)), LONGEST_WAIT)
