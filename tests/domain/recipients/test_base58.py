"""Base58check: what it reads, and what it does not take for whole."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.recipients.base58 import ALPHABET, NotBase58, WrongChecksum, decode_check


def encode_check(payload: bytes) -> str:
    """The other direction, written from the definition; the product never needs it."""
    whole = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(whole, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + text


def test_the_first_bitcoin_address_keeps_its_leading_zero_byte() -> None:
    payload = decode_check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
    assert payload.hex() == "0062e907b15cbf27d5425399ebf6f0fb50ebb88f18"


@given(st.binary(max_size=40))
def test_what_was_written_is_read_back(payload: bytes) -> None:
    assert decode_check(encode_check(payload)) == payload


@pytest.mark.parametrize("character", ["0", "O", "I", "l", " ", "-", "\u0410"])
def test_a_character_outside_the_alphabet_is_refused(character: str) -> None:
    with pytest.raises(NotBase58):
        decode_check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN" + character)


@pytest.mark.parametrize("text", ["", "1", "1111", "T", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"])
def test_a_text_without_its_checksum_is_refused(text: str) -> None:
    with pytest.raises(WrongChecksum):
        decode_check(text)
