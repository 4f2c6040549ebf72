"""Pairing: each record and each withdrawal at most once, nothing lost, and what disagrees is said."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from payouts.domain.days.pairing import Mismatch, OrphanKind, Pairing
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from tests.props.facts.payments import ORDER, SENT, entry, paired, payment, who

NO_RECORD_NEEDED = [status for status in SENT if status is not Status.COMPLETED]


def test_nothing_and_nothing_is_nothing() -> None:
    assert paired([], []) == Pairing((), (), (), (), (), (), (), ())


def test_a_record_belongs_to_the_withdrawal_with_its_id() -> None:
    payments = [payment(1, provider_id="r2"), payment(2, provider_id="r1")]
    found = paired([entry(1), entry(2)], payments)
    assert who(found.pairs) == [("r2", 1), ("r1", 2)]
    assert found.orphans == ()


def test_the_id_holds_whatever_the_time_says() -> None:
    assert who(paired([entry(1, seconds=86_400)], [payment(1, provider_id="r1")]).pairs) == [("r1", 1)]


def test_a_link_holds_before_every_other_likeness() -> None:
    found = paired([entry(1, withdrawal=2), entry(2)], [payment(1), payment(2, seconds=1)])
    assert sorted(who(found.pairs)) == [("r1", 2), ("r2", 1)]


def test_without_ids_a_record_belongs_to_what_was_sent_like_it() -> None:
    others = [
        entry(2, coin="ETH"),
        entry(3, amount=Decimal("12.51")),
        entry(4, address="12345679"),
        entry(5, seconds=101),
    ]
    found = paired([*others, entry(1, seconds=2)], [payment(1)])
    assert who(found.pairs) == [("r1", 1)]
    assert who(found.orphans) == [("r2", 0), ("r3", 0), ("r4", 0), ("r5", 0)]


def test_another_id_is_another_payment_however_alike() -> None:
    found = paired([entry(1)], [payment(1, provider_id="r9")])
    assert who(found.orphans) == [("r1", 0), ("", 1)]


def test_another_transaction_is_another_payment_however_alike() -> None:
    found = paired([entry(1, tx_id="0xa")], [payment(1, tx_id="0xb")])
    assert who(found.orphans) == [("r1", 0), ("", 1)]


def test_a_transaction_tells_equal_payments_apart() -> None:
    entries = [entry(1, tx_id="0xa"), entry(2, tx_id="0xb")]
    found = paired(entries, [payment(1, tx_id="0xb"), payment(2, tx_id="0xa")])
    assert who(found.pairs) == [("r2", 1), ("r1", 2)]


def test_of_one_transaction_that_pays_several_each_gets_its_own() -> None:
    entries = [entry(1, tx_id="0xa", amount=Decimal("7")), entry(2, tx_id="0xa")]
    seven = payment(2, tx_id="0xa", order=replace(ORDER, amount=Decimal("7")))
    found = paired(entries, [payment(1, tx_id="0xa"), seven])
    assert who(found.pairs) == [("r2", 1), ("r1", 2)]


def test_a_transaction_of_another_amount_differs() -> None:
    [orphan] = paired([entry(1, tx_id="0xa", amount=Decimal("7"))], [payment(1, tx_id="0xa")]).orphans
    assert (orphan.kind, orphan.what) == (OrphanKind.DIFFERS, "The provider's record says: amount 7, not 12.5.")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"coin": "ETH"}, "coin ETH, not USDT"),
        ({"amount": Decimal("12.51")}, "amount 12.51, not 12.5"),
        ({"address": "12345679"}, "another recipient"),
        ({"status": RecordStatus.FAILED}, "failed, not completed"),
        ({"coin": "ETH", "address": "12345679"}, "coin ETH, not USDT; another recipient"),
    ],
)
def test_partners_by_id_that_differ_are_an_orphan_that_says_how(changes: dict[str, object], what: str) -> None:
    partner = payment(1, provider_id="r1")
    record = entry(1, **changes)  # type: ignore[arg-type]
    expected = Mismatch(OrphanKind.DIFFERS, record, partner, f"The provider's record says: {what}.")
    assert paired([record], [partner]).orphans == (expected,)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Status.COMPLETED, {RecordStatus.FAILED}),
        (Status.FAILED, {RecordStatus.COMPLETED, RecordStatus.PENDING}),
        (Status.REFUSED, {RecordStatus.COMPLETED, RecordStatus.PENDING}),
        (Status.SUBMITTED, set()),
        (Status.UNKNOWN, set()),
        (Status.SUBMITTING, set()),
    ],
)
@pytest.mark.parametrize("by_id", [True, False])
def test_an_outcome_that_is_not_theirs_differs(ours: Status, theirs: set[RecordStatus], by_id: bool) -> None:
    for status in RecordStatus:
        found = paired([entry(1, status=status)], [payment(1, status=ours, provider_id="r1" if by_id else "")])
        assert [orphan.kind for orphan in found.orphans] == [OrphanKind.DIFFERS] * (status in theirs)


def test_the_longest_difference_fits_its_column() -> None:
    order = replace(ORDER, coin="A" * 32, amount=Decimal("9" * 20 + "." + "9" * 18))
    record = entry(1, coin="B" * 32, amount=Decimal("8" * 20 + "." + "8" * 18), address="x")
    [orphan] = paired([record], [payment(1, provider_id="r1", order=order, status=Status.REFUSED)]).orphans
    assert len(orphan.what) <= 300


def test_a_completed_withdrawal_without_a_record_is_an_orphan() -> None:
    [orphan] = paired([], [payment(1)]).orphans
    assert (orphan.kind, orphan.entry) == (OrphanKind.WITHDRAWAL_WITHOUT_RECORD, None)


@pytest.mark.parametrize("status", NO_RECORD_NEEDED)
def test_any_other_may_have_none(status: Status) -> None:
    alone = payment(1, status=status)
    assert paired([], [alone]) == Pairing((), (), (), (alone,), (), (), (), ())


def test_a_record_of_no_withdrawal_is_an_orphan_even_if_it_failed() -> None:
    [orphan] = paired([entry(1, status=RecordStatus.FAILED)], []).orphans
    assert (orphan.kind, orphan.payment) == (OrphanKind.RECORD_WITHOUT_WITHDRAWAL, None)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.SUBMITTING])
def test_a_record_that_fits_only_an_undecided_withdrawal_is_a_suggestion(status: Status) -> None:
    found = paired([entry(1), entry(2, seconds=1)], [payment(1, status=status)])
    assert who(found.suggestions) == [("r1", 1)]
    assert who(found.orphans) == [("r2", 0)]


def test_a_decided_withdrawal_comes_before_an_undecided_one() -> None:
    found = paired([entry(1, seconds=2)], [payment(1, status=Status.UNKNOWN), payment(2, seconds=1)])
    assert (who(found.pairs), found.suggestions) == ([("r1", 2)], ())


def test_the_withdrawal_that_agrees_comes_before_the_one_that_contradicts() -> None:
    found = paired([entry(1, seconds=2)], [payment(1, status=Status.FAILED), payment(2, seconds=1)])
    assert (who(found.pairs), found.orphans) == ([("r1", 2)], ())


def test_a_record_linked_to_a_withdrawal_that_was_not_given_is_nobody_elses() -> None:
    linked = entry(1, withdrawal=7)
    found = paired([linked], [payment(1)])
    assert found.elsewhere == (linked,)
    assert who(found.orphans) == [("", 1)]


def test_as_many_equal_records_as_withdrawals_are_paired_in_time_order() -> None:
    for seed in range(20):
        draw = random.Random(seed)  # noqa: S311  a draw that can be repeated
        entries = [entry(number, seconds=number * 2) for number in range(1, 6)]
        payments = [payment(number, seconds=number * 2 - 1) for number in range(1, 6)]
        draw.shuffle(entries)
        draw.shuffle(payments)
        found = paired(entries, payments)
        assert who(found.pairs) == [(f"r{number}", number) for number in range(1, 6)], seed
        assert found.orphans == (), seed


def test_of_too_many_equal_withdrawals_the_last_are_orphans() -> None:
    found = paired([entry(1, seconds=2)], [payment(number, seconds=number) for number in (1, 2, 3)])
    assert who(found.pairs) == [("r1", 1)]
    assert who(found.orphans) == [("", 2), ("", 3)]


def test_of_too_many_equal_records_the_last_are_orphans() -> None:
    found = paired([entry(number, seconds=number) for number in (1, 2, 3)], [payment(1)])
    assert who(found.pairs) == [("r1", 1)]
    assert who(found.orphans) == [("r2", 0), ("r3", 0)]
