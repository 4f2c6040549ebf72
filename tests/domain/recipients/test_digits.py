"""Phones and UIDs: the ones that can be paid, and every way of not being one."""

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.digits import check_phone, check_uid


@pytest.mark.parametrize(
    ("area_code", "number"),
    [
        ("44", "2079460958"),
        ("1", "2025550123"),
        ("1242", "5550"),
        ("1", "12345678901234"),
        ("1242", "12345678901"),
    ],
)
def test_a_phone_is_taken(area_code: str, number: str) -> None:
    check_phone(area_code, number)


@pytest.mark.parametrize(
    ("area_code", "number", "field", "code"),
    [
        ("", "2079460958", "area_code", "empty"),
        ("+44", "2079460958", "area_code", "not_digits"),
        ("4a", "2079460958", "area_code", "not_digits"),
        (" 44", "2079460958", "area_code", "white_space"),
        ("\u0664\u0664", "2079460958", "area_code", "not_ascii"),  # Arabic-Indic fours
        ("0044", "2079460958", "area_code", "leading_zero"),
        ("0", "2079460958", "area_code", "leading_zero"),
        ("12345", "2079460958", "area_code", "wrong_length"),
        ("44", "02079460958", "address", "leading_zero"),
        ("44", "+442079460958", "address", "not_digits"),
        ("44", "207-946-0958", "address", "not_digits"),
        ("44", "(20)79460958", "address", "not_digits"),
        ("44", "20 7946 0958", "address", "white_space"),
        ("44", "2079460958\n", "address", "white_space"),
        ("44", "\uff1220794609", "address", "not_ascii"),  # a full-width two
        ("44", "\u00b2079460958", "address", "not_ascii"),  # a superscript two
        ("44", "123", "address", "wrong_length"),
        ("1", "123456789012345", "address", "wrong_length"),
        ("44", "12345678901234", "address", "too_long"),
    ],
)
def test_every_bad_form_of_a_phone_has_its_own_code(area_code: str, number: str, field: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_phone(area_code, number)
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert number not in refusal.value.message


def test_a_plus_before_the_area_code_is_refused_with_an_example() -> None:
    with pytest.raises(InvalidValue, match=r"digits only, for example 44\.$"):
        check_phone("+44", "2079460958")


@pytest.mark.parametrize("uid", ["1", "12345678", "9" * 20])
def test_a_uid_is_taken(uid: str) -> None:
    check_uid(uid)


@pytest.mark.parametrize(
    ("uid", "code"),
    [
        ("012345678", "leading_zero"),
        ("9" * 21, "wrong_length"),
        ("12a45678", "not_digits"),
        ("-12345678", "not_digits"),
        ("12345.678", "not_digits"),
        ("12345678 ", "white_space"),
        ("1234\u0665678", "not_ascii"),
        ("1234\x005678", "control_character"),
    ],
)
def test_every_bad_form_of_a_uid_has_its_own_code(uid: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_uid(uid)
    assert (refusal.value.field, refusal.value.code) == ("address", code)
    assert uid not in refusal.value.message
