"""The two providers' signatures, over the raw values as they were sent."""

import base64
import hashlib
import hmac

from demo.simulator.wire import ReceivedFields


class Unsignable(Exception):
    """A field is neither a text, a number nor a boolean, so there is no documented way to sign it."""


def signed_text(fields: ReceivedFields) -> str:
    """`k=v` joined by `&` in the order of the keys, `sign` left out, nothing encoded."""
    return "&".join(f"{key}={_text(key, fields[key])}" for key in sorted(fields) if key != "sign")


def zoomex_v1(secret: str, fields: ReceivedFields) -> str:
    """HMAC-SHA256 in lower-case hex: the scheme of /private/v1 and its api_key, timestamp and recv_window."""
    return _hmac(secret, fields).hex()


def swapspace(access_key: str, fields: ReceivedFields) -> str:
    """HMAC-SHA256 in base64; the access key is the HMAC's key and is appended to nothing."""
    return base64.b64encode(_hmac(access_key, fields)).decode("ascii")


def same(expected: str, given: str) -> bool:
    """Compared in constant time, whatever characters were given."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _hmac(key: str, fields: ReceivedFields) -> bytes:
    return hmac.digest(key.encode(), signed_text(fields).encode("utf-8", "surrogatepass"), hashlib.sha256)


def _text(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    raise Unsignable(key)
