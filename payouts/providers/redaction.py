"""What may be kept of an answer: secrets and signatures out, cut to length, safe to store and show."""

import re
import unicodedata
from urllib.parse import quote

from payouts.providers.base import Credentials

REMOVED = "[removed]"
RAW_LIMIT = 4_000
MESSAGE_LIMIT = 300
# Shorter values (a merchant code of six digits) are only removed where they stand alone: taken out of the
# middle of other numbers they would falsify the evidence and hide nothing.
_STANDS_ALONE_BELOW = 12


def redact(text: str, credentials: Credentials, sign: str) -> str:
    """The text with key, secret and signature replaced, also where they are percent- or JSON-escaped."""
    for value in sorted({credentials.key, credentials.secret, sign} - {""}, key=len, reverse=True):
        text = re.sub(_any_spelling(value), REMOVED, text, flags=re.IGNORECASE)
    return text


def raw_text(body: bytes, credentials: Credentials, sign: str) -> str:
    """An answer's body as evidence. Redacted first, cut afterwards: no cut leaves half a secret."""
    text = body.decode("utf-8", errors="replace").replace("\x00", "\ufffd")  # PostgreSQL takes no NUL
    return redact(text, credentials, sign)[:RAW_LIMIT]


def message_text(message: object, credentials: Credentials, sign: str) -> str:
    """A provider's message for people: one line without control or bidi characters; "" if it is no text."""
    if not isinstance(message, str):
        return ""
    visible = "".join(_visible(character) for character in message)
    return redact(" ".join(visible.split()), credentials, sign)[:MESSAGE_LIMIT]


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category.startswith("C") else character


def _any_spelling(value: str) -> str:
    pattern = "".join(_spellings(character) for character in value)
    return rf"(?<![0-9a-z]){pattern}(?![0-9a-z])" if len(value) < _STANDS_ALONE_BELOW else pattern


def _spellings(character: str) -> str:
    if character.isalnum() and character.isascii():
        return character
    ways = [
        re.escape(character),
        re.escape(quote(character, safe="")),
        re.escape("\\" + character),
        rf"\\u{ord(character):04x}",
    ]
    if character in " +":
        ways += [r"\+", " "]  # a form decoded once too often, or not at all
    return f"(?:{'|'.join(ways)})"
