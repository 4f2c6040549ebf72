"""Amounts: what a person may write, and that no digit is lost on any way."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.errors import InvalidValue
from payouts.domain.money import check_amount, parse_amount, plain, readable

LARGEST = "99999999999999999999.999999999999999999"  # 38 digits, all that the column holds
# Built from its digits: arithmetic would round to the 28 digits of the default context.
amounts = st.integers(1, 10**38 - 1).map(lambda units: Decimal((0, tuple(map(int, str(units))), -18)))


def code_of(text: str, *, decimals: int = 6) -> str:
    with pytest.raises(InvalidValue) as refusal:
        parse_amount(text, coin="USDT", decimals=decimals)
    assert refusal.value.field == "amount"
    return refusal.value.code


@pytest.mark.parametrize(
    "text", ["1", "0.1", "0.000001", "10", "1000", "1000.00", "1250.50", "99999999999999999999.999999"]
)
def test_plain_digits_are_taken_exactly(text: str) -> None:
    amount = parse_amount(text, coin="USDT", decimals=6)
    assert format(amount, "f") == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" ", "white_space"),
        (" 1", "white_space"),
        ("1 ", "white_space"),
        ("1 250", "white_space"),
        ("1\u00a0250", "white_space"),
        ("1\n", "white_space"),
        ("\u0661\u0662", "not_ascii"),  # Arabic-Indic digits, which Decimal would take
        ("\uff11", "not_ascii"),  # a full-width one
        ("\u00b2", "not_ascii"),  # a superscript two
        ("\u22125", "not_ascii"),  # the typographic minus
        ("1\u066b5", "not_ascii"),  # the Arabic decimal separator
        ("1\x005", "control_character"),
        ("NaN", "not_finite"),
        ("sNaN", "not_finite"),
        ("NaN123", "not_finite"),
        ("Infinity", "not_finite"),
        ("-inf", "not_finite"),
        ("-5", "negative"),
        ("-0", "negative"),
        ("-1e3", "negative"),
        ("-", "negative"),
        ("+5", "sign"),
        ("1,250", "separator"),
        ("1,250.50", "separator"),
        ("1.250,50", "separator"),
        ("1,5", "separator"),
        ("1e3", "exponent"),
        ("1E+3", "exponent"),
        ("1.5e-7", "exponent"),
        ("1_000", "underscore"),
        ("1.250.50", "several_points"),
        ("1..5", "several_points"),
        (".5", "bare_point"),
        ("5.", "bare_point"),
        (".", "bare_point"),
        ("007", "leading_zero"),
        ("00.5", "leading_zero"),
        ("00", "leading_zero"),
        ("0", "zero"),
        ("0.00", "zero"),
        ("0.000000", "zero"),
        ("1'250", "not_digits"),
        ("0x10", "not_digits"),
        ("1e", "not_digits"),
        ("5USDT", "not_digits"),
        ("$5", "not_digits"),
        ("1/2", "not_digits"),
        ("100000000000000000000", "too_large"),
        ("0.0000001", "too_many_decimals"),
        ("1.1234567", "too_many_decimals"),
        ("1.0000000", "too_many_decimals"),  # even zeros: the person meant another coin
    ],
)
def test_every_bad_form_has_its_own_code(text: str, code: str) -> None:
    assert code_of(text) == code


def test_a_comma_is_answered_with_the_form_to_write() -> None:
    message = "Write 1250.50: no thousands separators, a point for decimals."
    with pytest.raises(InvalidValue) as refusal:
        parse_amount("1,250", coin="USDT", decimals=6)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("decimals", "sentence"), [(6, "USDT takes at most 6 decimals"), (0, "USDT takes whole amounts only")]
)
def test_too_many_decimals_are_answered_with_what_the_coin_takes(decimals: int, sentence: str) -> None:
    with pytest.raises(InvalidValue, match=sentence):
        parse_amount("1.0000001", coin="USDT", decimals=decimals)


def test_an_endless_text_is_refused_without_being_read_as_a_number() -> None:
    assert code_of("9" * 100_000) == "too_large"
    assert code_of("0." + "9" * 100_000) == "too_many_decimals"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("NaN", "not_finite"),
        ("sNaN", "not_finite"),
        ("Infinity", "not_finite"),
        ("-Infinity", "not_finite"),
        ("0", "zero"),
        ("-0", "zero"),
        ("0E-30", "zero"),
        ("-1", "negative"),
        ("-0.000001", "negative"),
        ("1E+20", "too_large"),
        ("1E+999999", "too_large"),
        ("100000000000000000000.5", "too_large"),
        ("0.0000001", "too_many_decimals"),
        ("1E-7", "too_many_decimals"),
        ("1E-999999", "too_many_decimals"),
        ("10.00000010", "too_many_decimals"),
    ],
)
def test_a_decimal_that_no_person_could_write_is_refused(amount: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_amount(Decimal(amount), coin="USDT", decimals=6)
    assert (refusal.value.field, refusal.value.code) == ("amount", code)


@pytest.mark.parametrize("amount", ["1", "1E+3", "1E+19", "0.000001", "1.000000000000000000", "10.500000000000000000"])
def test_a_decimal_is_judged_by_its_value(amount: str) -> None:
    check_amount(Decimal(amount), coin="USDT", decimals=6)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1000", "1000"),
        ("1000.00", "1000"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("10.50", "10.5"),
        ("100", "100"),
        ("0.10", "0.1"),
        ("0", "0"),
        (LARGEST, LARGEST),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
    ],
)
def test_the_wire_has_the_shortest_plain_digits(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "places", "text"),
    [
        ("1250", 2, "1,250.00"),
        ("1250", 0, "1,250.00"),
        ("1250", 6, "1,250.000000"),
        ("1250.5000", 2, "1,250.50"),
        ("1250.123456", 2, "1,250.123456"),
        ("0.005", 2, "0.005"),
        ("0.0000001", 2, "0.0000001"),
        ("1E+6", 2, "1,000,000.00"),
        ("999", 2, "999.00"),
        (LARGEST, 2, "99,999,999,999,999,999,999.999999999999999999"),
    ],
)
def test_people_read_groups_and_every_decimal_that_counts(amount: str, places: int, text: str) -> None:
    assert readable(Decimal(amount), places=places) == text


@given(amounts)
def test_no_digit_is_lost_between_text_decimal_and_wire(amount: Decimal) -> None:
    text = plain(amount)
    parsed = parse_amount(text, coin="ETH", decimals=18)
    assert parsed == amount
    assert plain(parsed) == text


@given(amounts, st.integers(-40, 40))
def test_the_wire_never_has_an_exponent(amount: Decimal, exponent: int) -> None:
    _, digits, _ = amount.as_tuple()
    text = plain(Decimal((0, digits, exponent)))
    assert set(text) <= set("0123456789.")
    assert Decimal(text) == Decimal((0, digits, exponent))


@given(amounts, st.integers(0, 18))
def test_what_people_read_is_the_amount(amount: Decimal, places: int) -> None:
    text = readable(amount, places=places)
    assert Decimal(text.replace(",", "")) == amount
    assert len(text.partition(".")[2]) >= max(places, 2)


@given(amounts, st.integers(0, 18))
def test_form_and_workflow_judge_alike(amount: Decimal, decimals: int) -> None:
    try:
        check_amount(amount, coin="ETH", decimals=decimals)
    except InvalidValue as refusal:
        assert code_of(plain(amount), decimals=decimals) == refusal.code  # noqa: PT017 - both have to refuse
    else:
        assert parse_amount(plain(amount), coin="ETH", decimals=decimals) == amount


@given(st.text() | st.text(alphabet="0123456789.,+-eE_ nNaAiIfF"))
def test_any_text_is_either_refused_or_read_as_it_stands(text: str) -> None:
    try:
        amount = parse_amount(text, coin="ETH", decimals=18)
    except InvalidValue:
        return
    assert format(amount, "f") == text
