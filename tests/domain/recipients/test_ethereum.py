"""Ethereum addresses: the EIP's examples, and every way of not being one."""

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.ethereum import check_ethereum, has_checksum

EXAMPLES = [  # of EIP-55
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
FIRST = EXAMPLES[0]


def code_of(address: str) -> str:
    with pytest.raises(InvalidValue) as refusal:
        check_ethereum(address)
    assert refusal.value.field == "address"
    assert address not in refusal.value.message
    return refusal.value.code


def capitals(address: str) -> str:
    return "0x" + address[2:].upper()


@pytest.mark.parametrize("address", EXAMPLES)
def test_the_examples_of_the_eip_are_taken(address: str) -> None:
    check_ethereum(address)
    assert has_checksum(address)


@pytest.mark.parametrize("address", EXAMPLES)
def test_one_case_alone_is_taken_but_has_no_checksum(address: str) -> None:
    for written in (address.lower(), capitals(address)):
        check_ethereum(written)
        assert not has_checksum(written)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (FIRST + " ", "white_space"),
        ("\t" + FIRST, "white_space"),
        (FIRST[:20] + "\u200b" + FIRST[20:], "not_ascii"),
        (FIRST.replace("a", "\u0430", 1), "not_ascii"),
        (FIRST[2:], "no_prefix"),
        (FIRST[2:].lower(), "no_prefix"),
        ("0X" + FIRST[2:], "wrong_prefix"),
        ("x" + FIRST[2:], "wrong_prefix"),
        ("ethereum:" + FIRST, "wrong_prefix"),
        ("payee.eth", "wrong_prefix"),
        ("TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44", "looks_like_tron"),
        (FIRST[:-1], "wrong_length"),
        (FIRST + "d", "wrong_length"),
        ("0x", "wrong_length"),
        (FIRST[:-1] + "g", "not_hex"),
        (FIRST.replace("0", "O").replace("O", "0", 1), "not_hex"),
        (FIRST + "@1", "not_hex"),
        ("0x" + "0" * 40, "zero_address"),
        (FIRST.swapcase().replace("0X", "0x"), "wrong_checksum"),
    ],
)
def test_every_bad_form_has_its_own_code(address: str, code: str) -> None:
    assert code_of(address) == code


def test_a_wrong_character_is_named_with_its_position() -> None:
    with pytest.raises(InvalidValue, match=r'^Character 42 is "g" \(LATIN SMALL LETTER G\)'):
        check_ethereum(FIRST[:-1] + "g")


# Fixed addresses, because the checksum is about 15 bits: a random change is missed once in some thousands.
@pytest.mark.parametrize("address", EXAMPLES)
def test_any_one_letter_in_the_other_case_is_refused(address: str) -> None:
    for at in (at for at in range(2, 42) if address[at].isalpha()):
        assert code_of(address[:at] + address[at].swapcase() + address[at + 1 :]) == "wrong_checksum"


@pytest.mark.parametrize("address", EXAMPLES)
def test_any_one_mistyped_digit_is_refused(address: str) -> None:
    for at in range(2, 42):
        other = format((int(address[at], 16) + 1) % 16, "x")
        assert code_of(address[:at] + other + address[at + 1 :]) == "wrong_checksum"
