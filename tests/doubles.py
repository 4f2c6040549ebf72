"""A provider that answers as it was told to, and the answers themselves. Put in at one seam: accounts.client."""

import time
from collections.abc import Callable
from dataclasses import replace

from payouts.domain.answer import Accepted, Answer, Exchange, NotExecuted, Refused, Unknown
from payouts.domain.order import Order

EXCHANGE = Exchange(http_status=200, duration_ms=12, raw='{"ok":1}')
ACCEPTED = Accepted("10195", EXCHANGE)
REFUSED = Refused("10001", "Parameter error", EXCHANGE)
UNKNOWN = Unknown("timeout", "No answer in time", Exchange(None, 20_000, ""))
NOT_EXECUTED = NotExecuted("10006", "Too many requests", 5.0, EXCHANGE)


def accepted_as(withdrawal_id: str | None) -> Accepted:
    """The documented yes, with this id."""
    return replace(ACCEPTED, withdrawal_id=withdrawal_id)


class Crash(Exception):
    """A fault of our own in the middle of a call."""


class ScriptedProvider:
    """Gives the answers in turn, or is the crash that stands in for one, and remembers what it was asked."""

    def __init__(self, *answers: Answer | Crash, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.answers = list(answers)
        self.meanwhile = meanwhile
        self.orders: list[Order] = []
        self.asked_at: list[float] = []
        self.answered_at: list[float] = []

    def submit(self, order: Order) -> Answer:
        """The next answer."""
        self.orders.append(order)
        self.asked_at.append(time.monotonic())
        self.meanwhile()
        answer = self.answers.pop(0)
        self.answered_at.append(time.monotonic())
        if isinstance(answer, Crash):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing to let go."""
