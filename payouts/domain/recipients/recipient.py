"""Recipients: what an address-book entry may hold, how two are compared, and how one is shown for reading."""

from dataclasses import dataclass

from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.recipients.digits import check_phone, check_uid
from payouts.domain.recipients.ethereum import check_ethereum, has_checksum
from payouts.domain.recipients.kind import Kind
from payouts.domain.recipients.mailbox import check_email
from payouts.domain.recipients.tron import check_tron


@dataclass(frozen=True)
class Recipient:
    """Somebody who can be paid; made by check_recipient only."""

    kind: Kind
    area_code: str  # digits, for phones; else empty
    address: str  # exactly what goes on the wire
    key: str  # among entries of one kind, the same key is the same recipient


def check_recipient(kind: Kind, *, area_code: str, address: str) -> Recipient:
    """The recipient as typed, once its form and its checksum are right; nothing is stripped or corrected.

    Raises InvalidValue for the field "address" or "area_code". The message never repeats the whole address.
    """
    if area_code and kind is not Kind.PHONE:
        message = f"Only phones have an area code. Leave it empty for {kind.label}."
        raise InvalidValue("area_code", "not_for_kind", message)
    if not address:
        raise InvalidValue("address", "empty", "Write the address of the payee.")
    match kind:
        case Kind.EMAIL:
            check_email(address)
        case Kind.PHONE:
            check_phone(area_code, address)
        case Kind.UID:
            check_uid(address)
        case Kind.TRX_CHAIN:
            check_tron(address)
        case Kind.ETH_CHAIN:
            check_ethereum(address)
    return Recipient(kind, area_code, address, key=_key(kind, area_code, address))


def cautions(recipient: Recipient) -> tuple[Objection, ...]:
    """What a person has to confirm before the recipient is used; empty for most."""
    if recipient.kind is Kind.ETH_CHAIN and not has_checksum(recipient.address):
        message = (
            "The address has small letters only, or capitals only, so it has no checksum: a typing mistake "
            "cannot be noticed. Compare every character with its source."
        )
        return (Objection("no_checksum", message),)
    return ()


def grouped(recipient_kind: Kind, address: str) -> tuple[str, ...]:
    """The address cut for reading and comparing aloud; the parts joined are the address."""
    match recipient_kind:
        case Kind.EMAIL:
            local, at, domain = address.rpartition("@")
            return (local, at + domain) if at else (address,)
        case Kind.PHONE | Kind.UID:
            return _in_threes_and_fours(address)
        case Kind.TRX_CHAIN:
            return _cut(address, 4)
        case Kind.ETH_CHAIN:
            prefix = "0x" if address.startswith("0x") else ""
            return _cut(prefix, 2) + _cut(address.removeprefix(prefix), 4)


def _key(kind: Kind, area_code: str, address: str) -> str:
    match kind:
        case Kind.EMAIL | Kind.ETH_CHAIN:
            return address.lower()
        case Kind.PHONE:
            return area_code + address  # 1 and 2425550123 dials the same phone as 1242 and 5550123
        case Kind.UID | Kind.TRX_CHAIN:
            return address


def _in_threes_and_fours(digits: str) -> tuple[str, ...]:
    """The digits in threes, at the end in fours so that none is left alone; five or fewer stay together."""
    if len(digits) <= 5:
        return _cut(digits, 5)
    fours = len(digits) % 3
    return _cut(digits[: len(digits) - 4 * fours], 3) + _cut(digits[len(digits) - 4 * fours :], 4)


def _cut(text: str, size: int) -> tuple[str, ...]:
    return tuple(text[at : at + size] for at in range(0, len(text), size))
