"""The whole simulator as one WSGI application: which URL belongs to which counter."""

import json
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from demo.simulator.book import Book
from demo.simulator.customers import Customers
from demo.simulator.faults.asked import read_fault, tell_fault
from demo.simulator.faults.scripted import Faults
from demo.simulator.faults.told import BadFault
from demo.simulator.pages import browser, orders, rehearsal
from demo.simulator.pages.going_back import GoingBack
from demo.simulator.reception import CallDecision, Counter, receive
from demo.simulator.swapspace import counter as swapspace
from demo.simulator.swapspace import records
from demo.simulator.zoomex import counter as zoomex
from demo.simulator.zoomex.auth import PARAMETER
from demo.simulator.zoomex.records import RecordsEndpoint

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Endpoint = Callable[[Request, float], Response]
Url = tuple[str, str, Endpoint]  # method, path, and who answers

_WITHDRAW = "/private/v1/asset/withdraw"
_ZOOMEX_PATHS = ("/private/", "/cloud/")
_ROUTE_NOT_FOUND = 10017


class _Request(Request):
    max_content_length = 1024 * 1024


class Simulator:
    """Both providers, the page and the faults. State lives in the process: serve it with one worker."""

    def __init__(
        self,
        customers: Customers,
        clock: Callable[[], float] = time.time,
        book: Book | None = None,
        going_back: GoingBack | None = None,
    ) -> None:
        self.book = book or Book()
        self._going_back = going_back
        self.faults = Faults()
        self._clock = clock
        urls = [*self._pages(customers), *self._script(), *self._zoomex(customers), *self._swapspace(customers)]
        self._urls = Map([Rule(path, methods=[method], endpoint=end) for method, path, end in urls])

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        at = self._clock()  # before anything else: rates are measured from the start of a request
        request = _Request(environ)
        response: Response
        try:
            endpoint, _ = self._urls.bind_to_environ(environ).match()
            response = endpoint(request, at)
        except HTTPException as err:
            response = _trouble(err, request, at)
        return response(environ, start_response)

    def _pages(self, customers: Customers) -> list[Url]:
        """The URLs that people open."""
        rehearsals = rehearsal.Rehearsal(customers, self.book, self.faults, self._going_back)
        return [
            ("GET", "/", lambda _request, _at: orders.show(self.book, customers.swapspace)),
            ("GET", "/style.css", lambda _request, _at: browser.style()),
            ("GET", rehearsal.REHEARSE_PATH, rehearsals.show),
            ("POST", rehearsal.REHEARSE_PATH, rehearsals.script),
            ("POST", f"{rehearsal.REHEARSE_PATH}/clear", rehearsals.clear),
            ("POST", f"{rehearsal.REHEARSE_PATH}/payment", rehearsals.pay),
            ("POST", f"{rehearsal.REHEARSE_PATH}/going-back", rehearsals.go_back),
        ]

    def _script(self) -> list[Url]:
        """The URLs that tests and scripts call."""
        return [
            ("GET", "/orders.json", lambda _request, _at: orders.as_json(self.book)),
            ("GET", "/faults", lambda _request, _at: self._scripted()),
            ("POST", "/faults", self._script_fault),
            ("DELETE", "/faults", self._clear_faults),
        ]

    def _zoomex(self, customers: Customers) -> list[Url]:
        offset = self.faults.clock_offset
        withdrawals = self._counter(zoomex.ZoomexCounter(customers, self.book, offset))
        return [
            ("POST", f"{_WITHDRAW}/inner-create", withdrawals),
            ("GET", f"{_WITHDRAW}/query-record", RecordsEndpoint(customers, self.book, self.faults).answer),
            ("GET", "/cloud/trade/v3/market/time", lambda _request, at: zoomex.market_time(at + offset())),
        ]

    def _swapspace(self, customers: Customers) -> list[Url]:
        withdrawals = self._counter(swapspace.SwapspaceCounter(customers, self.book))
        statements = records.Statements(customers, self.book)
        return [
            ("POST", "/admin/api/open/saveWithdraw", withdrawals),
            ("GET", records.EXPORT_PATH, statements.download),
        ]

    def _counter(self, counter: Counter) -> Endpoint:
        return lambda request, at: receive(counter, request, at, self.book, self.faults)

    def _script_fault(self, request: Request, _at: float) -> Response:
        """POST /faults, as JSON only: that, like DELETE, no page of another site can send without asking first."""
        told = request.get_json(silent=True)
        try:
            if not isinstance(told, dict):
                raise BadFault("a JSON object, sent as application/json")
            self.faults.add(read_fault(told))
        except BadFault as err:
            return _json({"error": str(err)}, 400)
        return _json({"scripted": told}, 201)

    def _clear_faults(self, _request: Request, _at: float) -> Response:
        self.faults.clear()
        return self._scripted()

    def _scripted(self) -> Response:
        return _json({"scripted": [tell_fault(fault) for fault in self.faults.waiting()]}, 200)


def _trouble(err: HTTPException, request: Request, at: float) -> Response:
    """Zoomex documents 404 for a wrong path and 400 for a wrong method; elsewhere HTTP's own codes hold."""
    if request.path.startswith(_ZOOMEX_PATHS) and isinstance(err, NotFound):
        return zoomex.envelope(CallDecision(_ROUTE_NOT_FOUND, "Route not found", 404), {}, at)
    if request.path.startswith(_ZOOMEX_PATHS) and isinstance(err, MethodNotAllowed):
        return zoomex.envelope(CallDecision(PARAMETER, "wrong method", 400), {}, at)
    ours = vars(err).get("description")  # where the one that raised it said why; else HTTP's own name
    return _json({"error": ours or err.name}, err.code or 500)


def _json(body: object, status: int) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
