"""Zoomex's withdrawal records as documented: GET /private/v1/asset/withdraw/query-record."""

import base64
import binascii
import json
import math
import re

from werkzeug.wrappers import Request, Response

from demo.simulator.book import Book, Call
from demo.simulator.customers import Customers, ZoomexCustomer
from demo.simulator.faults.delivery import deliver
from demo.simulator.faults.fault import On
from demo.simulator.faults.scripted import Faults
from demo.simulator.rate import RollingLimit
from demo.simulator.reception import CallDecision, Refusal, met
from demo.simulator.wire import ReceivedFields
from demo.simulator.zoomex.auth import PARAMETER, VISITS, authenticate

_PER_MINUTE, _WINDOW = 300, 60.0
_ON_CHAIN, _OFF_CHAIN, _ALL = "0", "1", "2"


class RecordsEndpoint:
    """What became of a customer's withdrawals, newest first; internal transfers are off-chain."""

    def __init__(self, customers: Customers, book: Book, faults: Faults) -> None:
        self._customers, self._book, self._faults = customers, book, faults
        self._limit = RollingLimit(window=_WINDOW)

    def answer(self, request: Request, at: float) -> Response:
        """One page of records in the `ret_code` envelope, or what a fault makes of it."""
        fault = self._faults.take("zoomex", On.RECORDS)
        if fault is None:
            return self._look(request, at)
        if fault.code is not None:
            return _envelope(met(CallDecision(None, ""), fault, at, limit=_PER_MINUTE, window=_WINDOW), None, at)
        return deliver(self._look(request, at), fault, request.environ)

    def _look(self, request: Request, at: float) -> Response:
        headers: dict[str, str] = {}
        try:
            fields = _read(request)
            customer = authenticate(self._customers, request, fields, at + self._faults.clock_offset())
            limit = _PER_MINUTE if customer.rate else 0
            with self._book.lock:
                admitted = self._limit.admit(customer.api_key, limit, at)
                headers = self._limit.headers(customer.api_key, limit, at)
            if not admitted:
                raise Refusal(VISITS, "Too many visits!")
            return _envelope(CallDecision(0, "success", headers=headers), self._page(customer, fields, at), at)
        except Refusal as no:
            return _envelope(no.verdict(headers), None, at)

    def _page(self, customer: ZoomexCustomer, fields: ReceivedFields, at: float) -> dict[str, object]:
        size = _number(fields, "pageSize", 20)
        if not 1 <= size <= 50:
            raise Refusal(PARAMETER, "pageSize: 1 to 50")
        before = _read_cursor(str(fields.get("cursor", "")))
        found = [call for call in self._matching(customer, fields, at) if call.sequence < before]
        rows, more = found[:size], len(found) > size
        cursor = _cursor(rows[-1].sequence) if more else ""
        return {"rows": [_row(call, customer, at) for call in rows], "cursor": cursor}

    def _matching(self, customer: ZoomexCustomer, fields: ReceivedFields, at: float) -> list[Call]:
        """The customer's booked calls that are shown by now and fit the query, newest first."""
        kind = fields.get("withdrawType", _ON_CHAIN)
        if kind not in (_ON_CHAIN, _OFF_CHAIN, _ALL):
            raise Refusal(PARAMETER, "withdrawType: 0, 1 or 2")
        start, end = _number(fields, "startTime", 0), _number(fields, "endTime", 10**11)
        if kind == _ON_CHAIN or fields.get("txid"):  # an internal transfer is never on a chain
            return []
        return [
            call
            for call in reversed(self._book.booked("zoomex"))
            if call.customer == customer.api_key
            and call.fate.is_shown(call.received_at, at)
            and start <= int(call.received_at) <= end
            and fields.get("coin") in (None, "", call.coin)
            and fields.get("withdrawId") in (None, "", call.withdrawal_id)
        ]


def _row(call: Call, customer: ZoomexCustomer, at: float) -> dict[str, object]:
    return {
        "withdraw_id": call.withdrawal_id,
        "tx_id": "",
        "withdraw_type": int(_OFF_CHAIN),
        "coin": call.coin,
        "chain": "",
        "amount": call.amount,
        "withdraw_fee": "0",
        "status": call.fate.status(call.received_at, at),
        "to_address": call.address,
        "user_id": customer.user_id,
        "tag": "",
        "create_time": str(int(call.received_at)),
        "update_time": str(int(call.fate.changed_at(call.received_at, at) * 1000)),
    }


def _envelope(verdict: CallDecision, result: object, at: float) -> Response:
    """`ret_code, ret_msg, ext_code, result, ext_info, time_now`: not the envelope of the creates."""
    body = {
        "ret_code": verdict.code,
        "ret_msg": verdict.message,
        "ext_code": "",
        "result": result,
        "ext_info": None,
        "time_now": int(at * 1000),
    }
    return Response(json.dumps(body), verdict.http_status, verdict.headers, mimetype="application/json")


def _read(request: Request) -> ReceivedFields:
    if request.get_data():
        raise Refusal(PARAMETER, "a GET carries no body", 403)
    fields = request.args.to_dict()
    if len(fields) != len(list(request.args.items(multi=True))):
        raise Refusal(PARAMETER, "a parameter came twice")
    return fields


def _number(fields: ReceivedFields, name: str, default: int) -> int:
    value = str(fields.get(name, default))
    if not re.fullmatch("[0-9]{1,16}", value):
        raise Refusal(PARAMETER, f"{name} has to be an integer")
    return int(value)


def _cursor(sequence: int) -> str:
    return base64.b64encode(f"before:{sequence}".encode()).decode("ascii")


def _read_cursor(cursor: str) -> float:
    """The sequence that the page stays below."""
    if not cursor:
        return math.inf
    try:
        return int(base64.b64decode(cursor, validate=True).removeprefix(b"before:"))
    except (binascii.Error, ValueError) as err:
        raise Refusal(PARAMETER, "cursor is not one of ours") from err
