"""Canonical JSON: the one text of some facts, and its digest: what is compared, approved, signed and stored.

The same facts have the same text, whoever writes it and whenever, and other facts have another:

- objects with their names in the order of their characters' numbers, no spaces, no line breaks;
- printable ASCII: any other character, DEL among them, is escaped as JSON does it, `\\n` before `\\u000a`, in small
  letters, beyond U+FFFF in two halves;
- texts, whole numbers, true, false and null as JSON has them; lists and tuples as arrays;
- an amount as a text in plain digits (`domain.money.plain`), a moment as a text in UTC with microseconds
  (`2026-03-01T12:00:00.000000+00:00`), a date as `2026-03-01`, a UUID as its 32 hex digits, an enum as its value.

Everything else is a TypeError: a float, which would be rounded; a set, which has no order; a moment without a zone;
half of a character; a name that is no text. Which texts are amounts or moments, the text does not say: its reader
knows.

It is not RFC 8785 (JCS), which leaves characters beyond ASCII as they are, orders names by UTF-16 and writes numbers as
doubles. For facts in ASCII without DEL, with whole numbers up to 2^53, the two are the same, byte for byte.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from payouts.domain.money import plain

Said = str | int | None | list["Said"] | dict[str, "Said"]


def canonical(facts: Mapping[str, Any]) -> str:
    """The facts as canonical JSON. Raises TypeError for what has no place in it."""
    return json.dumps(_said(facts), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, in small hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _said(value: Any) -> Said:
    """The value in JSON's own types."""
    match value:
        case Enum():
            return _said(value.value)
        case None | int():  # True and False among them
            return value
        case str():
            return _whole(value)
        case Mapping():
            return {_name(name): _said(each) for name, each in value.items()}
        case list() | tuple():
            return [_said(each) for each in value]
        case _:
            return _text(value)


def _text(value: Any) -> str:
    match value:
        case Decimal():
            return plain(value)
        case datetime() if value.utcoffset() is not None:
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case UUID():
            return value.hex
        case _:
            raise TypeError(f"Canonical JSON holds no {type(value).__name__} like this.")


def _name(name: Any) -> str:
    if type(name) is not str:
        raise TypeError(f"A name in canonical JSON is a text, not a {type(name).__name__}.")
    return _whole(name)


def _whole(text: str) -> str:
    """The text, unless it holds half of a character: two halves in a row would be written as the whole one is."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise TypeError("Canonical JSON holds whole characters.")
    return text
