"""A provider that answers as it was told to, and the answers themselves. Put in at one seam: accounts.client."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from payouts.domain.errors import InvalidValue
from payouts.domain.sending.answer import Accepted, Answer, Exchange, NotExecuted, Refused, Unknown
from payouts.domain.sending.instruction import Instruction
from payouts.domain.unknown.record import Listed, Record, Records, RecordStatus, Unavailable
from payouts.domain.withdrawals.order import Order
from payouts.providers.base import promises_of
from payouts.providers.registry import PROVIDERS
from payouts.providers.swapspace.provider import Swapspace
from payouts.providers.zoomex.provider import Zoomex

EXCHANGE = Exchange(http_status=200, duration_ms=12, raw='{"ok":1}')
ACCEPTED = Accepted("10195", EXCHANGE)
REFUSED = Refused("10001", "Parameter error", EXCHANGE)
UNKNOWN = Unknown("timeout", "No answer in time", Exchange(None, 20_000, ""))
NOT_EXECUTED = NotExecuted("10006", "Too many requests", 5.0, EXCHANGE)


def accepted_as(withdrawal_id: str | None) -> Accepted:
    """The documented yes, with this id."""
    return replace(ACCEPTED, provider_id=withdrawal_id)


class Crash(Exception):
    """A fault of our own in the middle of a call."""


NOT_SIGNABLE = InvalidValue("order", "not_signable", "The order cannot be signed.")


class ScriptedProvider:
    """Gives the answers in turn, or raises what stands in for one, and remembers what it was asked."""

    resend_allowed = True  # it stands in for every provider: what it promises too much, the account's row forbids
    can_look_up = True
    stop_codes = frozenset({"10003"})
    assets = (*Zoomex.assets, *Swapspace.assets)
    decimals_of_others = Zoomex.decimals_of_others

    def __init__(self, *answers: Answer | Exception, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.answers = list(answers)
        self.meanwhile = meanwhile
        self.orders: list[Instruction] = []  # what it was told, call by call
        self.asked_at: list[float] = []
        self.answered_at: list[float] = []
        self.began: list[float | None] = []

    def submit(self, instruction: Instruction, *, began: float | None = None) -> Answer:
        """The next answer."""
        self.orders.append(instruction)
        self.began.append(began)
        self.asked_at.append(time.monotonic())
        self.meanwhile()
        answer = self.answers.pop(0)
        self.answered_at.append(time.monotonic())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing to let go."""


class Blind(ScriptedProvider):
    """One that promises no more than Swapspace: nothing is sent again, and nothing can be asked."""

    resend_allowed = False
    can_look_up = False


PROMISES = promises_of(ScriptedProvider)  # type: ignore[arg-type]  # as much of a provider as tests need
PROMISED = {name: promises_of(provider) for name, provider in PROVIDERS.items()}  # by the provider's name


class LookUpProvider(ScriptedProvider):
    """One that can be asked for records, too: it lists what `book` holds, or is unavailable when told so."""

    look_ups_a_minute = 300

    def __init__(self, *answers: Answer | Exception, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__(*answers, meanwhile=meanwhile)
        self.book: list[Record] = []
        self.unavailable: Unavailable | None = None
        self.asked: list[tuple[datetime, datetime]] = []

    def records(self, *, since: datetime, until: datetime) -> Records:
        """Every record of that time."""
        self.asked.append((since, until))
        if self.unavailable is not None:
            return self.unavailable
        return Listed(tuple(record for record in self.book if since <= record.created_at <= until))

    def clock_skew(self) -> timedelta | None:
        """Not measured."""
        return None


def record_of(order: Order, record_id: str = "20001", *, at: datetime, **changes: Any) -> Record:
    """The provider's record of an order."""
    plain = Record(
        provider_id=record_id,
        tx_id="",
        coin=order.coin,
        amount=order.amount,
        fee=Decimal(0),
        address=order.address,
        status=RecordStatus.PENDING,
        status_text="Pending Review",
        known=True,
        created_at=at,
        raw="{}",
    )
    return replace(plain, **changes)


COMPLETED = {"status": RecordStatus.COMPLETED, "status_text": "Transferred successfully"}
FAILED = {"status": RecordStatus.FAILED, "status_text": "Rejected"}
AWAY = Unavailable("timeout", "No answer in time", EXCHANGE)
