"""Which pairs are beyond doubt: no other record and no other withdrawal could take either's place."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import timedelta

from payouts.domain.matching import matches
from payouts.domain.pairing import Pair
from payouts.domain.partners import Entry, Payment, may_be_one


def exact(
    pairs: Iterable[Pair], entries: Iterable[Entry], payments: Iterable[Payment], *, within: timedelta
) -> list[Pair]:
    """Those of the pairs that are not linked yet and fit each other alone, among everything that was given.

    The provider's id is proof in itself. What was linked already cannot be anybody else's.
    """
    linked = {entry.withdrawal for entry in entries}
    records: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.withdrawal is None:
            records[entry.record.coin, entry.record.amount].append(entry)
    sent: dict[Hashable, list[Payment]] = defaultdict(list)
    for payment in payments:
        if payment.id not in linked:
            sent[payment.order.coin, payment.order.amount].append(payment)

    def fits(entry: Entry, payment: Payment) -> bool:
        times = {"sent_after": payment.sent_at, "sent_before": payment.sent_at + within}
        return may_be_one(entry, payment) and matches(payment.order, entry.record, **times)

    def is_exact(pair: Pair) -> bool:
        entry, payment = pair.entry, pair.payment
        if payment.withdrawal_id and payment.withdrawal_id == entry.record.withdrawal_id:
            return True
        equal = entry.record.coin, entry.record.amount
        others = [each for each in records[equal] if each != entry and fits(each, payment)]
        rivals = [each for each in sent[equal] if each != payment and fits(entry, each)]
        return not others and not rivals

    return [pair for pair in pairs if pair.entry.withdrawal is None and is_exact(pair)]
