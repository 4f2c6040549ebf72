"""A provider's record and a withdrawal of ours, and what speaks for or against their being one payment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from payouts.domain.money import plain
from payouts.domain.unknown.matching import same_recipient
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status

_SENT_BUT_NOT_PAID = frozenset({Status.REFUSED, Status.FAILED})


@dataclass(frozen=True)
class Entry:
    """A provider's record, and the withdrawal of ours that it is already linked to, if any."""

    record: Record
    withdrawal: UUID | None


@dataclass(frozen=True)
class Payment:
    """A withdrawal that was sent: SUBMITTING, UNKNOWN, SUBMITTED, COMPLETED, FAILED or REFUSED."""

    id: UUID
    order: Order
    provider_id: str  # the provider's; empty where it gives none
    status: Status
    sent_at: datetime  # before the first byte left
    tx_id: str  # empty where there is none, or none yet
    elsewhere: str = ""  # the account that sent it, where it is another one whose customer is or may be the same
    is_by_name_only: bool = False  # unsaid whether the same: only an id or a transaction makes a record its own


def may_be_one(entry: Entry, payment: Payment) -> bool:
    """False when the provider's ids differ, or when both name a transaction and it is not the same; else True."""
    another_id = payment.provider_id not in ("", entry.record.provider_id)
    both_on_chain = bool(payment.tx_id and entry.record.tx_id)
    return not another_id and not (both_on_chain and payment.tx_id != entry.record.tx_id)


def needs_a_record(payment: Payment) -> bool:
    """Whether the provider must have a record of the withdrawal: True for COMPLETED only."""
    return payment.status is Status.COMPLETED


def outcome_differs(entry: Entry, payment: Payment) -> bool:
    """Whether one side says paid and the other not.

    That is REFUSED or FAILED here with a record that is not FAILED (it may be on its way), or COMPLETED here with a
    FAILED record.
    """
    if payment.status in _SENT_BUT_NOT_PAID:
        return entry.record.status is not RecordStatus.FAILED
    return payment.status is Status.COMPLETED and entry.record.status is RecordStatus.FAILED


def differences(entry: Entry, payment: Payment) -> list[str]:
    """In what the record differs from the order, in words and without addresses; empty when the two agree."""
    record, order = entry.record, payment.order
    said = []
    if record.coin != order.coin:
        said.append(f"coin {record.coin}, not {order.coin}")
    if record.amount != order.amount:
        said.append(f"amount {plain(record.amount)}, not {plain(order.amount)}")
    if not same_recipient(order, record.address):
        said.append("another recipient")
    if outcome_differs(entry, payment):
        said.append(f"{record.status.value}, not {payment.status.value}")
    return said
