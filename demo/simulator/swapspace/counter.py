"""Swapspace as documented: POST /admin/api/open/saveWithdraw, which gives no id and can be asked nothing.

Not idempotent, on purpose: two equal orders are two payments. Where the page contradicts itself the stand-in
is lenient: numbers come as JSON numbers or texts, and the lengths of to_address and sign are not enforced.
"""

import json
import re
from decimal import Decimal

from werkzeug.wrappers import Request, Response

from demo.simulator import signatures
from demo.simulator.book import Book, Told
from demo.simulator.customers import Customers, SwapspaceCustomer
from demo.simulator.reception import CallDecision, Refusal
from demo.simulator.swapspace import addresses
from demo.simulator.wire import Number, ReceivedFields, Unreadable, read_form, read_json

# https://docs.swapspace.ai/apis/create-withdraw-order
MESSAGES = {
    200: "success",
    40000: "system error",
    40001: "param_error",
    40002: "token name error",
    40003: "user not found",
    40004: "prohibit withdrawals",
    40005: "sign error",
    40006: "the address format is incorrect",
    40007: "unsupported withdrawal from internal address",
    40008: "insufficient balance",
    40009: "the withdrawal quantity must be greater than expense",
    40010: "request ip error",
}
PARAM, TOKEN, USER, PROHIBITED, SIGN, ADDRESS, INTERNAL_ADDRESS, BALANCE, FEE, IP = range(40001, 40011)

EXPENSE = Decimal(1)  # the fee that an amount has to exceed; the documentation gives no number
CLOCK_TOLERANCE = 300  # seconds that order_time may be off; the documentation gives no number

_CHAINS = {"TRX_CHAIN": addresses.is_tron, "ETH_CHAIN": addresses.is_ethereum}
TOKENS = ("USDT", "USDC", "ETH")
_FIELD_FORMS = {
    "block_chain": r"\S{1,32}",
    "code": r"[0-9]{1,6}",
    "order_time": r"[0-9]{10}",
    "token_name": r"\S{1,32}",
    "to_address": r".{1,128}",
    "withdraw_amount": r"(?=.{1,18}$)[0-9]+(\.[0-9]+)?",
    "sign": r".{1,128}",
}
_NUMBERS = ("code", "order_time", "withdraw_amount")
_CONTENTS = {"application/json": "json", "application/x-www-form-urlencoded": "form"}


class SwapspaceCounter:
    """Takes calls of saveWithdraw, the one endpoint that is documented."""

    provider = "swapspace"

    def __init__(self, customers: Customers, book: Book) -> None:
        self._customers, self._book = customers, book

    def decide(self, request: Request, at: float) -> CallDecision:
        """Form, merchant, caller and signature first; then what the order asks for."""
        try:
            fields = _fields(request)
            order = _order(fields)
            customer = self._customers.swapspace.get(order["code"])
            if customer is None:
                raise _no(USER)
            _check_caller(customer, request, fields, order["sign"])
            self._check(customer, order, at)
        except Refusal as no:
            return no.verdict()
        return CallDecision(200, MESSAGES[200], booked=True, settles_after=customer.settles_after)

    def _check(self, customer: SwapspaceCustomer, order: dict[str, str], at: float) -> None:
        chain, coin, address = order["block_chain"], order["token_name"], order["to_address"]
        amount = Decimal(order["withdraw_amount"])
        left = customer.balances.get(coin, Decimal()) - self._book.spent(self.provider, customer.code, coin, at)
        rules = {
            PROHIBITED: not customer.prohibited,
            PARAM: chain in _CHAINS and abs(at - int(order["order_time"])) <= CLOCK_TOLERANCE,
            TOKEN: coin in TOKENS,
            ADDRESS: chain in _CHAINS and _CHAINS[chain](address),
            INTERNAL_ADDRESS: address not in customer.internal,
            FEE: amount > EXPENSE,
            BALANCE: amount <= left,
        }
        for code, holds in rules.items():
            if not holds:
                raise _no(code)

    def describe(self, request: Request) -> Told:
        """The book's columns, from whatever can be read of the body."""
        try:
            told = {name: str(value) for name, value in _fields(request).items()}
        except Refusal:
            told = {}
        return {
            "customer": told.get("code"),
            "coin": told.get("token_name"),
            "amount": told.get("withdraw_amount"),
            "address": told.get("to_address"),
            "block_chain": told.get("block_chain"),
        }

    def render(self, verdict: CallDecision, at: float) -> Response:  # noqa: ARG002  there is no time in the answer
        """`code` and `msg`: no id, no status."""
        message = MESSAGES.get(verdict.code or 0, verdict.message)
        body = json.dumps({"code": verdict.code, "msg": message})
        return Response(body, verdict.http_status, mimetype="application/json")


def _no(code: int) -> Refusal:
    return Refusal(code, MESSAGES[code])


def _order(fields: ReceivedFields) -> dict[str, str]:
    """The documented fields, each in its documented form."""
    order = {}
    for name, form in _FIELD_FORMS.items():
        value = fields.get(name)
        wrong_type = isinstance(value, Number) and name not in _NUMBERS
        if not isinstance(value, str) or wrong_type or not re.fullmatch(form, value):
            raise _no(PARAM)
        order[name] = value
    return order


def _fields(request: Request) -> ReceivedFields:
    content = _CONTENTS.get(request.mimetype)
    try:
        if content == "json":
            return read_json(request.get_data())
        if content == "form":
            return read_form(request.get_data())
    except Unreadable as err:
        raise _no(PARAM) from err
    raise _no(PARAM)


def _check_caller(customer: SwapspaceCustomer, request: Request, fields: ReceivedFields, sign: str) -> None:
    if customer.content not in ("either", _CONTENTS[request.mimetype]):
        raise _no(PARAM)
    if customer.allowed_ips is not None and request.remote_addr not in customer.allowed_ips:
        raise _no(IP)
    try:
        expected = signatures.swapspace(customer.access_key, fields)
    except signatures.Unsignable as err:
        raise _no(PARAM) from err
    if not signatures.same(expected, sign):
        raise _no(SIGN)
