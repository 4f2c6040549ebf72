"""TRON addresses: the ones that are whole, and every way of not being one."""

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.base58 import ALPHABET
from payouts.domain.recipients.tron import check_tron

DOCUMENTED = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"  # the example of Swapspace's documentation


def code_of(address: str) -> str:
    with pytest.raises(InvalidValue) as refusal:
        check_tron(address)
    assert refusal.value.field == "address"
    assert address not in refusal.value.message
    return refusal.value.code


@pytest.mark.parametrize(
    "address",
    [DOCUMENTED, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TZJozAg1ruapycCicgz31GxvYJ1FraLjZa"],
)
def test_a_whole_address_is_taken(address: str) -> None:
    check_tron(address)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (" " + DOCUMENTED, "white_space"),
        (DOCUMENTED + "\n", "white_space"),
        (DOCUMENTED[:17] + "\u00a0" + DOCUMENTED[17:], "white_space"),
        (DOCUMENTED[:17] + "\u200b" + DOCUMENTED[17:], "not_ascii"),
        ("\u0422" + DOCUMENTED[1:], "not_ascii"),
        (DOCUMENTED[:-1] + "0", "not_base58"),
        (DOCUMENTED[:-1] + "O", "not_base58"),
        (DOCUMENTED[:-1] + "I", "not_base58"),
        (DOCUMENTED[:-1] + "l", "not_base58"),
        (DOCUMENTED[:-1] + "-", "not_base58"),
        (DOCUMENTED[:-1], "wrong_length"),
        (DOCUMENTED[1:], "wrong_length"),
        (DOCUMENTED + "4", "wrong_length"),
        (DOCUMENTED * 2, "wrong_length"),
        ("TL9qtZWi", "wrong_length"),
        (DOCUMENTED.replace("T", "t", 1), "wrong_prefix"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "wrong_prefix"),  # Bitcoin, the first there was
        ("TkvxYFQHgwPCC5xn2bb8aAMLrhg67Cp2QC", "wrong_prefix"),  # whole, over the prefix byte 0x42
        ("SxFka2oiGaTSZDgbykvVbuombhACfPppPJ", "wrong_prefix"),  # whole, over the prefix byte 0x40
        ("27ahf6TRNRtwZ4q4vL2u69wwJ27tkweANq3", "testnet"),  # whole, over the prefix byte 0xa0
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "looks_like_ethereum"),
        ("0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", "looks_like_ethereum"),
        ("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "zero_address"),  # over twenty zero bytes
        (DOCUMENTED[:10] + DOCUMENTED[11] + DOCUMENTED[10] + DOCUMENTED[12:], "wrong_checksum"),
        ("T9yD14Nj9j7xAB4dbGeiX9h8unkKB9nv2z", "wrong_prefix"),  # the last one over 0x40 begins with T too
    ],
)
def test_every_bad_form_has_its_own_code(address: str, code: str) -> None:
    assert code_of(address) == code


def test_a_wrong_character_is_named_with_its_position() -> None:
    with pytest.raises(InvalidValue, match=r'^Character 34 is "l" \(LATIN SMALL LETTER L\)'):
        check_tron(DOCUMENTED[:-1] + "l")


@pytest.mark.parametrize("at", range(1, len(DOCUMENTED)))
def test_any_one_mistyped_character_is_refused(at: int) -> None:
    for character in ALPHABET.replace(DOCUMENTED[at], ""):
        assert code_of(DOCUMENTED[:at] + character + DOCUMENTED[at + 1 :]) == "wrong_checksum"
