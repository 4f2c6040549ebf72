"""What a lost call is known to have paid is its payment by name: no orphan, and no withdrawal's that it merely fits."""

from dataclasses import replace
from decimal import Decimal

import pytest

from payouts.domain.days.lost import Lost
from payouts.domain.days.pairing import Pairing
from tests.props.facts.payments import ORDER, entry, lost, paired, payment, who

NAMED = [lost(7, "r1"), lost(7, given="r1"), lost(7, "r1", "r1"), lost(7, "0xA", order=ORDER), lost(7, "a")]


def whose(found: Pairing) -> list[tuple[str, int]]:
    return [(pair.entry.record.provider_id, pair.call.serial) for pair in found.lost]


@pytest.mark.parametrize("call", [*NAMED, *(replace(each, elsewhere="twin") for each in NAMED)])
def test_what_names_its_payment_is_no_orphan_and_fits_no_equal_withdrawal(call: Lost) -> None:
    found = paired([entry(1, tx_id="0xa"), entry(2, seconds=9)], [payment(1)], call)
    assert (whose(found), who(found.pairs), found.orphans) == ([("r1", 7)], [("r2", 1)], ())


@pytest.mark.parametrize("call", [lost(7), lost(7, "r3", "r4"), lost(7, "0xb")])
def test_what_it_does_not_name_stays_as_it_was(call: Lost) -> None:
    found = paired([entry(1, tx_id="0xa"), entry(2)], [payment(1)], call)
    assert (found.lost, who(found.pairs), who(found.orphans)) == ((), [("r1", 1)], [("r2", 0)])


def test_what_is_known_as_a_withdrawals_is_that_ones() -> None:
    linked, named, on_chain = entry(1, withdrawal=1), entry(2), entry(3, tx_id="0xa")
    payments = [payment(1), payment(2, provider_id="r2"), payment(3, tx_id="0xa")]
    found = paired([linked, named, on_chain], payments, lost(7, "r1"), lost(8, "r2"), lost(9, "0xa"))
    assert (found.lost, who(found.pairs)) == ((), [("r1", 1), ("r2", 2), ("r3", 3)])


def test_of_a_transaction_that_paid_several_it_has_the_one_that_was_ordered() -> None:
    records = [entry(1, tx_id="0xa", amount=Decimal(7)), entry(2, tx_id="0xa", seconds=5)]
    found = paired(records, [], lost(7, "a", order=ORDER))
    assert (whose(found), who(found.orphans)) == ([("r2", 7)], [("r1", 0)])


def test_whoever_knows_what_was_ordered_chooses_first() -> None:
    records = [entry(1, tx_id="0xa"), entry(2, tx_id="0xa", amount=Decimal(7), seconds=5)]
    assert whose(paired(records, [], lost(7, "a"), lost(8, "a", order=ORDER, seconds=9))) == [("r1", 8), ("r2", 7)]


def test_a_call_with_its_record_takes_no_other_of_the_same_transaction() -> None:
    records = [entry(1, tx_id="0xa"), entry(2, tx_id="0xa")]
    found = paired(records, [], lost(7, "0xa", "r2"))
    assert (whose(found), who(found.orphans)) == ([("r2", 7)], [("r1", 0)])


def test_ones_own_call_comes_before_anothers() -> None:
    found = paired([entry(1)], [], lost(7, "r1", elsewhere="twin"), lost(8, "r1", seconds=9))
    assert whose(found) == [("r1", 8)]
