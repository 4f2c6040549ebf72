"""Base58check, the writing of TRON addresses: base 58 with four bytes of double SHA-256 at the end."""

import hashlib

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class NotBase58(ValueError):
    """There is a character that base58 does not have."""


class WrongChecksum(ValueError):
    """The last four bytes do not belong to the ones before them."""


def decode_check(text: str) -> bytes:
    """The bytes that the text stands for, without the checksum. Raises NotBase58 or WrongChecksum."""
    decoded = _decode(text)
    payload, checksum = decoded[:-4], decoded[-4:]
    if hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4] != checksum:
        raise WrongChecksum
    return payload


def _decode(text: str) -> bytes:
    number = 0
    for character in text:
        digit = ALPHABET.find(character)
        if digit < 0:
            raise NotBase58
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))  # a leading zero byte is written as a leading 1
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
