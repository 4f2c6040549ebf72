"""A simulator with a fake clock, and callers that sign with code of their own, not with the simulator's."""

import base64
import hashlib
import hmac
import json
from typing import Any

from werkzeug.test import Client

from demo.simulator.customers import parse
from demo.simulator.site import Simulator

NOW = 1_705_895_566.25  # the order_time of Swapspace's documented example, and a quarter of a second
INNER_CREATE = "/private/v1/asset/withdraw/inner-create"
QUERY_RECORD = "/private/v1/asset/withdraw/query-record"
SAVE_WITHDRAW = "/admin/api/open/saveWithdraw"

API_KEY, API_SECRET = "B2Rou0PLPpGqcU0Vu2", "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr"  # a published sample
MERCHANT, ACCESS_KEY = "100119", "8b026795f25458920ec1ce2249efasd9"  # a published sample
TRON = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"

ZOOMEX: dict[str, Any] = {
    "api_key": API_KEY,
    "api_secret": API_SECRET,
    "balances": {"USDT": "5000", "BTC": "1"},
    "recipients": ["uid:12345678", "email:ada@example.com", "phone:45:20123456"],
    "rate": 0,
}
SWAPSPACE: dict[str, Any] = {
    "code": MERCHANT,
    "access_key": ACCESS_KEY,
    "balances": {"USDT": "5000", "ETH": "10"},
}

# The documented request of /docs/v3/account/withdraw-internal, with a recipient of ours.
ZOOMEX_ORDER = {
    "requestId": "a" * 32,
    "coin": "USDT",
    "addressType": 3,
    "address": "12345678",
    "amount": "1",
}
# The documented request of /apis/create-withdraw-order, for the merchant whose key is published.
SWAPSPACE_ORDER = {
    "block_chain": "TRX_CHAIN",
    "code": 100119,
    "order_time": 1705895566,
    "to_address": TRON,
    "token_name": "USDT",
    "withdraw_amount": 1000,
}
MISSING = object()


def v1_sign(params: dict[str, Any], secret: str = API_SECRET) -> str:
    text = "&".join(f"{key}={params[key]}" for key in sorted(params))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def swapspace_sign(params: dict[str, Any], key: str = ACCESS_KEY) -> str:
    text = "&".join(f"{key}={params[key]}" for key in sorted(params))
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def changed(params: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (params | changes).items() if value is not MISSING}


def zoomex_signed(
    params: dict[str, Any], *, at: float, secret: str = API_SECRET
) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters with authentication and `sign`, and the four headers."""
    auth: dict[str, Any] = {"api_key": API_KEY, "timestamp": int(at * 1000), "recv_window": 5000}
    signed = auth | params
    signed = {key: value for key, value in signed.items() if value is not MISSING}
    signed["sign"] = v1_sign(signed, secret)
    headers = {
        "X-BAPI-API-KEY": str(signed.get("api_key", API_KEY)),
        "X-BAPI-SIGN": signed["sign"],
        "X-BAPI-TIMESTAMP": str(signed.get("timestamp", auth["timestamp"])),
        "X-BAPI-RECV-WINDOW": str(signed.get("recv_window", 5000)),
    }
    return signed, headers


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Desk:
    """A simulator without a server, and the calls that the tests make to it."""

    def __init__(self, zoomex: dict[str, Any] | None = None, swapspace: dict[str, Any] | None = None) -> None:
        another = ZOOMEX | {"api_key": "another"}
        told = {"zoomex": [ZOOMEX | (zoomex or {}), another], "swapspace": [SWAPSPACE | (swapspace or {})]}
        self.clock = Clock()
        self.simulator = Simulator(parse(json.dumps(told)), self.clock)
        self.book = self.simulator.book
        self.client: Any = Client(self.simulator)  # Any: its stubs make every answer's JSON optional
        self.caller = "127.0.0.1"

    def zoomex(self, *, secret: str = API_SECRET, **changes: Any) -> Any:
        """One inner-create, signed after the changes."""
        body, headers = zoomex_signed(changed(ZOOMEX_ORDER, changes), at=self.clock(), secret=secret)
        return self.client.post(INNER_CREATE, json=body, headers=headers)

    def records(self, **params: Any) -> Any:
        """One query-record."""
        query, headers = zoomex_signed(params, at=self.clock())
        return self.client.get(QUERY_RECORD, query_string=query, headers=headers)

    def swapspace(self, *, form: bool = False, key: str = ACCESS_KEY, **changes: Any) -> Any:
        """One saveWithdraw, signed after the changes."""
        order = changed(SWAPSPACE_ORDER, changes)
        order.setdefault("sign", swapspace_sign(order, key))
        if order["sign"] is None:
            del order["sign"]
        body = {"data": order} if form else {"json": order}
        return self.client.post(SAVE_WITHDRAW, environ_base={"REMOTE_ADDR": self.caller}, **body)
