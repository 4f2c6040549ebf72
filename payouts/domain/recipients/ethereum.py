"""Ethereum addresses: 0x and forty hex digits, whose letters carry the checksum in their case (EIP-55)."""

import re
import string

from payouts.domain.characters import first_outside, position, refuse_strays
from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.keccak import keccak256

_LENGTH = 42
_ASK = "Ask the payee for the Ethereum address."


def check_ethereum(address: str) -> None:
    """Raises InvalidValue("address", ...) unless it is a whole address, its checksum right if it has one."""
    refuse_strays("address", address)
    _refuse_another_form(address)
    digits = address[2:]
    at = first_outside(digits, string.hexdigits)
    if at is not None:
        message = f"{position(address, at + 2)}. After its 0x an address has 0 to 9 and a to f only."
        raise _invalid("not_hex", message)
    if len(address) != _LENGTH:
        message = f"An Ethereum address has 42 characters, this one has {len(address)}: copy the whole of it."
        raise _invalid("wrong_length", message)
    if set(digits) == {"0"}:
        raise _invalid("zero_address", f"Nobody owns this address: what it is sent is lost. {_ASK}")
    if has_checksum(address) and digits != _with_checksum(digits):
        message = "The checksum (which letters are capitals) is wrong: probably mistyped. Copy it again."
        raise _invalid("wrong_checksum", message)


def has_checksum(address: str) -> bool:
    """Whether both capital and small letters occur, as EIP-55 writes them; one case alone tells nothing."""
    digits = address[2:]
    return digits not in (digits.lower(), digits.upper())


def spelled(address: str) -> tuple[str, str]:
    """The address in small letters, and with its checksum; of what is none, the text twice."""
    if re.fullmatch("0x[0-9a-fA-F]{40}", address) is None:
        return address, address
    return address.lower(), f"0x{_with_checksum(address[2:])}"


def _with_checksum(digits: str) -> str:
    """EIP-55: a letter is a capital where the hash of the small letters has a digit of 8 or more."""
    small = digits.lower()
    pairs = zip(small, keccak256(small.encode()).hex(), strict=False)
    return "".join(digit.upper() if int(weight, 16) >= 8 else digit for digit, weight in pairs)


def _refuse_another_form(address: str) -> None:
    if address.startswith("T") and len(address) == 34:
        message = "This looks like a TRON address: choose that kind, or ask for the Ethereum address."
        raise _invalid("looks_like_tron", message)
    if re.fullmatch("[0-9a-fA-F]{40}", address):
        message = "The 0x at the beginning is missing. Copy the address again, with its 0x."
        raise _invalid("no_prefix", message)
    if not address.startswith("0x"):
        raise _invalid("wrong_prefix", "An Ethereum address begins with 0x, the x small. Copy it again.")


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("address", code, message)
