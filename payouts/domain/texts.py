"""What people write beside the money: remark, purpose, invoice reference, reason."""

import string

from payouts.domain.characters import first_outside, position, refuse_unseen
from payouts.domain.errors import InvalidValue

_REMARK = string.ascii_letters + string.digits + " .,-_/#"
_LONGEST_REMARK = 50  # Zoomex's limit
_LONGEST_PURPOSE = 200
_LONGEST_INVOICE_REFERENCE = 64
_SHORTEST_REASON, _LONGEST_REASON = 3, 500


def check_remark(text: str) -> str:
    """The remark for the provider, unchanged; it may be empty. Raises InvalidValue("remark", ...)."""
    at = first_outside(text, _REMARK)
    if at is not None and text[at] in "&=":
        message = f"{position(text, at)}. In the text that is signed, & and = make the remark ambiguous."
        raise InvalidValue("remark", "ambiguous_when_signed", message)
    if at is not None:
        message = f"{position(text, at)}. A remark takes A to Z, a to z, digits, spaces and . , - _ / # only."
        raise InvalidValue("remark", "wrong_character", message)
    _refuse_longer("remark", text, _LONGEST_REMARK)
    if text != text.strip():
        raise InvalidValue("remark", "outer_space", "Remove the space at the beginning or at the end.")
    return text


def check_purpose(text: str) -> str:
    """What the payment is for, in any script, unchanged. Raises InvalidValue("purpose", ...)."""
    return _check_words("purpose", text, shortest=1, longest=_LONGEST_PURPOSE)


def check_invoice_reference(text: str) -> str:
    """The invoice's number, unchanged; it may be empty. Raises InvalidValue("invoice_reference", ...)."""
    return text and _check_words("invoice_reference", text, shortest=1, longest=_LONGEST_INVOICE_REFERENCE)


def check_reason(text: str) -> str:
    """A person's reason for an act, unchanged. Raises InvalidValue("reason", ...)."""
    return _check_words("reason", text, shortest=_SHORTEST_REASON, longest=_LONGEST_REASON)


def _check_words(field: str, text: str, *, shortest: int, longest: int) -> str:
    _refuse_longer(field, text, longest)
    refuse_unseen(field, text)
    if not any(character.isalnum() for character in text):
        raise InvalidValue(field, "blank", "Write it in words or numbers.")
    if len(text.strip()) < shortest:
        raise InvalidValue(field, "too_short", f"Write at least {shortest} characters.")
    return text


def _refuse_longer(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidValue(field, "too_long", f"Write at most {longest} characters; there are {len(text)}.")
