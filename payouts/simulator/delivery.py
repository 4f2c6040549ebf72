"""How an answer reaches the caller, or does not: the faults on the wire, below the providers' own rules."""

import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.wrappers import Response

from payouts.simulator.faults import Fault, Kind

Environ = dict[str, Any]

_PAGE = "<!doctype html><title>Just a moment</title><h1>Checking your connection</h1>"


def deliver(answer: Response, fault: Fault, environ: Environ) -> Response:
    """The response that the caller gets instead of `answer`. Blocks for as long as a hanging call hangs."""
    return _WAYS[fault.kind](answer, fault, environ)


def _as_it_is(answer: Response, _fault: Fault, _environ: Environ) -> Response:
    return answer


def _hang(answer: Response, fault: Fault, environ: Environ) -> Response:
    _wait_for_leaving(_connection(environ), fault.seconds)
    return _drop(answer, fault, environ)


def _drop(_answer: Response, _fault: Fault, environ: Environ) -> Response:
    _cut(environ)
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
        _cut(environ)

    return _streamed(answer, half())


def _slow_bytes(answer: Response, fault: Fault, _environ: Environ) -> Response:
    body = answer.get_data()

    def drip() -> Iterator[bytes]:
        for place in range(len(body)):
            time.sleep(fault.seconds)
            yield body[place : place + 1]

    return _streamed(answer, drip())


def _streamed(answer: Response, parts: Iterator[bytes]) -> Response:
    """Announces the whole length, whatever the parts come to."""
    return Response(parts, answer.status_code, answer.headers)


def _connection(environ: Environ) -> socket.socket:
    """The caller's socket, as werkzeug's server and gunicorn pass it along."""
    found = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
    if not isinstance(found, socket.socket):
        raise RuntimeError("This fault needs werkzeug's server or gunicorn: no socket in the environment.")
    return found


def _cut(environ: Environ) -> None:
    """End the connection under the server, which then finds nobody to write to and gives up quietly."""
    try:
        _connection(environ).shutdown(socket.SHUT_RDWR)
    except OSError:  # the caller was faster
        return


def _wait_for_leaving(connection: socket.socket, longest: float) -> None:
    """Return once the caller has closed its end: a hanging call holds its thread no longer than that."""
    end = time.monotonic() + longest
    while (left := end - time.monotonic()) > 0:
        readable, _, _ = select.select([connection], [], [], min(left, 0.5))
        try:
            if readable and not connection.recv(1, socket.MSG_PEEK):
                return
        except OSError:
            return
        if readable:  # a pipelined call: not ours to read, so only wait
            time.sleep(min(left, 0.05))


_WAYS: dict[Kind, Callable[[Response, Fault, Environ], Response]] = {
    Kind.HANG: _hang,
    Kind.DROP_BEFORE_BOOKING: _drop,
    Kind.BOOK_THEN_DROP: _drop,
    Kind.SERVER_ERROR_BEFORE: _server_error,
    Kind.SERVER_ERROR_AFTER: _server_error,
    Kind.HTML: _html,
    Kind.TRUNCATED: _truncated,
    Kind.EMPTY: _empty,
    Kind.WRONG_TYPE: _wrong_type,
    Kind.SLOW_BYTES: _slow_bytes,
    Kind.CODE: _as_it_is,
}
