"""The whole simulator as one WSGI application: which URL belongs to which counter."""

import json
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from payouts.simulator import page, swapspace, zoomex
from payouts.simulator.book import Book
from payouts.simulator.customers import Customers
from payouts.simulator.faults import BadFault, Faults, read_fault
from payouts.simulator.reception import Counter, Verdict, receive
from payouts.simulator.zoomex_records import Records

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Endpoint = Callable[[Request, float], Response]

_WITHDRAW = "/private/v1/asset/withdraw"
_ZOOMEX_PATHS = ("/private/", "/cloud/")
_ROUTE_NOT_FOUND = 10017


class _Request(Request):
    max_content_length = 1024 * 1024


class Simulator:
    """Both providers, the page and the faults. State lives in the process: serve it with one worker."""

    def __init__(self, customers: Customers, clock: Callable[[], float] = time.time, book: Book | None = None) -> None:
        self.book = book or Book()
        self.faults = Faults()
        self._clock = clock
        urls: list[tuple[str, str, Endpoint]] = [
            ("GET", "/", lambda _request, _at: page.show(self.book)),
            ("GET", "/style.css", lambda _request, _at: page.style()),
            ("GET", "/orders.json", lambda _request, _at: page.as_json(self.book)),
            ("POST", "/faults", self._script_fault),
            ("POST", _WITHDRAW + "/inner-create", self._counter(zoomex.Withdrawals(customers, self.book))),
            ("GET", _WITHDRAW + "/query-record", Records(customers, self.book).answer),
            ("GET", "/cloud/trade/v3/market/time", lambda _request, at: zoomex.market_time(at)),
            (
                "POST",
                "/admin/api/open/saveWithdraw",
                self._counter(swapspace.Withdrawals(customers, self.book)),
            ),
        ]
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

    def _counter(self, counter: Counter) -> Endpoint:
        return lambda request, at: receive(counter, request, at, self.book, self.faults)

    def _script_fault(self, request: Request, _at: float) -> Response:
        """POST /faults, as JSON only, so that no web page can script one from a browser."""
        told = request.get_json(silent=True)
        try:
            if not isinstance(told, dict):
                raise BadFault("a JSON object, sent as application/json")
            self.faults.add(read_fault(told))
        except BadFault as err:
            return _json({"error": str(err)}, 400)
        return _json({"scripted": told}, 201)


def _trouble(err: HTTPException, request: Request, at: float) -> Response:
    """Zoomex documents 404 for a wrong path and 400 for a wrong method; elsewhere HTTP's own codes hold."""
    if request.path.startswith(_ZOOMEX_PATHS) and isinstance(err, NotFound):
        return zoomex.envelope(Verdict(_ROUTE_NOT_FOUND, "Route not found", 404), {}, at)
    if request.path.startswith(_ZOOMEX_PATHS) and isinstance(err, MethodNotAllowed):
        return zoomex.envelope(Verdict(zoomex.PARAMETER, "wrong method", 400), {}, at)
    return _json({"error": err.name}, err.code or 500)


def _json(body: object, status: int) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
