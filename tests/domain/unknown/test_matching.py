"""Matching: one record is an order's only if everything fits and nobody else has it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.matching import TOLERANCE, Absent, Ambiguous, Found, find, matches
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.order import Order
from tests.props.providers import zoomex_records

SENT_AFTER = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SENT_BEFORE = SENT_AFTER + timedelta(seconds=20)
SENT = {"sent_after": SENT_AFTER, "sent_before": SENT_BEFORE}
NOBODY: frozenset[str] = frozenset()

ORDER = Order(
    "a" * 32, "treasury", "zoomex", "http://127.0.0.1:9", "", Kind.UID, "", "12345678", "USDT", Decimal("12.50"), ""
)
RECORD = replace(zoomex_records.RECORD, created_at=SENT_AFTER + timedelta(seconds=2))
EMAIL = replace(ORDER, kind=Kind.EMAIL, address="Ada@Example.com")
PHONE = replace(ORDER, kind=Kind.PHONE, area_code="45", address="20123456")
TRON = replace(ORDER, kind=Kind.TRX_CHAIN, address="TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44")
ETHEREUM = replace(ORDER, kind=Kind.ETH_CHAIN, address="0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")

MICROSECONDS = st.integers(1, 10**12).map(lambda count: timedelta(microseconds=count))
DIFFERENT: dict[str, st.SearchStrategy[object]] = {
    "coin": st.text().filter(lambda coin: coin != ORDER.coin),
    "amount": st.decimals(allow_nan=False, allow_infinity=False).filter(lambda amount: amount != ORDER.amount),
    "address": st.text().filter(lambda address: address != ORDER.address),
    "created_at": MICROSECONDS.map(lambda early: SENT_AFTER - TOLERANCE - early)
    | MICROSECONDS.map(lambda late: SENT_BEFORE + TOLERANCE + late),
}
# Few values each, so that rows often fit and often collide.
ROWS = st.lists(
    st.builds(
        replace,
        st.just(RECORD),
        provider_id=st.sampled_from("1234"),
        coin=st.sampled_from(["USDT", "BTC"]),
        amount=st.sampled_from([Decimal("12.5"), Decimal("12.500"), Decimal("13")]),
        address=st.sampled_from(["12345678", "12345679"]),
        status=st.sampled_from(list(RecordStatus)),
        created_at=st.sampled_from([RECORD.created_at, SENT_BEFORE, SENT_BEFORE + timedelta(minutes=5)]),
    ),
    max_size=8,
)
CLAIMED = st.frozensets(st.sampled_from("1234"))


def look(
    records: list[Record], *, order: Order = ORDER, claimed: frozenset[str] = NOBODY
) -> Found | Ambiguous | Absent:
    return find(order, records, claimed_ids=claimed, sent_after=SENT_AFTER, sent_before=SENT_BEFORE)


def test_the_one_record_that_fits_is_found() -> None:
    others = [replace(RECORD, provider_id="10196", amount=Decimal("12.51"))]
    assert look([*others, RECORD]) == Found(RECORD)


def test_nothing_is_absent() -> None:
    assert look([]) == Absent()


def test_two_that_fit_are_ambiguous() -> None:
    assert look([RECORD, replace(RECORD, provider_id="10196")]) == Ambiguous(2)


def test_of_two_that_fit_the_one_that_is_not_claimed_is_found() -> None:
    second = replace(RECORD, provider_id="10196")
    assert look([RECORD, second], claimed=frozenset({"10195"})) == Found(second)


def test_a_row_that_stands_twice_is_one() -> None:
    assert look([RECORD, RECORD]) == Found(RECORD)


def test_the_last_of_thirty_eight_digits_tells_two_amounts_apart() -> None:
    paid = Decimal("12345678901234567890.123456789012345678")
    asked = replace(ORDER, amount=paid)
    assert look([replace(RECORD, amount=paid)], order=asked) != Absent()
    other = Decimal("12345678901234567890.123456789012345679")
    assert look([replace(RECORD, amount=other)], order=asked) == Absent()


def test_a_record_of_a_failure_is_found_too() -> None:
    failed = replace(RECORD, status=RecordStatus.FAILED, status_text="Fail")
    assert look([failed]) == Found(failed)


@pytest.mark.parametrize("created_at", [SENT_AFTER - TOLERANCE, SENT_AFTER, SENT_BEFORE, SENT_BEFORE + TOLERANCE])
def test_the_tolerance_is_ten_seconds_each_way_and_included(created_at: datetime) -> None:
    assert timedelta(seconds=10) == TOLERANCE
    assert matches(ORDER, replace(RECORD, created_at=created_at), **SENT)


@pytest.mark.parametrize(
    ("order", "written"),
    [
        (ORDER, "12345678"),
        (EMAIL, "ada@example.COM"),
        (PHONE, "20123456"),
        (PHONE, "4520123456"),
        (PHONE, "+4520123456"),
        (PHONE, "45-20123456"),
        (PHONE, "(+45) 20 12 34 56"),
        (TRON, TRON.address),
        (ETHEREUM, ETHEREUM.address.lower()),
    ],
)
def test_a_recipient_is_known_in_every_way_it_may_be_written(order: Order, written: str) -> None:
    assert matches(order, replace(RECORD, address=written), **SENT)


@pytest.mark.parametrize(
    ("order", "written"),
    [
        (ORDER, "12345678 "),
        (ORDER, "+12345678"),
        (ORDER, "012345678"),
        (ORDER, ""),
        (EMAIL, "ada@example.org"),
        (EMAIL, "ada@example.com "),
        (PHONE, "45"),
        (PHONE, "4620123456"),
        (PHONE, "201234567"),
        (PHONE, "120123456"),
        (PHONE, "454520123456"),
        (PHONE, ""),
        (TRON, TRON.address.lower()),
        (ETHEREUM, ETHEREUM.address[:-1] + "e"),
    ],
)
def test_another_recipient_is_not_taken_for_this_one(order: Order, written: str) -> None:
    assert look([replace(RECORD, address=written)], order=order) == Absent()


@given(ROWS, CLAIMED, st.randoms())
def test_the_order_of_rows_never_matters(rows: list[Record], claimed: frozenset[str], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert look(shuffled, claimed=claimed) == look(rows, claimed=claimed)


@given(ROWS, CLAIMED)
def test_what_is_found_is_in_the_statement_fits_and_is_not_claimed(rows: list[Record], claimed: frozenset[str]) -> None:
    found = look(rows, claimed=claimed)
    if isinstance(found, Found):
        assert found.record in rows
        assert matches(ORDER, found.record, **SENT)
        assert found.record.provider_id not in claimed
        assert look(rows, claimed=claimed | {found.record.provider_id}) == Absent()


@given(ROWS)
def test_once_all_others_are_claimed_the_last_is_found(rows: list[Record]) -> None:
    claimed = frozenset(row.provider_id for row in rows)
    assert look([*rows, RECORD], claimed=claimed) == Found(RECORD)


@given(ROWS)
def test_when_all_are_claimed_none_is_found(rows: list[Record]) -> None:
    assert look(rows, claimed=frozenset(row.provider_id for row in rows)) == Absent()


@given(st.data(), st.sampled_from(sorted(DIFFERENT)))
def test_a_change_of_any_one_fact_makes_it_absent(data: st.DataObject, name: str) -> None:
    different: Any = {name: data.draw(DIFFERENT[name])}
    changed = replace(RECORD, **different)
    assert look([RECORD]) == Found(RECORD)
    assert look([changed]) == Absent()
