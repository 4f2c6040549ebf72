"""What stands in the cells of an uploaded statement: moments, amounts and texts, read strictly or refused."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from payouts.domain.errors import InvalidValue
from payouts.domain.money import parse_amount

_UNIX = re.compile(r"[0-9]{10}|[0-9]{13}")  # seconds, or milliseconds, from 2001 to 2286
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?( ?(Z|UTC|[+-][0-9:]{4,6}))?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = re.compile(r"0(\.0{1,18})?")
_MOST_DECIMALS = 18  # the column is numeric(38, 18)
_NOTHING = frozenset({"", "-", "--", "n/a", "null", "none"})
_MASKS = ("**", "...", "\u2026")


def read_moment(text: str, *, zone: timezone) -> datetime:
    """The moment in UTC: Unix seconds or milliseconds, or date and time to the second.

    `zone` is whose time it is where the text does not say. Raises InvalidValue("time", ...).
    """
    if _UNIX.fullmatch(text):
        milliseconds = int(text) * (1 if len(text) == 13 else 1000)
        return _EPOCH + timedelta(milliseconds=milliseconds)
    if not _ISO.fullmatch(text):
        message = "Not a time to the second: 2026-03-01 12:30:05, 2026-03-01T12:30:05Z or 1772368205."
        raise InvalidValue("time", "not_a_time", message)
    try:
        moment = datetime.fromisoformat(text.replace("UTC", "Z").replace(" ", "T", 1).replace(" ", ""))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as err:
        raise InvalidValue("time", "no_such_time", "There is no such date or time.") from err


def read_amount(text: str, *, coin: str) -> Decimal:
    """The amount, exactly. Raises InvalidValue("amount", ...)."""
    return parse_amount(text, coin=coin, decimals=_MOST_DECIMALS)


def read_fee(text: str, *, coin: str) -> Decimal | None:
    """The fee, which may be zero; None where the cell says nothing. Raises InvalidValue("fee", ...)."""
    if not has_something(text):
        return None
    if _ZERO.fullmatch(text):
        return Decimal(text)
    try:
        return parse_amount(text, coin=coin, decimals=_MOST_DECIMALS)
    except InvalidValue as err:
        raise InvalidValue("fee", err.code, err.message) from err


def read_address(text: str, *, longest: int) -> str:
    """The recipient in full. Raises InvalidValue("address", ...), also for one that is partly hidden."""
    if any(mask in text for mask in _MASKS):
        raise InvalidValue("address", "shortened", "The address is shortened: it cannot be compared.")
    return read_text("address", text, longest=longest)


def read_text(field: str, text: str, *, longest: int) -> str:
    """The text unchanged. Raises InvalidValue for the field: empty, too long, or with invisible characters."""
    if not text:
        raise InvalidValue(field, "empty", "The cell is empty.")
    if len(text) > longest:
        raise InvalidValue(field, "too_long", f"The cell has more than {longest} characters.")
    if not text.isprintable():
        message = "The cell holds line breaks or characters that cannot be seen."
        raise InvalidValue(field, "unseen_character", message)
    return text


def read_optional(field: str, text: str, *, longest: int) -> str:
    """As read_text; "" for an empty cell and for the usual words for nothing, such as - and n/a."""
    return read_text(field, text, longest=longest) if has_something(text) else ""


def has_something(text: str) -> bool:
    """False for an empty cell and for the usual words for nothing, such as - and n/a."""
    return text.casefold() not in _NOTHING
