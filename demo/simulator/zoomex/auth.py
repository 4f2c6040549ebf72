"""Who calls Zoomex: the v1 authentication as documented, and the codes of every endpoint."""

import re

from werkzeug.wrappers import Request

from demo.simulator import signatures
from demo.simulator.customers import Customers, ZoomexCustomer
from demo.simulator.reception import Refusal
from demo.simulator.wire import ReceivedFields

# https://zoomexglobal.github.io/docs/v3/error
PARAMETER, TIME, API_KEY, SIGNATURE = 10001, 10002, 10003, 10004
VISITS, AUTHENTICATION, DUPLICATE = 10006, 10007, 10014

_AUTH = {
    "api_key": "X-BAPI-API-KEY",
    "timestamp": "X-BAPI-TIMESTAMP",
    "recv_window": "X-BAPI-RECV-WINDOW",
    "sign": "X-BAPI-SIGN",
}


def authenticate(customers: Customers, request: Request, fields: ReceivedFields, at: float) -> ZoomexCustomer:
    """Who signed this call, by the v1 scheme: parameters in body or query, repeated in the headers."""
    if missing := [header for header in _AUTH.values() if not request.headers.get(header)]:
        raise Refusal(AUTHENTICATION, f"not in the header: {', '.join(missing)}", 401)
    told = {name: text(fields, name) for name in _AUTH}
    if differing := [name for name, header in _AUTH.items() if told[name] != request.headers[header]]:
        raise Refusal(SIGNATURE, f"header and parameters differ: {', '.join(differing)}")
    customer = customers.zoomex.get(told["api_key"])
    if customer is None:
        raise Refusal(API_KEY, "API key is invalid.")
    _check_time(told["timestamp"], told["recv_window"], int(at * 1000))
    try:
        expected = signatures.zoomex_v1(customer.api_secret, fields)
    except signatures.Unsignable as err:
        raise Refusal(PARAMETER, f"{err} has to be a text or a number") from err
    if not signatures.same(expected, told["sign"]):
        raise Refusal(SIGNATURE, "Error sign, please check your signature generation algorithm.")
    return customer


def text(fields: ReceivedFields, name: str) -> str:
    """A parameter that has to be there, as its text."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(PARAMETER, f"{name} is missing")
    return value


def _check_time(timestamp: str, window: str, now: int) -> None:
    """`server_time - recv_window <= timestamp < server_time + 1000`, in milliseconds."""
    if not (re.fullmatch("[0-9]{1,16}", timestamp) and re.fullmatch("[0-9]{1,16}", window)):
        raise Refusal(PARAMETER, "timestamp and recv_window are whole milliseconds")
    if not now - int(window) <= int(timestamp) < now + 1000:
        raise Refusal(TIME, f"timestamp {timestamp} is outside the window {window} at server time {now}")
