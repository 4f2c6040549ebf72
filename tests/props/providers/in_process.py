"""A line straight into the simulator, without sockets: for tests that make many thousands of calls.

What a fault does to the connection becomes what the real line would raise; waiting takes no time. Put it into a
provider as its `line`: `Zoomex(credentials, line=InProcess(simulator), clock=clock)`.
"""

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from requests.structures import CaseInsensitiveDict
from werkzeug.test import run_wsgi_app

from demo.simulator.faults.caller import KEY
from demo.simulator.site import Simulator
from payouts.providers.connection import Stage
from payouts.providers.http import Lost, NotOpened, Reply


class InProcess:
    """Implements providers.json_over_http.Calls. `seconds` is the deadline, as of a Line.

    While `is_down`, no connection comes about and nothing reaches the simulator.
    """

    def __init__(self, simulator: Simulator, *, seconds: float = 20.0) -> None:
        self.simulator = simulator
        self.seconds = seconds
        self.is_down = False

    def call(
        self, method: str, path: str, *, body: bytes, headers: Mapping[str, str], began: float | None = None
    ) -> Reply:
        """One request. Raises NotOpened while down, Lost where a fault left no whole answer."""
        if self.is_down:
            raise NotOpened(Stage.CONNECTING.value, 0)
        caller = _Waiting(self.seconds)
        parts, status, got = run_wsgi_app(self.simulator, _environ(method, path, body, headers, caller), buffered=False)
        received, code = bytearray(), int(status[:3])
        for piece in parts:
            if caller.has_left:
                break
            received += piece
        if caller.is_late:
            raise _lost("timeout", "No whole answer came before the deadline.", code, received)
        if caller.is_cut:
            raise _lost("connection_lost", Stage.SENDING.value, code, received)
        return Reply(code, CaseInsensitiveDict(got), bytes(received), 0)

    def hang_up(self) -> None:
        """There is no connection to close."""

    def close(self) -> None:
        """There is no connection to close."""


class _Waiting:
    """The simulator's caller: counts the seconds that it would have waited."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self.is_cut = False

    @property
    def is_late(self) -> bool:
        return self._left <= 0

    @property
    def has_left(self) -> bool:
        return self.is_late or self.is_cut

    def cut(self) -> None:
        self.is_cut = True

    def wait(self, seconds: float) -> None:
        self._left -= seconds

    def pause(self, seconds: float) -> None:
        self._left -= seconds


def _lost(code: str, message: str, status: int, received: bytearray) -> Lost:
    """A connection that ends before any byte of the body has ended before the head, too: see delivery's faults."""
    return Lost(code, message, 0, status if received else None, bytes(received))


def _environ(method: str, path: str, body: bytes, headers: Mapping[str, str], caller: _Waiting) -> dict[str, Any]:
    """What a server would make of the request, by WSGI's rules."""
    raw_path, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(raw_path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        KEY: caller,
    }
    names = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in headers}
    environ |= {names[name]: value for name, value in headers.items()}
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    return environ
