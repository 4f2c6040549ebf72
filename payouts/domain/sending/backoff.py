"""When a provider's records are looked at again, and which stretches of time one query serves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

FIRST_POLL = timedelta(seconds=15)
FIRST_LOOK = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


def poll_again_in(looks: int) -> timedelta:
    """How long after the nth look at something SUBMITTED the next one is due; 0 is for the first."""
    return _doubled(FIRST_POLL, looks)


def look_again_in(looks: int, *, at_least: timedelta) -> timedelta:
    """How long after the nth look at something UNKNOWN the next one is due; 0 is for the first.

    `at_least` is how far apart two looks must be for the second to prove more than the first.
    """
    if looks < 1:
        return FIRST_LOOK
    return _doubled(max(at_least, FIRST_POLL), looks - 1)


def windows(
    stretches: Iterable[tuple[datetime, datetime]], gap: timedelta = timedelta(hours=1)
) -> list[tuple[datetime, datetime]]:
    """The fewest stretches of time that cover all given ones and leave out every gap longer than `gap`, earliest first.

    Each given stretch lies whole within one of the returned ones.
    """
    covering: list[tuple[datetime, datetime]] = []
    for since, until in sorted(stretches):
        if covering and since - covering[-1][1] <= gap:
            covering[-1] = (covering[-1][0], max(covering[-1][1], until))
        else:
            covering.append((since, until))
    return covering


def _doubled(first: timedelta, times: int) -> timedelta:
    """`first` doubled so many times, at most LONGEST_WAIT but never less than `first`."""
    doubled: timedelta = first * 2 ** min(max(times, 0), 16)
    return max(first, min(doubled, LONGEST_WAIT))
