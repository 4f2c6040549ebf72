"""The providers' signatures: pure functions of parameters and secret. No clock, nothing changed."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def zoomex_v1(params: Mapping[str, str | int], secret: str) -> str:
    """Lower-case hex HMAC-SHA256, as Zoomex's `/private/v1/` endpoints want it.

    Source: docs/v3/intro and the sample on each endpoint's page. Raises ValueError as `signed_text` does.
    """
    return _hmac_sha256(signed_text(params), secret).hex()


def swapspace(params: Mapping[str, str | int], key: str) -> str:
    """Base64 HMAC-SHA256 with the access key's text as key.

    Their page speaks of the key "placed at the end"; its own example comes out only with nothing appended.
    Raises ValueError as `signed_text` does.
    """
    return base64.b64encode(_hmac_sha256(signed_text(params), key)).decode("ascii")


def signed_text(params: Mapping[str, str | int]) -> str:
    """`name=value` of every parameter but `sign`, sorted by name, joined by `&`, values as they are.

    Raises ValueError for a value that could be read in two ways: with & or = in it, or of any other type
    than str and int (None signs as "None" but is sent as null; True as "True" but is sent as true). Only a
    cursor, which is the provider's own base64, may have = in it.
    """
    return "&".join(f"{name}={_value(name, params[name])}" for name in sorted(params) if name != "sign")


def _value(name: str, value: str | int) -> str:
    if type(value) not in (str, int):
        raise ValueError(f"{name} cannot be signed: neither text nor a whole number")
    text = str(value)
    if "&" in text or ("=" in text and name != "cursor"):
        raise ValueError(f"{name} cannot be signed: & and = would make the signed text ambiguous")
    return text


def _hmac_sha256(text: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
