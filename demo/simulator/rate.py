"""A provider's rate limit: so many starts in a rolling window, per key."""

from collections import defaultdict, deque


class RollingLimit:
    """Counts only what it let in, each from its start; a refused call does not push the window on."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._starts: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, key: str, limit: int, at: float) -> bool:
        """Whether a call that starts `at` may go on. A limit of 0 admits everything."""
        starts = self._recent(key, at)
        if 0 < limit <= len(starts):
            return False
        starts.append(at)
        return True

    def headers(self, key: str, limit: int, at: float) -> dict[str, str]:
        """The documented X-Bapi-Limit headers; none where the limit is switched off."""
        if limit == 0:
            return {}
        starts = self._recent(key, at)
        left = limit - len(starts)
        return _headers(limit, left, at) if left > 0 else used_up(limit, starts[0] + self._window)

    def _recent(self, key: str, at: float) -> deque[float]:
        starts = self._starts[key]
        while starts and at - starts[0] >= self._window:
            starts.popleft()
        return starts


def used_up(limit: int, reset: float) -> dict[str, str]:
    """The headers when nothing is left of a limit before the moment `reset`."""
    return _headers(limit, 0, reset)


def _headers(limit: int, left: int, reset: float) -> dict[str, str]:
    return {
        "X-Bapi-Limit": str(limit),
        "X-Bapi-Limit-Status": str(left),
        "X-Bapi-Limit-Reset-Timestamp": str(int(reset * 1000)),
    }
