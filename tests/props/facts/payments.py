"""Records and withdrawals to pair, in few words."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from payouts.domain.days.lost import Lost
from payouts.domain.days.pairing import Mismatch, Pair, Pairing, pair
from payouts.domain.days.partners import Entry, Payment
from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WITHIN = timedelta(seconds=90)
SENT = [
    Status.SUBMITTING,
    Status.UNKNOWN,
    Status.SUBMITTED,
    Status.COMPLETED,
    Status.FAILED,
    Status.REFUSED,
]
ORDER = Order(
    "a" * 32, "merchant", "swapspace", "http://127.0.0.1:9", "", Kind.UID, "", "12345678", "USDT", Decimal("12.50"), ""
)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def entry(number: int, *, seconds: float = 0, withdrawal: int | None = None, **changes: object) -> Entry:
    record = Record(
        provider_id=f"r{number}",
        tx_id="",
        coin="USDT",
        amount=Decimal("12.5"),
        fee=None,
        address="12345678",
        status=RecordStatus.COMPLETED,
        status_text="success",
        known=True,
        created_at=at(seconds),
        raw="",
    )
    return Entry(replace(record, **changes), UUID(int=withdrawal) if withdrawal else None)  # type: ignore[arg-type]


def payment(
    number: int,
    *,
    seconds: float = 0,
    status: Status = Status.COMPLETED,
    provider_id: str = "",
    tx_id: str = "",
    order: Order = ORDER,
    elsewhere: str = "",
    by_name: bool = False,
) -> Payment:
    return Payment(UUID(int=number), order, provider_id, status, at(seconds), tx_id, elsewhere, by_name)


def lost(
    number: int,
    found_as: str = "",
    given: str = "",
    *,
    order: Order | None = None,
    elsewhere: str = "",
    seconds: float = 0,
) -> Lost:
    return Lost(UUID(int=number), number, at(seconds), found_as, given, order, elsewhere)


def paired(entries: Iterable[Entry], payments: Iterable[Payment], *calls: Lost) -> Pairing:
    return pair(entries, payments, calls, within=WITHIN)


def who(pairs: Iterable[Pair | Mismatch]) -> list[tuple[str, int]]:
    """Record and withdrawal of each, as short names; empty or 0 for what is missing."""
    return [
        (each.entry.record.provider_id if each.entry else "", each.payment.id.int if each.payment else 0)
        for each in pairs
    ]
