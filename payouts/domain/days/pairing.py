"""Two-way reconciliation of one account: which record and which withdrawal are one payment, and what has no partner."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from payouts.domain.days.partners import Entry, Payment, differences, may_be_one, needs_a_record, outcome_differs
from payouts.domain.unknown.matching import matches
from payouts.domain.withdrawals.status import Status

_UNDECIDED = frozenset({Status.SUBMITTING, Status.UNKNOWN})  # it may have been paid, or not
_NOBODY = (None, "")
_NOT_OURS = "No withdrawal of ours is this payment."
_NOT_THEIRS = "It is completed here, and the provider has no record of it."


class OrphanKind(StrEnum):
    """What lacks what."""

    RECORD_WITHOUT_WITHDRAWAL = "record_without_withdrawal"  # a payment made outside this tool
    WITHDRAWAL_WITHOUT_RECORD = "withdrawal_without_record"
    DIFFERS = "differs"  # partners, but coin, amount, recipient or outcome is another

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Pair:
    """A record and a withdrawal that are one payment."""

    entry: Entry
    payment: Payment


@dataclass(frozen=True)
class Orphan:
    """What has no partner, or one that differs."""

    kind: OrphanKind
    entry: Entry | None  # None when the record is what is missing
    payment: Payment | None  # None when the withdrawal is what is missing
    what: str  # in a sentence, without addresses


@dataclass(frozen=True)
class Pairing:
    """Every record and every withdrawal that was given: each in one place, once."""

    pairs: tuple[Pair, ...]
    suggestions: tuple[Pair, ...]  # a record that could be an undecided withdrawal's: a person decides
    orphans: tuple[Orphan, ...]
    unrecorded: tuple[Payment, ...]  # withdrawals without a record that need none, or none yet
    elsewhere: tuple[Entry, ...]  # records linked to a withdrawal that was not given


def pair(entries: Iterable[Entry], payments: Iterable[Payment], *, within: timedelta) -> Pairing:
    """Tell who belongs to whom: by link, by the provider's id, by transaction, and last by what was paid when.

    Among equal ones the earlier belongs to the earlier. Records and withdrawals near the ends of a stretch of time
    must come with those just beyond, and with the partners they are linked to, or they look like orphans. A
    withdrawal is linked to one record at most.
    `within` is how long after the call began the provider may still make a record of it.
    """

    def fits(entry: Entry, payment: Payment) -> bool:
        sent = {"sent_after": payment.sent_at, "sent_before": payment.sent_at + within}
        return may_be_one(entry, payment) and matches(payment.order, entry.record, **sent)

    def says_the_same(entry: Entry, payment: Payment) -> bool:
        return may_be_one(entry, payment) and not differences(entry, payment)  # one transaction may pay several

    alone = _Unpaired(entries, payments)
    elsewhere = alone.leave_elsewhere()
    pairs = [
        *alone.take(lambda entry: entry.withdrawal, lambda payment: payment.id),
        *alone.take(lambda entry: entry.record.provider_id, lambda payment: payment.provider_id),
        *alone.take(lambda entry: entry.record.tx_id, lambda payment: payment.tx_id, says_the_same),
        *alone.take(lambda entry: entry.record.tx_id, lambda payment: payment.tx_id, may_be_one),
        *alone.take(_paid, _decided, lambda *both: fits(*both) and not outcome_differs(*both)),
        *alone.take(_paid, _decided, fits),
    ]
    suggestions = alone.take(_paid, _ordered, fits)
    differing = [orphan for each in pairs if (orphan := _differing(each))]
    return Pairing(
        pairs=tuple(each for each in pairs if not _differing(each)),
        suggestions=tuple(suggestions),
        orphans=(*differing, *alone.orphans()),
        unrecorded=tuple(payment for payment in alone.payments.values() if not needs_a_record(payment)),
        elsewhere=elsewhere,
    )


class _Unpaired:
    """What has no partner as yet, by its place in time."""

    def __init__(self, entries: Iterable[Entry], payments: Iterable[Payment]) -> None:
        in_time = sorted(entries, key=lambda entry: (entry.record.created_at, entry.record.provider_id))
        self.entries = dict(enumerate(in_time))
        self.payments = dict(enumerate(sorted(payments, key=lambda payment: (payment.sent_at, payment.id))))

    def leave_elsewhere(self) -> tuple[Entry, ...]:
        """Put aside the records whose withdrawal was not given."""
        given = {payment.id for payment in self.payments.values()}
        away = [at for at, entry in self.entries.items() if entry.withdrawal and entry.withdrawal not in given]
        return tuple(self.entries.pop(at) for at in away)

    def take(
        self,
        entry_key: Callable[[Entry], Hashable],
        payment_key: Callable[[Payment], Hashable],
        fits: Callable[[Entry, Payment], bool] = lambda *_: True,
    ) -> list[Pair]:
        """Pair those with the same key that fit, the earliest first. Without a key, nobody is."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for at, entry in self.entries.items():
            waiting[entry_key(entry)].append(at)
        found = []
        for place, payment in list(self.payments.items()):
            key = payment_key(payment)
            partner = next((at for at in waiting[key] if key not in _NOBODY and fits(self.entries[at], payment)), None)
            if partner is not None:
                waiting[key].remove(partner)
                found.append(Pair(self.entries.pop(partner), self.payments.pop(place)))
        return found

    def orphans(self) -> list[Orphan]:
        """What should have a partner."""
        missing = [payment for payment in self.payments.values() if needs_a_record(payment)]
        return [
            *(Orphan(OrphanKind.RECORD_WITHOUT_WITHDRAWAL, each, None, _NOT_OURS) for each in self.entries.values()),
            *(Orphan(OrphanKind.WITHDRAWAL_WITHOUT_RECORD, None, each, _NOT_THEIRS) for each in missing),
        ]


def _paid(entry: Entry) -> Hashable:
    return entry.record.coin, entry.record.amount


def _ordered(payment: Payment) -> Hashable:
    return payment.order.coin, payment.order.amount


def _decided(payment: Payment) -> Hashable:
    return None if payment.status in _UNDECIDED else _ordered(payment)


def _differing(pair: Pair) -> Orphan | None:
    said = differences(pair.entry, pair.payment)
    what = f"The provider's record says: {'; '.join(said)}."
    return Orphan(OrphanKind.DIFFERS, pair.entry, pair.payment, what) if said else None
