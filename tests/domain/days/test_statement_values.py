"""Cells: moments to the second, amounts to the last digit, and nothing that is only half there."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from payouts.domain.days.statement_values import (
    read_address,
    read_amount,
    read_fee,
    read_moment,
    read_optional,
    read_text,
)
from payouts.domain.errors import InvalidValue

CHINA = timezone(timedelta(hours=8))
MOMENT = datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 12:30:05",
        "2026-03-01T12:30:05",
        "2026-03-01T12:30:05Z",
        "2026-03-01 12:30:05 UTC",
        "2026-03-01T20:30:05+08:00",
        "2026-03-01 20:30:05 +0800",
        "2026-03-01T07:30:05-05:00",
        "2026-03-01T12:30:05.000",
        "1772368205",
        "1772368205000",
    ],
)
def test_every_form_of_a_moment_is_the_same_moment(text: str) -> None:
    assert read_moment(text, zone=UTC) == MOMENT
    assert read_moment(text, zone=UTC).tzinfo is UTC


def test_the_zone_counts_where_the_text_does_not_say() -> None:
    assert read_moment("2026-03-01 20:30:05", zone=CHINA) == MOMENT
    assert read_moment("2026-03-01 12:30:05Z", zone=CHINA) == MOMENT
    assert read_moment("1772368205", zone=CHINA) == MOMENT


def test_milliseconds_are_kept() -> None:
    for text in ("1772368205678", "2026-03-01T12:30:05.678", "2026-03-01T12:30:05.678000001"):
        assert read_moment(text, zone=UTC) == MOMENT + timedelta(milliseconds=678)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_time"),
        ("2026-03-01", "not_a_time"),
        ("2026-03-01 12:30", "not_a_time"),
        ("01/03/2026 12:30:05", "not_a_time"),
        ("1.77237E+09", "not_a_time"),
        ("177236820", "not_a_time"),
        ("17723682050", "not_a_time"),
        ("-1772368205", "not_a_time"),
        ("٢٠٢٦-03-01 12:30:05", "not_a_time"),
        ("2026-02-30 12:30:05", "no_such_time"),
        ("2026-03-01 25:30:05", "no_such_time"),
        ("2026-03-01 12:30:60", "no_such_time"),
        ("2026-03-01T12:30:05+99:99", "no_such_time"),
        ("2026-03-01T12:30:05+:::::", "no_such_time"),
        ("0001-01-01 00:00:00", "no_such_time"),
    ],
)
def test_every_other_moment_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_moment(text, zone=CHINA)
    assert (refusal.value.field, refusal.value.code) == ("time", code)


def test_an_amount_is_exact_to_the_last_of_38_digits() -> None:
    text = "12345678901234567890.123456789012345678"
    assert str(read_amount(text, coin="USDT")) == text


@pytest.mark.parametrize(
    "text",
    ["", "1,250.50", "1.250,50", "1'250", "1 250", "1e3", "NaN", "Infinity", "-5", "0", "=5", "5 USDT", "0.1" * 9],
)
def test_what_is_not_plain_digits_is_no_amount(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_amount(text, coin="USDT")
    assert refusal.value.field == "amount"


@pytest.mark.parametrize(
    ("text", "fee"),
    [("1.5", Decimal("1.5")), ("0", Decimal(0)), ("0.000000", Decimal(0)), ("", None), ("-", None), ("N/A", None)],
)
def test_a_fee_may_be_zero_or_missing(text: str, fee: Decimal | None) -> None:
    assert read_fee(text, coin="USDT") == fee


@pytest.mark.parametrize("text", ["1,5", "-1", "NaN", "00", "0." + "0" * 19])
def test_a_fee_is_read_as_strictly_as_an_amount(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_fee(text, coin="USDT")
    assert refusal.value.field == "fee"


@pytest.mark.parametrize("text", ["TL9q...ax44", "TL9q\u2026ax44", "ad**@example.com"])
def test_a_shortened_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_address(text, longest=254)
    assert (refusal.value.field, refusal.value.code) == ("address", "shortened")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("a" * 11, "too_long"),
        ("a\nb", "unseen_character"),
        ("a\x00b", "unseen_character"),
        ("a\u202eb", "unseen_character"),
    ],
)
def test_a_text_that_cannot_be_kept_or_seen_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_text("coin", text, longest=10)
    assert (refusal.value.field, refusal.value.code) == ("coin", code)


@pytest.mark.parametrize("text", ["", "-", "--", "N/A", "null", "None"])
def test_a_word_for_nothing_is_nothing(text: str) -> None:
    assert read_optional("tx_id", text, longest=10) == ""


def test_an_optional_text_is_read_as_strictly() -> None:
    assert read_optional("tx_id", "0xabc", longest=10) == "0xabc"
    with pytest.raises(InvalidValue):
        read_optional("tx_id", "0x\u200babc", longest=10)
