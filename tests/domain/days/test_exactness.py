"""Which pairs are beyond doubt: only those that fit each other alone."""

from dataclasses import replace

import pytest

from payouts.domain.days.exactness import exact
from payouts.domain.days.partners import Entry, Payment
from payouts.domain.withdrawals.status import Status
from tests.props.facts.payments import ORDER, WITHIN, entry, paired, payment, who


def sure(entries: list[Entry], payments: list[Payment]) -> list[tuple[str, int]]:
    """Who is tied to whom for good."""
    return who(exact(paired(entries, payments).pairs, entries, payments, within=WITHIN))


def test_one_record_and_one_withdrawal_that_fit_are_tied() -> None:
    assert sure([entry(1)], [payment(1)]) == [("r1", 1)]


@pytest.mark.parametrize("seconds", [0, 60])
def test_two_equal_withdrawals_in_one_stretch_of_time_are_not(seconds: int) -> None:
    assert sure([entry(1, seconds=60)], [payment(1), payment(2, seconds=seconds)]) == []


def test_two_equal_records_are_not() -> None:
    assert sure([entry(1), entry(2, seconds=5)], [payment(1)]) == []


def test_an_undecided_withdrawal_is_a_rival_as_well() -> None:
    assert sure([entry(1)], [payment(1), payment(2, status=Status.UNKNOWN)]) == []


def test_equal_ones_at_another_time_or_to_another_recipient_are_no_rivals() -> None:
    other = replace(ORDER, address="999")
    payments = [payment(1), payment(2, seconds=600), payment(3, order=other)]
    assert sure([entry(1), entry(2, seconds=600)], payments) == [("r1", 1), ("r2", 2)]


def test_what_is_linked_already_is_no_rival_and_not_tied_again() -> None:
    entries = [entry(1), entry(2, withdrawal=2)]
    assert sure(entries, [payment(1), payment(2)]) == [("r1", 1)]


def test_the_providers_id_is_proof_among_equals() -> None:
    payments = [payment(1, provider_id="r1"), payment(2, provider_id="r2")]
    assert sure([entry(1), entry(2)], payments) == [("r1", 1), ("r2", 2)]


def test_different_transactions_tell_equals_apart() -> None:
    entries = [entry(1, tx_id="0xa"), entry(2, tx_id="0xb")]
    assert sure(entries, [payment(1, tx_id="0xa"), payment(2, tx_id="0xb")]) == [("r1", 1), ("r2", 2)]
