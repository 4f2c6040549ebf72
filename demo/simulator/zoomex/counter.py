"""Zoomex as documented: the internal withdrawal, and the server's time."""

import json
import re
from collections.abc import Callable
from decimal import Decimal

from werkzeug.wrappers import Request, Response

from demo.simulator.book import Book, Told
from demo.simulator.customers import Customers, ZoomexCustomer
from demo.simulator.rate import RollingLimit
from demo.simulator.reception import CallDecision, Refusal
from demo.simulator.wire import Number, ReceivedFields, Unreadable, read_json
from demo.simulator.zoomex.auth import DUPLICATE, PARAMETER, VISITS, authenticate, text

_ADDRESS_TYPES = {"1": "email", "2": "phone", "3": "uid"}
_ADDRESS_FORMS = {"email": r"[^@\s]+@[^@\s]+", "phone": r"[0-9]{1,20}", "uid": r"[0-9]{1,20}"}


class ZoomexCounter:
    """Takes calls of POST /private/v1/asset/withdraw/inner-create."""

    provider = "zoomex"

    def __init__(self, customers: Customers, book: Book, clock_offset: Callable[[], float]) -> None:
        self._customers, self._book, self._clock_offset = customers, book, clock_offset
        self._limit = RollingLimit(window=1.0)

    def decide(self, request: Request, at: float) -> CallDecision:
        """Authentication first, then the rate, then the fields, then what is in the book already."""
        try:
            fields = _read(request)
            customer = authenticate(self._customers, request, fields, at + self._clock_offset())
        except Refusal as no:
            return no.verdict()
        admitted = self._limit.admit(customer.api_key, customer.rate, at)
        headers = self._limit.headers(customer.api_key, customer.rate, at)
        try:
            if not admitted:
                raise Refusal(VISITS, "Too many visits!")
            self._check(customer, fields)
            earlier = self._earlier(customer, text(fields, "requestId"))
            if earlier is None:
                self._check_balance(customer, fields, at)
        except Refusal as no:
            return no.verdict(headers)
        if earlier is not None:
            return CallDecision(0, "success", 200, earlier, headers=headers)
        id_ = self._book.new_withdrawal_id()
        return CallDecision(0, "success", 200, id_, True, headers, customer.settles_after)

    def _check(self, customer: ZoomexCustomer, fields: ReceivedFields) -> None:
        reference, coin = text(fields, "requestId"), text(fields, "coin")
        if isinstance(fields["requestId"], Number) or not re.fullmatch("[A-Za-z0-9]{1,64}", reference):
            raise Refusal(PARAMETER, "requestId: 1 to 64 letters and digits")
        if coin not in customer.balances:
            raise Refusal(PARAMETER, f"coin {coin[:20]} is unknown")
        _check_recipient(customer, fields)
        _amount(fields)
        remark = fields.get("remark", "")
        if not isinstance(remark, str) or isinstance(remark, Number) or len(remark) > 50:
            raise Refusal(PARAMETER, "remark: a text of at most 50 characters")

    def _earlier(self, customer: ZoomexCustomer, reference: str) -> str | None:
        """The withdraw_id that a repeated requestId is answered with; None for a new one."""
        earlier = self._book.find(self.provider, reference)
        if earlier is None:
            return None
        if customer.duplicates == "same_id" and earlier.customer == customer.api_key:
            return earlier.withdrawal_id
        raise Refusal(DUPLICATE, "Invalid duplicate request.")

    def _check_balance(self, customer: ZoomexCustomer, fields: ReceivedFields, at: float) -> None:
        coin = text(fields, "coin")
        if _amount(fields) > customer.balances[coin] - self._book.spent(self.provider, customer.api_key, coin, at):
            raise Refusal(PARAMETER, f"insufficient balance of {coin}")

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

    def render(self, verdict: CallDecision, at: float) -> Response:
        """`retCode, retMsg, result, retExtInfo, time`."""
        result = {"withdraw_id": verdict.withdrawal_id} if verdict.code == 0 else {}
        return envelope(verdict, result, at)


def envelope(verdict: CallDecision, result: object, at: float) -> Response:
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
    return envelope(CallDecision(0, "OK"), {"timeSecond": str(int(at)), "timeNano": str(nano)}, at)


def _read(request: Request) -> ReceivedFields:
    if request.mimetype != "application/json":
        raise Refusal(PARAMETER, "Content-Type has to be application/json", 400)
    try:
        return read_json(request.get_data())
    except Unreadable as err:
        raise Refusal(PARAMETER, str(err), 400) from err


def _check_recipient(customer: ZoomexCustomer, fields: ReceivedFields) -> None:
    kind = _ADDRESS_TYPES.get(_whole_number(fields, "addressType"))
    if kind is None:
        raise Refusal(PARAMETER, "addressType: 1 e-mail, 2 phone, 3 UID")
    address = text(fields, "address")
    if isinstance(fields["address"], Number) or not re.fullmatch(_ADDRESS_FORMS[kind], address):
        raise Refusal(PARAMETER, f"address is not the text of a {kind}")
    area = f"{_whole_number(fields, 'areaCode')}:" if kind == "phone" else ""
    if customer.recipients is not None and f"{kind}:{area}{address}" not in customer.recipients:
        raise Refusal(PARAMETER, "address is not in the address book")


def _whole_number(fields: ReceivedFields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, Number) or not re.fullmatch("[0-9]{1,6}", value):
        raise Refusal(PARAMETER, f"{name} has to be an integer")
    return value


def _amount(fields: ReceivedFields) -> Decimal:
    value = text(fields, "amount")
    if isinstance(fields["amount"], Number) or not re.fullmatch(r"[0-9]{1,30}(\.[0-9]{1,18})?", value):
        raise Refusal(PARAMETER, "amount: a text of plain digits")
    if not Decimal(value):
        raise Refusal(PARAMETER, "amount has to be above zero")
    return Decimal(value)
