"""Zoomex: internal transfers to a customer's e-mail, phone or UID.

POST /private/v1/asset/withdraw/inner-create, v1 signature. Sources: docs/v3/account/withdraw-internal,
docs/v3/intro and docs/v3/error of Zoomex's public documentation.
"""

import json
import re
from collections.abc import Mapping
from typing import ClassVar

from payouts.domain.errors import InvalidValue
from payouts.domain.kind import INTERNAL, Kind
from payouts.domain.order import Order
from payouts.providers import signing, wire
from payouts.providers.base import TIMEOUT, AssetSpec, Option, Term, whole
from payouts.providers.json_over_http import Json, JsonOverHttp, Meaning, Outcome, Request, Verdict

PATH = "/private/v1/asset/withdraw/inner-create"
ADDRESS_TYPES = {Kind.EMAIL: 1, Kind.PHONE: 2, Kind.UID: 3}
REMARK_LIMIT = 50

_REQUEST_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_AREA_CODE = re.compile(r"[1-9][0-9]{0,5}")
_WITHDRAWAL_ID = re.compile(r"[!-~]{1,64}")

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
    10007: Meaning(Outcome.REFUSED, "User authentication failed"),
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


class Zoomex(JsonOverHttp):
    """A master account's API key with the right to withdraw."""

    name: ClassVar[str] = "zoomex"
    title: ClassVar[str] = "Zoomex"
    kinds: ClassVar[frozenset[Kind]] = frozenset(ADDRESS_TYPES)
    assets: ClassVar[tuple[AssetSpec, ...]] = (
        AssetSpec(INTERNAL, "USDT", 4),  # the accuracy in the sample of docs/v3/account/coin-info
        AssetSpec(INTERNAL, "USDC", 4),  # these three are not in the sample: no finer than is customary
        AssetSpec(INTERNAL, "BTC", 8),
        AssetSpec(INTERNAL, "ETH", 8),
    )
    takes_remark: ClassVar[bool] = True
    # requestId is documented as idempotent, but not what a repeated one is answered, nor for how long.
    resend_allowed: ClassVar[bool] = False
    hosts: ClassVar[frozenset[str]] = frozenset({"openapi.zoomex.com", "openapi-testnet.zoomex.com"})
    key: ClassVar[Term] = Term("API_KEY", r"[!-%'-<>-~]{1,128}", "plain characters without spaces, & and =")
    secret: ClassVar[Term] = Term("API_SECRET", r"[!-~]{1,256}", "plain characters without spaces")
    options: ClassVar[Mapping[str, Option]] = {
        "timeout": TIMEOUT,
        # milliseconds; as short as the documented default: a longer one lengthens the time for a replay
        "recv_window": whole(5000, least=1000, most=60_000),
    }

    @staticmethod
    def fields(order: Order) -> dict[str, str | int]:
        """requestId, coin, addressType, areaCode (phones), address, amount and remark (unless empty)."""
        if not _REQUEST_ID.fullmatch(order.reference):
            raise InvalidValue("reference", "form", "A requestId is 1 to 64 letters and digits.")
        kind = wire.kind_among(order.kind, Zoomex.kinds, Zoomex.title)
        fields: dict[str, str | int] = {
            "requestId": order.reference,
            "coin": wire.unambiguous("coin", order.coin),
            "addressType": ADDRESS_TYPES[kind],
        }
        if kind is Kind.PHONE:
            fields["areaCode"] = _area_code(order.area_code)
        fields["address"] = wire.unambiguous("address", order.address)
        fields["amount"] = wire.amount(order.amount)
        if order.remark:
            fields["remark"] = _remark(order.remark)
        return fields

    def request(self, order: Order) -> Request:
        """Parameters, key, clock and signature in the JSON body, and the last four in headers as well."""
        timestamp, window = int(self.clock() * 1000), int(self.option("recv_window"))
        key = self.credentials.key
        params = self.fields(order) | {"api_key": key, "timestamp": timestamp, "recv_window": window}
        sign = signing.zoomex_v1(params, self.credentials.secret)
        headers = {
            "X-BAPI-API-KEY": key,
            "X-BAPI-SIGN": sign,
            "X-BAPI-TIMESTAMP": str(timestamp),
            "X-BAPI-RECV-WINDOW": str(window),
        }
        body = json.dumps(params | {"sign": sign}, ensure_ascii=False).encode()
        return Request(PATH, "application/json", body, sign, headers)

    def verdict(self, http_status: int, answer: Json | None) -> Verdict:
        """The body's code decides where there is one, under a status that is documented; else the status."""
        by_status = HTTP_STATUSES.get(http_status)
        if http_status != 200 and by_status is None:
            return _unknown(f"HTTP {http_status}", "Not a documented answer.", answer)
        codes = [answer[name] for name in ("retCode", "ret_code") if name in answer] if answer else []
        if not codes and by_status is not None:
            code = f"HTTP {http_status}"
            return Verdict(by_status.outcome, code, by_status.words, retry_after=by_status.retry_after)
        if answer is None or not codes or any(type(code) is not int for code in codes):
            return _unknown("unreadable", "No code could be read.", answer)
        verdict = _by_code(codes[0], answer)
        if len(set(codes)) > 1 or (by_status is not None and verdict.outcome is Outcome.ACCEPTED):
            return _unknown("contradictory", "The answer contradicts itself.", answer)
        return verdict


def _by_code(code: int, answer: Json) -> Verdict:
    meaning = CODES.get(code, Meaning(Outcome.UNKNOWN, "Not a documented code."))
    result = answer.get("result")
    withdrawal_id = result.get("withdraw_id") if isinstance(result, dict) else None
    if meaning.outcome is not Outcome.ACCEPTED:
        if withdrawal_id and meaning.outcome is not Outcome.UNKNOWN:  # a no that names a withdrawal
            return _unknown("contradictory", "The answer contradicts itself.", answer)
        return Verdict(meaning.outcome, str(code), meaning.words, _message(answer), meaning.retry_after)
    if isinstance(withdrawal_id, str) and _WITHDRAWAL_ID.fullmatch(withdrawal_id):
        return Verdict(Outcome.ACCEPTED, str(code), meaning.words, withdrawal_id=withdrawal_id)
    return Verdict(Outcome.UNKNOWN, "no_withdrawal_id", "Code 0, but no usable withdraw_id.")


def _unknown(code: str, words: str, answer: Json | None) -> Verdict:
    return Verdict(Outcome.UNKNOWN, code, words, _message(answer))


def _message(answer: Json | None) -> object:
    return (answer.get("retMsg") or answer.get("ret_msg")) if answer else None


def _area_code(digits: str) -> int:
    """An integer in the documentation, so it must not begin with a zero, which would be lost on the way."""
    if not _AREA_CODE.fullmatch(digits):
        raise InvalidValue("area_code", "form", "An area code is 1 to 6 digits without a leading zero.")
    return int(digits)


def _remark(remark: str) -> str:
    if len(remark) > REMARK_LIMIT:
        raise InvalidValue("remark", "too_long", f"A remark has at most {REMARK_LIMIT} characters.")
    return wire.unambiguous("remark", remark)
