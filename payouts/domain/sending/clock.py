"""Our clock against a provider's: whether the provider takes requests that carry our time. Facts in, verdict out."""

from datetime import timedelta
from enum import StrEnum

FAST_WARNS = timedelta(milliseconds=500)
FAST_REFUSES = timedelta(seconds=1)  # Zoomex refuses a time that is a second ahead of its own


class Clock(StrEnum):
    """How our clock stands against a provider's."""

    RIGHT = "right"
    FAST = "fast"  # requests are still taken
    WRONG = "wrong"  # requests would be refused, and a refusal is final

    @property
    def may_send(self) -> bool:
        """False when the provider would refuse requests that carry our time."""
        return self is not Clock.WRONG


def judge(skew: timedelta, *, tolerates_behind: timedelta) -> Clock:
    """What a measured skew means: the provider's time minus ours, so negative when ours is fast."""
    if -skew >= FAST_REFUSES or skew >= tolerates_behind:
        return Clock.WRONG
    return Clock.FAST if -skew > FAST_WARNS else Clock.RIGHT
