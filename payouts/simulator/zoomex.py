"""Zoomex as documented: the internal withdrawal, the server's time, and the v1 authentication."""

import json
import re
from decimal import Decimal

from werkzeug.wrappers import Request, Response

from payouts.simulator import signatures
from payouts.simulator.book import Book, Told
from payouts.simulator.customers import Customers, ZoomexCustomer
from payouts.simulator.rate import RollingLimit
from payouts.simulator.reception import Refused, Verdict
from payouts.simulator.wire import Fields, Number, Unreadable, read_json

# https://zoomexglobal.github.io/docs/v3/error
PARAMETER, TIME, KEY, SIGN = 10001, 10002, 10003, 10004
VISITS, AUTHENTICATION, DUPLICATE = 10006, 10007, 10014

_AUTH = {
    "api_key": "X-BAPI-API-KEY",
    "timestamp": "X-BAPI-TIMESTAMP",
    "recv_window": "X-BAPI-RECV-WINDOW",
    "sign": "X-BAPI-SIGN",
}
_KINDS = {"1": "email", "2": "phone", "3": "uid"}
_FORMS = {"email": r"[^@\s]+@[^@\s]+", "phone": r"[0-9]{1,20}", "uid": r"[0-9]{1,20}"}


def authenticate(customers: Customers, request: Request, fields: Fields, at: float) -> ZoomexCustomer:
    """Who signed this call, by the v1 scheme: parameters in body or query, repeated in the headers."""
    if missing := [header for header in _AUTH.values() if not request.headers.get(header)]:
        raise Refused(AUTHENTICATION, f"not in the header: {', '.join(missing)}", 401)
    told = {name: text(fields, name) for name in _AUTH}
    if differing := [name for name, header in _AUTH.items() if told[name] != request.headers[header]]:
        raise Refused(SIGN, f"header and parameters differ: {', '.join(differing)}")
    customer = customers.zoomex.get(told["api_key"])
    if customer is None:
        raise Refused(KEY, "API key is invalid.")
    _check_time(told["timestamp"], told["recv_window"], int(at * 1000))
    try:
        expected = signatures.zoomex_v1(customer.api_secret, fields)
    except signatures.Unsignable as err:
        raise Refused(PARAMETER, f"{err} has to be a text or a number") from err
    if not signatures.same(expected, told["sign"]):
        raise Refused(SIGN, "Error sign, please check your signature generation algorithm.")
    return customer


def text(fields: Fields, name: str) -> str:
    """A parameter that has to be there, as its text."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(PARAMETER, f"{name} is missing")
    return value


def _check_time(timestamp: str, window: str, now: int) -> None:
    """`server_time - recv_window <= timestamp < server_time + 1000`, in milliseconds."""
    if not (re.fullmatch("[0-9]{1,16}", timestamp) and re.fullmatch("[0-9]{1,16}", window)):
        raise Refused(PARAMETER, "timestamp and recv_window are whole milliseconds")
    if not now - int(window) <= int(timestamp) < now + 1000:
        raise Refused(TIME, f"timestamp {timestamp} is outside the window {window} at server time {now}")


class Withdrawals:
    """POST /private/v1/asset/withdraw/inner-create."""

    provider = "zoomex"

    def __init__(self, customers: Customers, book: Book) -> None:
        self._customers, self._book = customers, book
        self._limit = RollingLimit(window=1.0)

    def decide(self, request: Request, at: float) -> Verdict:
        """Authentication first, then the rate, then the fields, then what is in the book already."""
        try:
            fields = _read(request)
            customer = authenticate(self._customers, request, fields, at)
        except Refused as no:
            return no.verdict()
        admitted = self._limit.admit(customer.api_key, customer.rate, at)
        headers = self._limit.headers(customer.api_key, customer.rate, at)
        try:
            if not admitted:
                raise Refused(VISITS, "Too many visits!")
            self._check(customer, fields)
        except Refused as no:
            return no.verdict(headers)
        return Verdict(0, "success", 200, self._book.new_withdrawal_id(), True, headers)

    def _check(self, customer: ZoomexCustomer, fields: Fields) -> None:
        reference, coin = text(fields, "requestId"), text(fields, "coin")
        if isinstance(fields["requestId"], Number) or not re.fullmatch("[A-Za-z0-9]{1,64}", reference):
            raise Refused(PARAMETER, "requestId: 1 to 64 letters and digits")
        if coin not in customer.balances:
            raise Refused(PARAMETER, f"coin {coin[:20]} is unknown")
        _check_recipient(customer, fields)
        amount = _amount(fields)
        remark = fields.get("remark", "")
        if not isinstance(remark, str) or isinstance(remark, Number) or len(remark) > 50:
            raise Refused(PARAMETER, "remark: a text of at most 50 characters")
        if self._book.find(self.provider, reference):
            raise Refused(DUPLICATE, "Invalid duplicate request.")
        if amount > customer.balances[coin] - self._book.spent(self.provider, customer.api_key, coin):
            raise Refused(PARAMETER, f"insufficient balance of {coin}")

    def describe(self, request: Request) -> Told:
        """The book's columns, from whatever can be read of the body."""
        try:
            fields = read_json(request.get_data())
        except Unreadable:
            fields = {}
        told = {name: str(value) for name, value in fields.items()}
        return {
            "customer": told.get("api_key"),
            "reference": told.get("requestId"),
            "coin": told.get("coin"),
            "amount": told.get("amount"),
            "address": told.get("address"),
            "address_type": told.get("addressType"),
            "area_code": told.get("areaCode"),
            "remark": told.get("remark"),
        }

    def render(self, verdict: Verdict, at: float) -> Response:
        """`retCode, retMsg, result, retExtInfo, time`."""
        result = {"withdraw_id": verdict.withdrawal_id} if verdict.code == 0 else {}
        return envelope(verdict, result, at)


def envelope(verdict: Verdict, result: object, at: float) -> Response:
    """The envelope of the v3 pages and of the withdraw creates."""
    body = {
        "retCode": verdict.code,
        "retMsg": verdict.message,
        "result": result,
        "retExtInfo": None,
        "time": int(at * 1000),
    }
    return Response(json.dumps(body), verdict.http_status, verdict.headers, mimetype="application/json")


def market_time(at: float) -> Response:
    """GET /cloud/trade/v3/market/time: the server's clock, for everybody."""
    nano = int(at * 1000) * 1_000_000
    return envelope(Verdict(0, "OK"), {"timeSecond": str(int(at)), "timeNano": str(nano)}, at)


def _read(request: Request) -> Fields:
    if request.mimetype != "application/json":
        raise Refused(PARAMETER, "Content-Type has to be application/json", 400)
    try:
        return read_json(request.get_data())
    except Unreadable as err:
        raise Refused(PARAMETER, str(err), 400) from err


def _check_recipient(customer: ZoomexCustomer, fields: Fields) -> None:
    kind = _KINDS.get(_whole_number(fields, "addressType"))
    if kind is None:
        raise Refused(PARAMETER, "addressType: 1 e-mail, 2 phone, 3 UID")
    address = text(fields, "address")
    if isinstance(fields["address"], Number) or not re.fullmatch(_FORMS[kind], address):
        raise Refused(PARAMETER, f"address is not the text of a {kind}")
    area = f"{_whole_number(fields, 'areaCode')}:" if kind == "phone" else ""
    if customer.recipients is not None and f"{kind}:{area}{address}" not in customer.recipients:
        raise Refused(PARAMETER, "address is not in the address book")


def _whole_number(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, Number) or not re.fullmatch("[0-9]{1,6}", value):
        raise Refused(PARAMETER, f"{name} has to be an integer")
    return value


def _amount(fields: Fields) -> Decimal:
    value = text(fields, "amount")
    if isinstance(fields["amount"], Number) or not re.fullmatch(r"[0-9]{1,30}(\.[0-9]{1,18})?", value):
        raise Refused(PARAMETER, "amount: a text of plain digits")
    if not Decimal(value):
        raise Refused(PARAMETER, "amount has to be above zero")
    return Decimal(value)
