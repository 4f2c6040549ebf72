"""Whether a text has the form of an address on the chains that Swapspace pays on."""

import hashlib
import re

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_TRON_LENGTH, _TRON_PREFIX = 25, 0x41


def is_tron(text: str) -> bool:
    """Base58check of 21 bytes that start with 0x41, followed by four bytes of double SHA-256."""
    number = 0
    for character in text:
        digit = _BASE58.find(character)
        if digit < 0:
            return False
        number = number * 58 + digit
    if len(text) != 34 or number.bit_length() > 8 * _TRON_LENGTH:
        return False
    raw = number.to_bytes(_TRON_LENGTH, "big")
    check = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4]
    return raw[0] == _TRON_PREFIX and raw[-4:] == check


def is_ethereum(text: str) -> bool:
    """0x and 40 hex digits. The capitals are not checked: no page of the provider's says that it does."""
    return re.fullmatch(r"0x[0-9a-fA-F]{40}", text) is not None
