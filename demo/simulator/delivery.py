"""How an answer reaches the caller, or does not: the faults on the wire, below the providers' own rules."""

import json
from collections.abc import Callable, Iterator

from werkzeug.wrappers import Response

from demo.simulator.caller import Environ, caller
from demo.simulator.fault import Fault, Kind

_PAGE = "<!doctype html><title>Just a moment</title><h1>Checking your connection</h1>"


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
    return Response(_PAGE, mimetype="text/html")


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


_WAYS: dict[Kind, Callable[[Response, Fault, Environ], Response]] = {
    Kind.NORMAL: _as_it_is,
    Kind.HANG: _hang,
    Kind.DROP_BEFORE_BOOKING: _drop,
    Kind.BOOK_THEN_DROP: _drop,
    Kind.DROP: _drop,
    Kind.SERVER_ERROR_BEFORE: _server_error,
    Kind.SERVER_ERROR_AFTER: _server_error,
    Kind.SERVER_ERROR: _server_error,
    Kind.HTML: _html,
    Kind.TRUNCATED: _truncated,
    Kind.EMPTY: _empty,
    Kind.WRONG_TYPE: _wrong_type,
    Kind.SLOW_BYTES: _slow_bytes,
    Kind.CODE: _as_it_is,
    Kind.DUPLICATE: _as_it_is,
    Kind.TOO_MANY: _as_it_is,
}
