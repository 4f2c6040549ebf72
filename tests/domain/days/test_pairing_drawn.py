"""Pairing, over thousands of drawn cases: nothing is lost, nothing is used twice, no order of rows matters."""

import random
from dataclasses import replace
from decimal import Decimal

from payouts.domain.days.pairing import Pairing
from payouts.domain.days.partners import Entry, Payment
from payouts.domain.unknown.record import RecordStatus
from tests.props.facts.payments import ORDER, SENT, entry, paired, payment, who


def drawing(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  a draw that can be repeated


def drawn(draw: random.Random) -> tuple[list[Entry], list[Payment]]:
    """Few values each, so that records and withdrawals often fit and often collide."""
    numbers = range(1, draw.randrange(8))
    amounts = [Decimal("12.5"), Decimal("12.500"), Decimal("7")]
    linked = draw.sample(range(1, 12), k=11)
    entries = [
        entry(
            number,
            seconds=draw.randrange(0, 200, 20),
            withdrawal=linked.pop() if draw.random() < 0.2 else None,
            amount=draw.choice(amounts),
            address=draw.choice(["12345678", "12345679"]),
            status=draw.choice(list(RecordStatus)),
            tx_id=draw.choice(["", "", "0xa", "0xb"]),
        )
        for number in numbers
    ]
    payments = [
        payment(
            number,
            seconds=draw.randrange(0, 200, 20),
            status=draw.choice(SENT),
            provider_id=draw.choice(["", "", f"r{number}", f"r{number + 1}"]),
            tx_id=draw.choice(["", "", "0xa", "0xb"]),
            order=replace(ORDER, amount=draw.choice(amounts)),
        )
        for number in range(1, draw.randrange(8))
    ]
    return entries, payments


def everything(found: Pairing) -> tuple[list[str], list[int]]:
    """Every record's id and every withdrawal's, as often as they stand in the result."""
    both = who([*found.pairs, *found.suggestions, *found.orphans])
    records = [name for name, _ in both if name] + [each.record.provider_id for each in found.elsewhere]
    withdrawals = [number for _, number in both if number] + [each.id.int for each in found.unrecorded]
    return sorted(records), sorted(withdrawals)


def test_each_record_and_each_withdrawal_stands_in_one_place_once() -> None:
    for seed in range(2000):
        entries, payments = drawn(drawing(seed))
        records, withdrawals = everything(paired(entries, payments))
        assert records == sorted(each.record.provider_id for each in entries), seed
        assert withdrawals == sorted(each.id.int for each in payments), seed


def test_the_order_in_which_they_are_given_changes_nothing() -> None:
    for seed in range(300):
        draw = drawing(seed)
        entries, payments = drawn(draw)
        first = paired(entries, payments)
        draw.shuffle(entries)
        draw.shuffle(payments)
        assert paired(entries, payments) == first, seed


def test_no_pair_contradicts_itself_and_no_orphan_fits_another() -> None:
    for seed in range(1000):
        found = paired(*drawn(drawing(seed)))
        assert paired([each.entry for each in found.pairs], [each.payment for each in found.pairs]).orphans == (), seed
        left = [each.entry for each in found.orphans if each.entry and not each.payment and not each.entry.withdrawal]
        missing = [each.payment for each in found.orphans if each.payment and not each.entry]
        again = paired(left, [*missing, *found.unrecorded])
        assert (again.pairs, again.suggestions) == ((), ()), seed
