"""Zoomex's clock: GET /cloud/trade/v3/market/time, unsigned. Source: docs/v3/market/time."""

import re
from collections.abc import Callable
from datetime import timedelta

from payouts.domain.sending.answer import Outcome
from payouts.providers.http import Lost, NotOpened
from payouts.providers.json_over_http import Calls, read_object
from payouts.providers.zoomex.v1 import verdict

TIME_PATH = "/cloud/trade/v3/market/time"
# The measure is wrong by up to half its round trip; beyond this it could not tell the half second that warns.
LONGEST_ROUND_TRIP = 1.0
_MEASURES = 2  # the first may have to open the connection, which makes its way there longer than its way back
_NANOSECONDS = re.compile(r"[0-9]{19}")


def skew(line: Calls, clock: Callable[[], float]) -> timedelta | None:
    """See LookUp.clock_skew."""
    measures = [_measure(line, clock) for _ in range(_MEASURES)]
    usable = [measure for measure in measures if measure and 0 <= measure[0] <= LONGEST_ROUND_TRIP]
    return timedelta(seconds=min(usable)[1]) if usable else None


def _measure(line: Calls, clock: Callable[[], float]) -> tuple[float, float] | None:
    """Round trip and skew in seconds; None when there was no answer that makes sense."""
    asked = clock()
    try:
        reply = line.call("GET", TIME_PATH, body=b"", headers={})
    except (Lost, NotOpened):
        return None
    round_trip = clock() - asked
    answer = read_object(reply.body)
    result = answer.get("result") if answer else None
    nano = result.get("timeNano") if isinstance(result, dict) else None
    said_yes = verdict(reply.http_status, answer).outcome is Outcome.ACCEPTED
    if not (said_yes and isinstance(nano, str) and _NANOSECONDS.fullmatch(nano)):
        return None
    return round_trip, int(nano) / 1e9 - (asked + round_trip / 2)
