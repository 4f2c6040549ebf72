"""Which record of a provider's statement is an order's, where the provider keeps no reference of ours."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.record import Record
from payouts.domain.withdrawals.order import Order

# Records tell whole seconds, and the two clocks differ. A provider that refuses requests whose clock is more
# than a second fast or five slow cannot be further away than this.
TOLERANCE = timedelta(seconds=10)

_PHONE_PUNCTUATION = re.compile(r"[ ()+.-]")


@dataclass(frozen=True)
class Found:
    """Exactly one unclaimed record fits the order."""

    record: Record


@dataclass(frozen=True)
class Ambiguous:
    """Several unclaimed records fit, and nothing tells which: a person decides."""

    count: int


@dataclass(frozen=True)
class Absent:
    """No unclaimed record fits. One look proves little: a record may appear late."""


def matches(order: Order, record: Record, *, sent_after: datetime, sent_before: datetime) -> bool:
    """Whether the record says what the order says, and was made when the order was on its way.

    `sent_after` is before the first byte left. `sent_before` is the latest moment at which the provider may have made a
    record of the call; for a call that we gave up that is later than when we gave up.
    """
    in_time = sent_after - TOLERANCE <= record.created_at <= sent_before + TOLERANCE
    return in_time and same_payment(order, record)


def same_payment(order: Order, record: Record) -> bool:
    """Whether coin, amount and recipient of the record are the order's; the time is not compared."""
    same_amount = record.coin == order.coin and record.amount == order.amount
    return same_amount and same_recipient(order, record.address)


def find(
    order: Order,
    records: Iterable[Record],
    *,
    claimed_ids: frozenset[str],
    sent_after: datetime,
    sent_before: datetime,
) -> Found | Ambiguous | Absent:
    """The order's record among all of a statement; `claimed_ids` are the ids of records of other withdrawals.

    Which of two equal orders a single record belongs to cannot be told: the record is Found for either, so the caller
    claims it for one before it looks for the next.
    """
    fitting = {
        record
        for record in records
        if record.provider_id not in claimed_ids
        and matches(order, record, sent_after=sent_after, sent_before=sent_before)
    }
    if len(fitting) > 1:
        return Ambiguous(len(fitting))
    return Found(fitting.pop()) if fitting else Absent()


def same_recipient(order: Order, written: str) -> bool:
    """Whether an address, as a provider writes it in its records, is the order's."""
    match order.kind:
        case Kind.EMAIL | Kind.ETH_CHAIN:
            return written.lower() == order.address.lower()
        case Kind.PHONE:
            digits = _PHONE_PUNCTUATION.sub("", written)
            return digits in (order.address, order.area_code + order.address)
        case Kind.UID | Kind.TRX_CHAIN:
            return written == order.address


def spelling(written: str) -> str:
    """An address as a key to look records up by; the same recipient's key is one of the order's `spellings`."""
    return _PHONE_PUNCTUATION.sub("", written).lower()


def spellings(order: Order) -> frozenset[str]:
    """The keys of the order's recipient. An equal key does not prove that the recipient is the same."""
    return frozenset({spelling(order.address), spelling(order.area_code + order.address)})
