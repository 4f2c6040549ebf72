"""An account's day as a statement: what was sent, what the provider recorded, what disagreed.

Days are UTC. The page shows nothing of a day but this, so that what is signed is what was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext
from uuid import UUID

from payouts.domain.withdrawals.status import Status

UNDER_WAY = frozenset({Status.SUBMITTING, Status.SUBMITTED})
UNSETTLED = UNDER_WAY | {Status.UNKNOWN}
_DIGITS = 60  # a sum of the longest amounts: exact, where the default context would round to 28


@dataclass(frozen=True)
class RecordLine:
    """One record of the provider's."""

    record_id: str
    tx_id: str
    coin: str
    amount: Decimal
    fee: Decimal | None  # None where the provider does not say
    address: str
    status: str
    status_text: str
    created_at: datetime


@dataclass(frozen=True)
class PaymentLine:
    """One withdrawal that was sent, the people behind it, and its record where there is one."""

    id: UUID
    payee: str
    address: str
    coin: str
    amount: Decimal
    status: Status
    sent_at: datetime
    provider_id: str
    tx_id: str
    fee: Decimal | None
    requested_by: str
    approved_by: tuple[str, ...]
    resolved_by: tuple[str, ...]  # who proposed and who confirmed what became of it; empty where a record told
    record: RecordLine | None

    @property
    def reference(self) -> str:
        """What the provider was told to know it by."""
        return self.id.hex


@dataclass(frozen=True)
class OrphanLine:
    """What had no partner, or one that differed, and who explained it."""

    id: int
    kind: str
    what: str
    payment: UUID | None
    record: RecordLine | None
    closed_by: str  # empty while it is open, and when its partner was found
    closed_because: str  # empty while it is open


@dataclass(frozen=True)
class ElsewhereLine:
    """One record of the day that is a payment of another account of the customer, whose own day tells of it."""

    record: RecordLine
    account: str
    payment: UUID
    is_sure: bool  # False while it is not known what became of that payment: it may be its record


@dataclass(frozen=True)
class Total:
    """What became of the day's withdrawals of one coin."""

    coin: str
    withdrawals: int
    paid: Decimal
    under_way: Decimal
    unknown: Decimal
    not_paid: Decimal
    fees: Decimal


@dataclass(frozen=True)
class DayStatement:
    """Everything that a day's page shows and that a sign-off signs."""

    account: str
    provider: str
    day: date
    payments: tuple[PaymentLine, ...]
    alone: tuple[RecordLine, ...]  # the day's records that belong to no withdrawal
    orphans: tuple[OrphanLine, ...]
    elsewhere: tuple[ElsewhereLine, ...]

    def open_orphans(self) -> int:
        """How many nobody has explained yet."""
        return sum(1 for orphan in self.orphans if not orphan.closed_because)

    def unsettled(self) -> int:
        """Of how many withdrawals it is not known yet what became of them."""
        return sum(1 for payment in self.payments if payment.status in UNSETTLED)

    def totals(self) -> tuple[Total, ...]:
        """One total for each coin that occurs, in the order of their names."""
        return tuple(
            _total(coin, [payment for payment in self.payments if payment.coin == coin])
            for coin in sorted({payment.coin for payment in self.payments})
        )


def _total(coin: str, payments: list[PaymentLine]) -> Total:
    def sum_of(*statuses: Status) -> Decimal:
        return exact_sum(payment.amount for payment in payments if payment.status in statuses)

    return Total(
        coin=coin,
        withdrawals=len(payments),
        paid=sum_of(Status.COMPLETED),
        under_way=sum_of(*UNDER_WAY),
        unknown=sum_of(Status.UNKNOWN),
        not_paid=sum_of(Status.FAILED, Status.REFUSED),
        fees=exact_sum(payment.fee for payment in payments if payment.fee is not None),
    )


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, not rounded to the precision that decimals have by default."""
    with localcontext(prec=_DIGITS):
        return sum(amounts, Decimal(0))
