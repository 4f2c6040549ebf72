"""Zoomex's v1 scheme: how a request is signed, and what the code of an answer says, in either envelope.

Sources: docs/v3/intro and docs/v3/error of Zoomex's public documentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from payouts.domain.sending.answer import Outcome
from payouts.providers import signing
from payouts.providers.base import Credentials
from payouts.providers.json_over_http import Interpretation, Json, Meaning

# docs/v3/error, and what each code says of a withdrawal. Zoomex publishes no codes of its own for
# withdrawals; whatever is not here is unknown.
CODES: Mapping[int, Meaning] = {
    0: Meaning(Outcome.ACCEPTED, "OK"),
    10000: Meaning(Outcome.UNKNOWN, "Server timeout"),
    10001: Meaning(Outcome.REFUSED, "Parameter error"),
    10002: Meaning(Outcome.REFUSED, "The request's time is outside the window; check the clock"),
    10003: Meaning(Outcome.REFUSED, "The API key is not valid"),
    10004: Meaning(Outcome.REFUSED, "The signature is wrong"),
    10005: Meaning(Outcome.REFUSED, "Permission denied"),
    10006: Meaning(Outcome.NOT_EXECUTED, "Too many requests", retry_after=5),
    # The copy-trade page has it mean that the backend was too slow and nobody knows: no documented no, then.
    10007: Meaning(Outcome.UNKNOWN, "User authentication failed, or the backend was too slow"),
    10008: Meaning(Outcome.REFUSED, "The user is banned"),
    10009: Meaning(Outcome.REFUSED, "The IP address is banned"),
    10010: Meaning(Outcome.REFUSED, "The IP address is not bound to the API key"),
    10014: Meaning(Outcome.UNKNOWN, "Duplicate request: an earlier one may exist"),
    10016: Meaning(Outcome.UNKNOWN, "Server error"),
    10017: Meaning(Outcome.NOT_EXECUTED, "Route not found", retry_after=60),
    10018: Meaning(Outcome.NOT_EXECUTED, "The IP address sent too many requests", retry_after=600),
    10024: Meaning(Outcome.REFUSED, "Compliance rules do not allow it"),
    10027: Meaning(Outcome.REFUSED, "Transactions are banned"),
}

# The same page, for answers whose body carries no code.
HTTP_STATUSES: Mapping[int, Meaning] = {
    400: Meaning(Outcome.REFUSED, "Bad request"),
    401: Meaning(Outcome.REFUSED, "The request was not authenticated"),
    403: Meaning(Outcome.NOT_EXECUTED, "The IP address sent too many requests", retry_after=600),
    404: Meaning(Outcome.REFUSED, "The path was not found"),
}

# These say something of key, user or IP address, not of one order: every other order would be refused too.
# So would it be by a clock that is wrong (10002), and refused is final: the measures of the clock are an hour apart.
# The last three are of its ancestors' lists and say that the balance does not suffice. They stop, and prove nothing.
STOP_CODES = frozenset(
    {"10002", "10003", "10004", "10005", "10007", "10008", "10009", "10010", "10024", "10027", "HTTP 401"}
    | {"131212", "38001", "90042"}
)


@dataclass(frozen=True)
class Signed:
    """The parameters with key, time, window and signature; the headers that repeat those four; the signature."""

    params: Mapping[str, str | int] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    sign: str = field(repr=False)


def signed(params: Mapping[str, str | int], credentials: Credentials, *, at: float, window: int) -> Signed:
    """Sign parameters as of `at`, in Unix seconds. Raises ValueError for values that signing refuses."""
    key, timestamp = credentials.key, int(at * 1000)
    whole = {**params, "api_key": key, "timestamp": timestamp, "recv_window": window}
    sign = signing.zoomex_v1(whole, credentials.secret)
    headers = {
        "X-BAPI-API-KEY": key,
        "X-BAPI-SIGN": sign,
        "X-BAPI-TIMESTAMP": str(timestamp),
        "X-BAPI-RECV-WINDOW": str(window),
    }
    return Signed(whole | {"sign": sign}, headers, sign)


def verdict(http_status: int, answer: Json | None) -> Interpretation:
    """What an answer says of the order: by the body's code where there is one, else by a documented HTTP status.

    Whatever is undocumented or contradictory is UNKNOWN. ACCEPTED says no more than code 0: the caller reads the
    result.
    """
    by_status = HTTP_STATUSES.get(http_status)
    if http_status != 200 and by_status is None:
        return unknown(f"HTTP {http_status}", "Not a documented answer.", answer)
    codes = [answer[name] for name in ("retCode", "ret_code") if name in answer] if answer else []
    if not codes and by_status is not None:
        code = f"HTTP {http_status}"
        return Interpretation(by_status.outcome, code, by_status.words, retry_after=by_status.retry_after)
    if not codes or any(type(code) is not int for code in codes):
        return unknown("unreadable", "No code could be read.", answer)
    meaning = CODES.get(codes[0], Meaning(Outcome.UNKNOWN, "Not a documented code."))
    if len(set(codes)) > 1 or (by_status is not None and meaning.outcome is Outcome.ACCEPTED):
        return contradictory(answer)
    return Interpretation(meaning.outcome, str(codes[0]), meaning.words, _message(answer), meaning.retry_after)


def contradictory(answer: Json | None) -> Interpretation:
    """UNKNOWN, for an answer of which one part denies another."""
    return unknown("contradictory", "The answer contradicts itself.", answer)


def unknown(code: str, words: str, answer: Json | None) -> Interpretation:
    """UNKNOWN, with the provider's message where there is one; `words` are shown where there is none."""
    return Interpretation(Outcome.UNKNOWN, code, words, _message(answer))


def _message(answer: Json | None) -> object:
    return (answer.get("retMsg") or answer.get("ret_msg")) if answer else None
