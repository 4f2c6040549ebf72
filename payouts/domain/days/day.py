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
PAID = "paid"  # the verdict
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
    payment: UUID  # the withdrawal, or the lost call
    lost_call: int | None  # the account's number of it; None where it is a withdrawal
    is_sure: bool  # False while it is not known what became of that payment: it may be its record


@dataclass(frozen=True)
class LostLine:
    """One call of the day whose row was lost, and that no withdrawal answers for."""

    id: UUID
    serial: int  # the account's how-manieth call it was
    reference: str
    called_at: datetime
    payee: str  # the address, as far as it is known
    coin: str  # empty while nothing is known but a digest
    amount: Decimal | None  # None while nothing is known but a digest
    verdict: str  # of two people; empty while they have not decided
    found_as: str
    given: str  # the id with which the provider answered
    found_by: tuple[str, ...]  # who said and who confirmed what became of it
    record: RecordLine | None
    is_counted: bool  # False where the payment is another line's, or another day's, as well

    @property
    def is_decided(self) -> bool:
        """Whether two people have said what became of it."""
        return bool(self.verdict)

    @property
    def is_paid(self) -> bool:
        """Whether two people have said that it was paid."""
        return self.verdict == PAID


@dataclass(frozen=True)
class Total:
    """What became of the day's withdrawals, and of its lost calls that are paid or undecided, of one coin."""

    coin: str
    withdrawals: int
    lost_calls: int
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
    lost: tuple[LostLine, ...]

    def open_orphans(self) -> int:
        """How many nobody has explained yet."""
        return sum(1 for orphan in self.orphans if not orphan.closed_because)

    def unsettled(self) -> int:
        """Of how many withdrawals and lost calls it is not known yet what became of them."""
        undecided = sum(1 for line in self.lost if not line.is_decided)
        return undecided + sum(1 for payment in self.payments if payment.status in UNSETTLED)

    def totals(self) -> tuple[Total, ...]:
        """One total for each coin that occurs, in the order of their names."""
        lost = [line for line in self.lost if line.is_counted and (line.is_paid or not line.is_decided) and line.coin]
        return tuple(
            _total(
                coin,
                [payment for payment in self.payments if payment.coin == coin],
                [line for line in lost if line.coin == coin],
            )
            for coin in sorted({line.coin for line in lost} | {payment.coin for payment in self.payments})
        )


def _total(coin: str, payments: list[PaymentLine], lost: list[LostLine]) -> Total:
    def sum_of(*statuses: Status) -> Decimal:
        return exact_sum(payment.amount for payment in payments if payment.status in statuses)

    found = [line.amount or Decimal(0) for line in lost if line.is_paid]
    undecided = [line.amount or Decimal(0) for line in lost if not line.is_paid]
    fees = [*(payment.fee for payment in payments), *(line.record.fee for line in lost if line.record and line.is_paid)]
    return Total(
        coin=coin,
        withdrawals=len(payments),
        lost_calls=len(lost),
        paid=exact_sum([sum_of(Status.COMPLETED), *found]),
        under_way=sum_of(*UNDER_WAY),
        unknown=exact_sum([sum_of(Status.UNKNOWN), *undecided]),
        not_paid=sum_of(Status.FAILED, Status.REFUSED),
        fees=exact_sum(fee for fee in fees if fee is not None),
    )


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, not rounded to the precision that decimals have by default."""
    with localcontext(prec=_DIGITS):
        return sum(amounts, Decimal(0))
