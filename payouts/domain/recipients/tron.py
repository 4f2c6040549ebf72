"""TRON addresses: 34 characters of base58check, over the prefix byte 0x41 and the account's twenty bytes."""

from payouts.domain.characters import first_outside, position, refuse_strays
from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.base58 import ALPHABET, WrongChecksum, decode_check

_LENGTH = 34
_VERSION_BYTE = b"\x41"
_ZERO_ACCOUNT = bytes(20)
_ASK = "Ask the payee for the TRON address."


def check_tron(address: str) -> None:
    """Raises InvalidValue("address", ...) unless it is a TRON address that was copied whole."""
    refuse_strays("address", address)
    _refuse_another_form(address)
    at = first_outside(address, ALPHABET)
    if at is not None:
        message = f"{position(address, at)}. TRON addresses have no 0, O, I, l or punctuation: copy it again."
        raise _invalid("not_base58", message)
    _refuse_another_network(address)
    if len(address) != _LENGTH:
        message = f"A TRON address has 34 characters, this one has {len(address)}: copy the whole of it."
        raise _invalid("wrong_length", message)
    if not address.startswith("T"):
        raise _invalid("wrong_prefix", f"A TRON address begins with a capital T. {_ASK}")
    _refuse_misspelt(address)


def _refuse_another_form(address: str) -> None:
    if address[:2].lower() == "0x":
        message = "This looks like an Ethereum address: choose that kind, or ask for the TRON address."
        raise _invalid("looks_like_ethereum", message)


def _refuse_another_network(address: str) -> None:
    # The first test networks used the prefix byte 0xa0, which base58 always writes as 27 and 33 more.
    # The later ones, Shasta and Nile, use the same byte as the main network and cannot be told apart.
    if address.startswith("27") and len(address) == _LENGTH + 1:
        raise _invalid("testnet", f"This looks like an address of a TRON test network. {_ASK}")


def _refuse_misspelt(address: str) -> None:
    try:
        payload = decode_check(address)
    except WrongChecksum as err:
        message = "The checksum is wrong: probably mistyped, or damaged when it was copied. Copy it again."
        raise _invalid("wrong_checksum", message) from err
    if payload[:1] != _VERSION_BYTE:
        raise _invalid("wrong_prefix", f"The address belongs to another network than TRON. {_ASK}")
    if payload[1:] == _ZERO_ACCOUNT:
        raise _invalid("zero_address", f"Nobody owns this address: what it is sent is lost. {_ASK}")


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("address", code, message)
