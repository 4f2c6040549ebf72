"""Two-way reconciliation of one account: which record and which withdrawal are one payment, and what has no partner."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from payouts.domain.days.lost import Lost, LostPair, named, on_chain
from payouts.domain.days.partners import Entry, Payment, differences, may_be_one, needs_a_record, outcome_differs
from payouts.domain.unknown.matching import matches
from payouts.domain.withdrawals.status import Status

_MAY_BE_PAID = frozenset({Status.SUBMITTING, Status.UNKNOWN})  # it may have been paid, or not
_NOBODY = (None, "")
_NOT_OURS = "No withdrawal of ours is this payment."
_NOT_THEIRS = "It is completed here, and the provider has no record of it."


class OrphanKind(StrEnum):
    """Which side is missing, or that the two sides differ."""

    RECORD_WITHOUT_WITHDRAWAL = "record_without_withdrawal"  # a payment made outside this tool
    WITHDRAWAL_WITHOUT_RECORD = "withdrawal_without_record"
    DIFFERS = "differs"  # partners, but coin, amount, recipient or outcome is another

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Pair:
    """A record and a withdrawal that are one payment."""

    entry: Entry
    payment: Payment


@dataclass(frozen=True)
class Mismatch:
    """A record or a withdrawal without a partner, or a pair that differs."""

    kind: OrphanKind
    entry: Entry | None  # None when the record is what is missing
    payment: Payment | None  # None when the withdrawal is what is missing
    what: str  # in a sentence, without addresses


@dataclass(frozen=True)
class Pairing:
    """The result of `pair`: every given record and every withdrawal of the account stands in exactly one of the fields.

    Those of other accounts stand in `others` and `maybe_others`, or nowhere.
    """

    pairs: tuple[Pair, ...]
    suggestions: tuple[Pair, ...]  # a record that could be an undecided withdrawal's: a person decides
    orphans: tuple[Mismatch, ...]
    unrecorded: tuple[Payment, ...]  # withdrawals without a record that need none, or none yet
    elsewhere: tuple[Entry, ...]  # records linked to a withdrawal that was not given
    others: tuple[Pair, ...]  # with withdrawals that another account of the customer sent: its days tell of those
    maybe_others: tuple[Pair, ...]  # records that could be an undecided one's of those
    lost: tuple[LostPair, ...]  # what lost calls paid, by name: no withdrawal's


def pair(
    entries: Iterable[Entry], payments: Iterable[Payment], calls: Collection[Lost] = (), *, within: timedelta
) -> Pairing:
    """Pair records with withdrawals: by link, by the provider's id, by transaction, and last by what was paid when.

    Of several equal records the earliest goes to the earliest withdrawal. Beside those of its own time the caller
    passes the records and withdrawals shortly before and after it, and all linked partners: without them a partner
    seems to be missing. A withdrawal is linked to one record at most. `within` is how long after a call began the
    provider may still make a record of it.

    Withdrawals that other accounts of the customer sent are given as well: all accounts of one customer list the same
    records, so each of them pairs them alike, and a record is one withdrawal's. What they sent and was not paid by what
    is known takes no record that merely fits.

    A record that names a payment of one of the lost `calls`, the account's own or another's, fits no withdrawal.
    """

    def fits(entry: Entry, payment: Payment) -> bool:
        sent = {"sent_after": payment.sent_at, "sent_before": payment.sent_at + within}
        is_told_apart = payment.is_by_name_only or not may_be_one(entry, payment)
        return not is_told_apart and matches(payment.order, entry.record, **sent)

    def fits_differing(entry: Entry, payment: Payment) -> bool:
        return not payment.elsewhere and fits(entry, payment)

    def fits_undecided(entry: Entry, payment: Payment) -> bool:
        return (not payment.elsewhere or payment.status in _MAY_BE_PAID) and fits(entry, payment)

    def is_ours(_: Entry, payment: Payment) -> bool:
        return not payment.elsewhere

    def may_be_ours(entry: Entry, payment: Payment) -> bool:
        return not payment.is_by_name_only and may_be_one(entry, payment)

    def says_the_same(entry: Entry, payment: Payment) -> bool:
        return may_be_one(entry, payment) and not differences(entry, payment)  # one transaction may pay several

    alone = _Unpaired(entries, payments)
    elsewhere = alone.leave_elsewhere()
    pairs = [
        *alone.take(lambda entry: entry.withdrawal, lambda payment: payment.id),
        *alone.take(lambda entry: entry.record.provider_id, lambda payment: payment.provider_id, is_ours),
        *alone.take(lambda entry: entry.record.provider_id, lambda payment: payment.provider_id),
    ]
    by_id = alone.leave(named(alone.entries.values(), calls))
    pairs += [
        *alone.take(lambda entry: entry.record.tx_id, lambda payment: payment.tx_id, says_the_same),
        *alone.take(lambda entry: entry.record.tx_id, lambda payment: payment.tx_id, may_be_ours),
    ]
    by_transaction = alone.leave(on_chain(alone.entries.values(), calls, by_id))
    pairs += [
        *alone.take(_paid, _decided, lambda *both: fits(*both) and not outcome_differs(*both)),
        *alone.take(_paid, _decided, fits_differing),
    ]
    ours, others = _parted(pairs)
    suggestions, maybe_others = _parted(alone.take(_paid, _ordered, fits_undecided))
    differing = [orphan for each in ours if (orphan := _differing(each))]
    return Pairing(
        pairs=tuple(each for each in ours if not _differing(each)),
        suggestions=tuple(suggestions),
        orphans=(*differing, *alone.orphans()),
        unrecorded=tuple(payment for payment in alone.ours() if not needs_a_record(payment)),
        elsewhere=elsewhere,
        others=tuple(others),
        maybe_others=tuple(maybe_others),
        lost=(*by_id, *by_transaction),
    )


def _parted(pairs: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Those of the account's own withdrawals, and those of other accounts'."""
    both = list(pairs)
    return [each for each in both if not each.payment.elsewhere], [each for each in both if each.payment.elsewhere]


class _Unpaired:
    """The records and withdrawals that have no partner yet, numbered in order of time."""

    def __init__(self, entries: Iterable[Entry], payments: Iterable[Payment]) -> None:
        in_time = sorted(entries, key=lambda entry: (entry.record.created_at, entry.record.provider_id))
        self.entries = dict(enumerate(in_time))
        self.payments = dict(enumerate(sorted(payments, key=lambda payment: (payment.sent_at, payment.id))))

    def leave_elsewhere(self) -> tuple[Entry, ...]:
        """Remove and return the records that are linked to a withdrawal that was not given."""
        given = {payment.id for payment in self.payments.values()}
        away = [at for at, entry in self.entries.items() if entry.withdrawal and entry.withdrawal not in given]
        return tuple(self.entries.pop(at) for at in away)

    def leave(self, found: list[LostPair]) -> list[LostPair]:
        """Remove the records of what lost calls paid; the same pairs."""
        gone = {pair.entry.record.provider_id for pair in found}
        self.entries = {at: entry for at, entry in self.entries.items() if entry.record.provider_id not in gone}
        return found

    def take(
        self,
        entry_key: Callable[[Entry], Hashable],
        payment_key: Callable[[Payment], Hashable],
        fits: Callable[[Entry, Payment], bool] = lambda *_: True,
    ) -> list[Pair]:
        """Remove and return pairs of one key that fit, the earliest first. The keys None and "" pair nothing."""
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

    def ours(self) -> list[Payment]:
        """The account's own withdrawals that are left."""
        return [payment for payment in self.payments.values() if not payment.elsewhere]

    def orphans(self) -> list[Mismatch]:
        """A Mismatch for each record that is left, and for each withdrawal that is left and needs a record."""
        missing = [payment for payment in self.ours() if needs_a_record(payment)]
        return [
            *(Mismatch(OrphanKind.RECORD_WITHOUT_WITHDRAWAL, each, None, _NOT_OURS) for each in self.entries.values()),
            *(Mismatch(OrphanKind.WITHDRAWAL_WITHOUT_RECORD, None, each, _NOT_THEIRS) for each in missing),
        ]


def _paid(entry: Entry) -> Hashable:
    return entry.record.coin, entry.record.amount


def _ordered(payment: Payment) -> Hashable:
    return payment.order.coin, payment.order.amount


def _decided(payment: Payment) -> Hashable:
    return None if payment.status in _MAY_BE_PAID else _ordered(payment)


def _differing(pair: Pair) -> Mismatch | None:
    said = differences(pair.entry, pair.payment)
    what = f"The provider's record says: {'; '.join(said)}."
    return Mismatch(OrphanKind.DIFFERS, pair.entry, pair.payment, what) if said else None
