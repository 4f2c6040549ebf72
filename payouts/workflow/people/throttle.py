"""Throttling of guesses at passwords and codes: each failure at a door makes the next wait longer.

Numbers after NIST SP 800-63B-4, 3.2.2: at most 100 failures in a row, then a person's door stays shut until
an administrator opens it. The doors of a source (an address that attempts come from) are more patient, forget
after a quiet hour and never stay shut, because many people may share one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from payouts.domain.errors import CountersignError
from payouts.models import Throttle

LONGEST_SHUT = timedelta(minutes=15)
FAILURES_UNTIL_SHUT = 100
THROTTLES_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Patience:
    """How many failures cost nothing, and after what quiet time they are forgotten (None: never)."""

    free: int
    forgets_after: timedelta | None = None


PERSON = Patience(free=4)
# By the first word of a door; every other door is a person's.
SOURCES = {
    "source": Patience(free=60, forgets_after=timedelta(hours=1)),
    "reset": Patience(free=5, forgets_after=timedelta(hours=1)),
}


class Throttled(CountersignError):
    """Too many attempts at this door; `until` is None when only an administrator can open it."""

    def __init__(self, until: datetime | None) -> None:
        self.until = until
        when = "Ask an administrator to unblock it." if until is None else f"Try again in {_wait(until)}."
        super().__init__(f"Too many attempts. {when}")


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


def taken_back(door: str) -> None:
    """Uncount one attempt that turned out right; the other failures of the source stay counted."""
    Throttle.objects.filter(door=door, failures__gt=0).update(failures=F("failures") - 1, shut_until=None)


def forget_old() -> int:
    """Delete the counts of doors not tried for a month, except of doors that stay shut; how many there were."""
    old = Throttle.objects.filter(tried_at__lt=timezone.now() - THROTTLES_KEPT_FOR, failures__lt=FAILURES_UNTIL_SHUT)
    return old.delete()[0]


def unblock(username: str) -> int:
    """Open every door of a person; the number of doors that were counting."""
    name = username.lower()
    doors = Q(door__startswith=f"password:{name}:") | Q(door__startswith=f"code:{name}:")
    return Throttle.objects.filter(doors).update(failures=0, shut_until=None)


def _count(door: str) -> None:
    patience = SOURCES.get(door.partition(":")[0], PERSON)
    Throttle.objects.get_or_create(door=door, defaults={"tried_at": timezone.now()})
    row = Throttle.objects.select_for_update().get(door=door)
    now = timezone.now()  # after the wait for the row, or a parallel attempt would seem to be in the future
    if patience.forgets_after is None and row.failures >= FAILURES_UNTIL_SHUT:
        raise Throttled(None)
    if row.shut_until is not None and row.shut_until > now:
        raise Throttled(row.shut_until)
    if patience.forgets_after is not None and now - row.tried_at > patience.forgets_after:
        row.failures = 0
    row.failures += 1
    wait = wait_after(row.failures, patience)
    row.shut_until = now + wait if wait else None
    row.tried_at = now
    row.save()


def wait_after(failures: int, patience: Patience = PERSON) -> timedelta:
    """How long a door stays shut after so many failures in a row."""
    if failures <= patience.free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - patience.free, 20)), LONGEST_SHUT)
