"""How an answer reaches the caller, or does not: the faults on the wire, below the providers' own rules."""

import json
from collections.abc import Callable, Iterator

from werkzeug.wrappers import Response

from demo.simulator.faults.caller import Environ, caller
from demo.simulator.faults.fault import Fault, FaultKind

_GATEWAY_PAGE = "<!doctype html><title>Just a moment</title><h1>Checking your connection</h1>"


def deliver(answer: Response, fault: Fault, environ: Environ) -> Response:
    """The response that the caller gets instead of `answer`. Blocks for as long as a hanging call hangs."""
    return _WAYS[fault.kind](answer, fault, environ)


def _as_it_is(answer: Response, _fault: Fault, _environ: Environ) -> Response:
    return answer


def _hang(answer: Response, fault: Fault, environ: Environ) -> Response:
    caller(environ).wait(fault.seconds)
    return _drop(answer, fault, environ)


def _drop(_answer: Response, _fault: Fault, environ: Environ) -> Response:
    caller(environ).cut()
    return Response(status=500)  # for the server's sake: nobody is left to read it


def _server_error(_answer: Response, _fault: Fault, _environ: Environ) -> Response:
    return Response("Internal Server Error", 500, mimetype="text/plain")


def _html(_answer: Response, _fault: Fault, _environ: Environ) -> Response:
    return Response(_GATEWAY_PAGE, mimetype="text/html")


def _empty(_answer: Response, _fault: Fault, _environ: Environ) -> Response:
    return Response(b"", mimetype="application/json")


def _wrong_type(answer: Response, _fault: Fault, _environ: Environ) -> Response:
    texts = {key: str(value) for key, value in json.loads(answer.get_data()).items()}
    return Response(json.dumps(texts), mimetype="application/json")


def _truncated(answer: Response, _fault: Fault, environ: Environ) -> Response:
    body = answer.get_data()

    def half() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        caller(environ).cut()

    return _streamed(answer, half())


def _slow_bytes(answer: Response, fault: Fault, environ: Environ) -> Response:
    body = answer.get_data()

    def drip() -> Iterator[bytes]:
        for place in range(len(body)):
            caller(environ).pause(fault.seconds)
            yield body[place : place + 1]

    return _streamed(answer, drip())


def _streamed(answer: Response, parts: Iterator[bytes]) -> Response:
    """Announces the whole length, whatever the parts come to."""
    return Response(parts, answer.status_code, answer.headers)


_WAYS: dict[FaultKind, Callable[[Response, Fault, Environ], Response]] = {
    FaultKind.NORMAL: _as_it_is,
    FaultKind.HANG: _hang,
    FaultKind.DROP_BEFORE_BOOKING: _drop,
    FaultKind.BOOK_THEN_DROP: _drop,
    FaultKind.DROP: _drop,
    FaultKind.SERVER_ERROR_BEFORE: _server_error,
    FaultKind.SERVER_ERROR_AFTER: _server_error,
    FaultKind.SERVER_ERROR: _server_error,
    FaultKind.HTML: _html,
    FaultKind.TRUNCATED: _truncated,
    FaultKind.EMPTY: _empty,
    FaultKind.WRONG_TYPE: _wrong_type,
    FaultKind.SLOW_BYTES: _slow_bytes,
    FaultKind.CODE: _as_it_is,
    FaultKind.DUPLICATE: _as_it_is,
    FaultKind.TOO_MANY: _as_it_is,
}
