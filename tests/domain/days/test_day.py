"""A day's statement: every fact of it is in the digest, and its sums are exact."""

import json
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from payouts.domain.canonical import canonical, digest
from payouts.domain.days.day import (
    DayStatement,
    ElsewhereLine,
    LostLine,
    OrphanLine,
    PaymentLine,
    RecordLine,
    exact_sum,
)
from payouts.domain.withdrawals.status import Status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = RecordLine("10195", "0xa", "USDT", Decimal("12.50"), Decimal(1), "77", "completed", "Success", NOON)
PAYMENT = PaymentLine(
    UUID(int=1), "Acme", "77", "USDT", Decimal("12.50"), Status.COMPLETED, NOON, "10195", "0xa", Decimal(1),
    "ann", ("bob", "cem"), (), RECORD,
)  # fmt: skip
ORPHAN = OrphanLine(1, "Differs", "amount 7, not 8", UUID(int=1), RECORD, "", "")
ELSEWHERE = ElsewhereLine(RECORD, "twin", UUID(int=2), 7, True)
LOST = LostLine(
    UUID(int=3), 7, "ab" * 16, NOON, "77", "USDT", Decimal("2.5"), "paid", "10196", "", ("dan", "eve"), RECORD, True
)
DAY = DayStatement("treasury", "zoomex", date(2026, 3, 1), (PAYMENT,), (RECORD,), (ORPHAN,), (ELSEWHERE,), (LOST,))

OTHER: dict[type, Any] = {
    str: "another", Decimal: Decimal(99), datetime: NOON + timedelta(seconds=1), date: date(2026, 3, 2), int: 99,
    UUID: UUID(int=9), bool: False, tuple: ("another",),
    Status: Status.UNKNOWN, RecordLine: replace(RECORD, coin="ETH"),
}  # fmt: skip


def changed(line: Any) -> list[Any]:
    """The same line, with each of its facts another in turn."""
    return [replace(line, **{field.name: OTHER[type(getattr(line, field.name))]}) for field in fields(line)]


def digest_of(day: DayStatement) -> str:
    """As a sign-off's content holds the day."""
    return digest(canonical(asdict(day)))


def test_the_text_is_canonical() -> None:
    text = canonical(asdict(DAY))
    assert json.loads(text)["payments"][0]["amount"] == "12.5"
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text


def test_the_digest_is_fixed() -> None:
    """Days that are signed off name theirs."""
    assert digest_of(DAY) == "ed6fc52f510ced27c67310f84057f8d6e7351e147f527992e55f88153d65ea29"


def test_the_same_day_has_the_same_digest_whatever_zone_and_zeros_it_was_read_in() -> None:
    elsewhere = replace(PAYMENT, sent_at=NOON.astimezone(timezone(timedelta(hours=5))), amount=Decimal("12.500000"))
    assert digest_of(replace(DAY, payments=(elsewhere,))) == digest_of(DAY)


@pytest.mark.parametrize("other", changed(PAYMENT), ids=str)
def test_every_fact_of_a_withdrawal_is_in_the_digest(other: PaymentLine) -> None:
    assert digest_of(replace(DAY, payments=(other,))) != digest_of(DAY)


@pytest.mark.parametrize("other", changed(RECORD), ids=str)
def test_every_fact_of_a_record_is_in_the_digest(other: RecordLine) -> None:
    assert digest_of(replace(DAY, alone=(other,))) != digest_of(DAY)
    assert digest_of(replace(DAY, payments=(replace(PAYMENT, record=other),))) != digest_of(DAY)


@pytest.mark.parametrize("other", changed(ORPHAN), ids=str)
def test_every_fact_of_an_orphan_is_in_the_digest(other: OrphanLine) -> None:
    assert digest_of(replace(DAY, orphans=(other,))) != digest_of(DAY)


@pytest.mark.parametrize("other", changed(LOST), ids=str)
def test_every_fact_of_a_lost_call_is_in_the_digest(other: LostLine) -> None:
    assert digest_of(replace(DAY, lost=(other,))) != digest_of(DAY)


@pytest.mark.parametrize("other", changed(ELSEWHERE), ids=str)
def test_every_fact_of_what_is_another_accounts_is_in_the_digest(other: ElsewhereLine) -> None:
    assert digest_of(replace(DAY, elsewhere=(other,))) != digest_of(DAY)


def test_account_and_day_are_in_the_digest() -> None:
    for other in (replace(DAY, account="b"), replace(DAY, provider="b"), replace(DAY, day=date(2026, 3, 2))):
        assert digest_of(other) != digest_of(DAY)


@pytest.mark.parametrize(
    ("status", "where"),
    [
        (Status.COMPLETED, "paid"), (Status.SUBMITTED, "under_way"), (Status.SUBMITTING, "under_way"),
        (Status.UNKNOWN, "unknown"), (Status.FAILED, "not_paid"), (Status.REFUSED, "not_paid"),
    ],
)  # fmt: skip
def test_each_withdrawal_counts_in_one_sum(status: Status, where: str) -> None:
    (total,) = replace(DAY, payments=(replace(PAYMENT, status=status),), lost=()).totals()
    sums = {name: getattr(total, name) for name in ("paid", "under_way", "unknown", "not_paid")}
    assert sums == {name: Decimal("12.50") if name == where else 0 for name in sums}
    assert (total.withdrawals, total.fees) == (1, Decimal(1))


def test_coins_are_summed_apart() -> None:
    ether = replace(PAYMENT, coin="ETH", fee=None)
    totals = replace(DAY, payments=(PAYMENT, ether, ether), lost=()).totals()
    sums = [(total.coin, total.paid, total.fees) for total in totals]
    assert sums == [("ETH", Decimal(25), Decimal(0)), ("USDT", Decimal("12.5"), Decimal(1))]


UNDECIDED = replace(LOST, verdict="", found_as="", found_by=())


@pytest.mark.parametrize(
    ("line", "paid", "unknown", "fees"),
    [
        (LOST, "15", "0", "2"),
        (replace(LOST, record=None), "15", "0", "1"),
        (UNDECIDED, "12.5", "2.5", "1"),
        (replace(LOST, verdict="not_paid"), "12.5", "0", "1"),
        (replace(LOST, is_counted=False), "12.5", "0", "1"),
        (replace(UNDECIDED, coin="", amount=None), "12.5", "0", "1"),
    ],
)
def test_what_a_lost_call_paid_is_counted_once_and_as_paid(line: LostLine, paid: str, unknown: str, fees: str) -> None:
    (total,) = replace(DAY, lost=(line,)).totals()
    assert (total.paid, total.unknown, total.fees) == (Decimal(paid), Decimal(unknown), Decimal(fees))


def test_a_coin_that_only_a_lost_call_paid_has_its_sum() -> None:
    (total,) = replace(DAY, payments=(), lost=(replace(LOST, coin="ETH"),)).totals()
    assert (total.coin, total.withdrawals, total.lost_calls, total.paid) == ("ETH", 0, 1, Decimal("2.5"))


def test_a_lost_call_that_nobody_decided_leaves_the_day_unsettled() -> None:
    assert replace(DAY, lost=(UNDECIDED, LOST)).unsettled() == 1


def test_sums_are_exact_where_the_default_context_would_round() -> None:
    large, small = Decimal("12345678901234567890.000000000000000001"), Decimal("0.000000000000000001")
    assert str(exact_sum([large, small])) == "12345678901234567890.000000000000000002"


def test_open_and_unsettled_are_counted() -> None:
    assert (DAY.open_orphans(), DAY.unsettled()) == (1, 0)
    explained = replace(DAY, orphans=(replace(ORPHAN, closed_because="Seen"),))
    unsettled = replace(explained, payments=(replace(PAYMENT, status=Status.UNKNOWN),))
    assert (unsettled.open_orphans(), unsettled.unsettled()) == (0, 1)
