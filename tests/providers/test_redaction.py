"""What is kept of an answer: no secret in any spelling, nothing that a database or a terminal chokes on."""

from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from payouts.providers.base import Credentials
from payouts.providers.redaction import message_text, raw_text, redact

KEY, SECRET, SIGN = "key-0123456789ab", "s/ec+ret=0123456", "+Q0MlRL/PVPZIGcl91Nc0T9bFvv2iCQconLGOSYx/as="
ACCOUNT = Credentials("a", "zoomex", KEY, SECRET, "https://openapi.zoomex.com")


def _gson(text: str) -> str:
    return text.replace("=", "\\u003d").replace("+", "\\u002B")


SPELLINGS = [
    str,
    str.upper,
    quote,
    quote_plus,
    lambda text: quote(text, safe="").lower(),
    _gson,
    lambda text: text.replace("/", "\\/"),
    lambda text: text.replace("+", " "),
]


@pytest.mark.parametrize("value", [KEY, SECRET, SIGN], ids=["key", "secret", "sign"])
@pytest.mark.parametrize("spell", SPELLINGS)
def test_secrets_and_signatures_are_removed_in_every_spelling(value: str, spell: Callable[[str], str]) -> None:
    assert redact(f'{{"echo":"x{spell(value)}y"}}', ACCOUNT, SIGN) == '{"echo":"x[removed]y"}'


def test_a_short_merchant_code_is_removed_only_where_it_stands_alone() -> None:
    merchant = Credentials("m", "swapspace", "100", SECRET, "https://api.swapspace.ai")
    assert redact('{"merchant":100,"time":1001003}', merchant, SIGN) == '{"merchant":[removed],"time":1001003}'


def test_raw_text_is_cut_after_redaction_so_that_no_half_secret_is_left() -> None:
    raw = raw_text(b"x" * 3_990 + SECRET.encode() + b"y" * 50, ACCOUNT, SIGN)
    assert len(raw) == 4_000
    assert SECRET[:5] not in raw


def test_raw_text_can_be_stored_whatever_came() -> None:
    raw = raw_text(b"\x00\xff\xfe ok", ACCOUNT, SIGN)
    assert raw == "\ufffd\ufffd\ufffd ok"


def test_a_message_is_one_line_without_tricks() -> None:
    message = "bad\r\n2025-01-01 INFO paid\t\u202eevil\u2066\u200b\ud800\x1b[31m\u2028" + "z" * 400
    shown = message_text(message, ACCOUNT, SIGN)
    assert shown.startswith("bad 2025-01-01 INFO paid evil [31m zzz")
    assert len(shown) == 300
    shown.encode()


def test_a_secret_split_by_invisible_characters_is_removed_too() -> None:
    assert message_text(f"{SECRET[:4]}\u200b{SECRET[4:]}", ACCOUNT, SIGN) == "[removed]"


@pytest.mark.parametrize("message", [None, 5, {"a": 1}, ["x"], ""])
def test_a_message_that_is_no_text_is_empty(message: object) -> None:
    assert message_text(message, ACCOUNT, SIGN) == ""
