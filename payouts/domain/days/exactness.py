"""Which pairs are beyond doubt: no other record and no other withdrawal could take either's place."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import timedelta

from payouts.domain.days.pairing import Pair
from payouts.domain.days.partners import Entry, Payment, may_be_one
from payouts.domain.unknown.matching import matches, spelling, spellings


def exact(
    pairs: Iterable[Pair], entries: Iterable[Entry], payments: Iterable[Payment], *, within: timedelta
) -> list[Pair]:
    """The pairs that are not linked yet and whose record and withdrawal fit nothing else in `entries` and `payments`.

    The same provider id on both sides is proof in itself. Linked records and withdrawals are no rivals. `within` is how
    long after a call began the provider may still make a record of it.
    """
    linked = {entry.withdrawal for entry in entries}
    records: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.withdrawal is None:
            records[_key(entry)].append(entry)
    sent = _by_key(payment for payment in payments if payment.id not in linked)

    def fits(entry: Entry, payment: Payment) -> bool:
        times = {"sent_after": payment.sent_at, "sent_before": payment.sent_at + within}
        return may_be_one(entry, payment) and matches(payment.order, entry.record, **times)

    def is_exact(pair: Pair) -> bool:
        entry, payment = pair.entry, pair.payment
        if payment.provider_id and payment.provider_id == entry.record.provider_id:
            return True
        others = (each for key in _keys(payment) for each in records[key] if each != entry and fits(each, payment))
        rivals = (each for each in sent[_key(entry)] if each != payment and fits(entry, each))
        return not any(others) and not any(rivals)

    return [pair for pair in pairs if pair.entry.withdrawal is None and is_exact(pair)]


def _by_key(payments: Iterable[Payment]) -> dict[Hashable, list[Payment]]:
    found: dict[Hashable, list[Payment]] = defaultdict(list)
    for payment in payments:
        for key in _keys(payment):
            found[key].append(payment)
    return found


def _key(entry: Entry) -> Hashable:
    return entry.record.coin, entry.record.amount, spelling(entry.record.address)


def _keys(payment: Payment) -> list[Hashable]:
    """The keys under which all fitting records stand: by amount and recipient, since thousands may share an amount."""
    order = payment.order
    return [(order.coin, order.amount, spelt) for spelt in spellings(order)]
