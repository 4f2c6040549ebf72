"""Recipients that are written in digits alone: phone numbers after ITU-T E.164, and UIDs."""

import string

from payouts.domain.characters import first_outside, position, refuse_strays
from payouts.domain.errors import InvalidValue

_LONGEST_AREA_CODE = 4
_SHORTEST_NUMBER, _LONGEST_NUMBER = 4, 14
_LONGEST_E164 = 15  # area code and number together
_LONGEST_UID = 20


def check_phone(area_code: str, number: str) -> None:
    """Raises InvalidValue("area_code" or "address", ...) unless the two make an E.164 number."""
    _check_area_code(area_code)
    _refuse_other_than_digits("address", number, "Write the number in digits only, without the area code.")
    if number.startswith("0"):
        # Also where a country keeps its 0 abroad (Italy's land lines): a wrong guess here pays a stranger.
        message = "Leave out the 0 at the beginning: it is dialled inside the country only."
        raise InvalidValue("address", "leading_zero", message)
    if not _SHORTEST_NUMBER <= len(number) <= _LONGEST_NUMBER:
        message = f"A number has {_SHORTEST_NUMBER} to {_LONGEST_NUMBER} digits, this one has {len(number)}."
        raise InvalidValue("address", "wrong_length", message)
    if len(area_code) + len(number) > _LONGEST_E164:
        message = f"Area code and number have at most {_LONGEST_E164} digits together (ITU-T E.164)."
        raise InvalidValue("address", "too_long", message)


def check_uid(uid: str) -> None:
    """Raises InvalidValue("address", ...) unless it is a provider's customer number."""
    _refuse_other_than_digits("address", uid, "Write the UID in digits only.")
    if uid.startswith("0"):
        raise InvalidValue("address", "leading_zero", "A UID does not begin with 0. Copy it again.")
    if len(uid) > _LONGEST_UID:
        message = f"A UID has at most {_LONGEST_UID} digits, this one has {len(uid)}. Copy it again."
        raise InvalidValue("address", "wrong_length", message)


def _check_area_code(area_code: str) -> None:
    what_to_do = "Write the area code in digits only, for example 44."
    if not area_code:
        raise InvalidValue("area_code", "empty", f"A phone needs its area code. {what_to_do}")
    _refuse_other_than_digits("area_code", area_code, what_to_do)
    if area_code.startswith("0"):
        raise InvalidValue("area_code", "leading_zero", "Write it without zeros in front: 44, not 0044.")
    if len(area_code) > _LONGEST_AREA_CODE:
        message = f"An area code has at most {_LONGEST_AREA_CODE} digits. Put the rest into the number."
        raise InvalidValue("area_code", "wrong_length", message)


def _refuse_other_than_digits(field: str, text: str, what_to_do: str) -> None:
    refuse_strays(field, text)
    at = first_outside(text, string.digits)
    if at is not None:
        raise InvalidValue(field, "not_digits", f"{position(text, at)}. {what_to_do}")
