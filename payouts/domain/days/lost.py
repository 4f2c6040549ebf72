"""Lost calls among an account's records: what is known to be one's payment is no withdrawal's, and no orphan."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from payouts.domain.days.partners import Entry
from payouts.domain.unknown.matching import same_payment
from payouts.domain.withdrawals.order import Order


@dataclass(frozen=True)
class Lost:
    """A lost call that two people found paid, or that the provider accepted and nobody found unpaid."""

    id: UUID
    serial: int
    called_at: datetime
    found_as: str  # the provider's id or the transaction, of two people; else empty
    given: str  # the provider's id, as it answered; else empty
    order: Order | None  # None where nothing is known of it but its digest
    elsewhere: str = ""  # the account that made it, where it is another one whose customer is or may be the same


@dataclass(frozen=True)
class LostPair:
    """A record and the lost call that it is a payment of."""

    entry: Entry
    call: Lost


def plain_hash(tx_id: str) -> str:
    """One spelling of the two or three that a transaction has."""
    return tx_id.lower().removeprefix("0x")


def named(entries: Iterable[Entry], calls: Iterable[Lost]) -> list[LostPair]:
    """The records whose id was given to a call, or found to be its payment; the account's own calls before others'."""
    waiting = {entry.record.provider_id: entry for entry in entries}
    return [
        LostPair(waiting.pop(name), call)
        for call in sorted(calls, key=_own_and_early)
        for name in (call.found_as, call.given)
        if name and name in waiting
    ]


def on_chain(entries: Iterable[Entry], calls: Iterable[Lost], before: Iterable[LostPair]) -> list[LostPair]:
    """The records of transactions as which calls were found paid; of several, that of what was ordered.

    A transaction may pay several people: one record for each call, and none for a call that has its record `before`.
    """
    has = {(pair.call.id, plain_hash(pair.entry.record.tx_id)) for pair in before}
    waiting = list(entries)
    found = []
    for call in sorted(calls, key=lambda call: (call.order is None, *_own_and_early(call))):  # who knows chooses first
        name = plain_hash(call.found_as)
        same = [entry for entry in waiting if name and plain_hash(entry.record.tx_id) == name]
        if same and (call.id, name) not in has:
            entry = min(same, key=lambda entry: (not _is_ordered(call, entry), entry.record.created_at))
            waiting.remove(entry)
            found.append(LostPair(entry, call))
    return found


def _own_and_early(call: Lost) -> tuple[bool, datetime, Hashable]:
    return bool(call.elsewhere), call.called_at, call.id


def _is_ordered(call: Lost, entry: Entry) -> bool:
    return call.order is not None and same_payment(call.order, entry.record)
