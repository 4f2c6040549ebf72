"""The connection under a Line: it keeps its call's deadline, and notes the first byte of a request to leave.

requests bounds each read, not their sum, and does not tell whether anything was sent. Both are known here.
"""

import os
import queue
import socket
import threading
import time
from contextlib import suppress
from contextvars import ContextVar, Token
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

if TYPE_CHECKING:
    _Base = HTTPConnection
else:
    _Base = object


class Stage(Enum):
    """How far a call has come; the value says what went wrong if it ended there."""

    RESOLVING = "The host name could not be resolved."
    CONNECTING = "No connection: refused, unreachable or too slow."
    SECURING = "No TLS connection: the certificate or the protocol did not pass, or it took too long."
    SENDING = "The connection broke after the request had begun to leave."


class TimedCall:
    """One call's deadline, over connecting, sending and reading, and how far the call came.

    A context manager, entered once and used in one thread.
    """

    def __init__(self, seconds: float, *, began: float | None = None) -> None:
        self.stage = Stage.RESOLVING
        self.expired = False
        self.http_status: int | None = None
        self.body = bytearray()
        self._began = time.monotonic() if began is None else began
        self._ends = self._began + seconds
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._watchdog = threading.Timer(max(self._ends - time.monotonic(), 0), self._expire)
        self._watchdog.daemon = True

    def __enter__(self) -> Self:
        self._token: Token[TimedCall] = _CURRENT.set(self)
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.cancel()
        _CURRENT.reset(self._token)
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @property
    def duration_ms(self) -> int:
        """Milliseconds since the call began."""
        return round((time.monotonic() - self._began) * 1000)

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed, noticed by the watchdog or not yet."""
        return self.expired or time.monotonic() >= self._ends

    def remaining(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        if self.overdue:
            raise TimeoutError("the call's deadline has passed")
        return max(self._ends - time.monotonic(), 0.001)

    def watch(self, fileno: int) -> None:
        """Let the watchdog cut this connection at the deadline.

        The watchdog gets a descriptor of its own: TLS takes the first one over, and http.client closes its socket
        before the body is read when the server says `Connection: close`.
        """
        with self._lock:
            if self._connection is None:
                self._connection = socket.socket(fileno=os.dup(fileno))
            if self.expired:
                self._cut()

    def note_first_byte(self) -> None:
        """Note that the first byte is about to leave: from here on the request may have been received.

        Raises TimeoutError after the deadline, so that nothing leaves any more.
        """
        with self._lock:
            if self.overdue:
                raise TimeoutError("the call's deadline has passed")
            self.stage = Stage.SENDING

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            self._cut()

    def _cut(self) -> None:
        if self._connection is not None:
            with suppress(OSError):  # the server may have been faster
                self._connection.shutdown(socket.SHUT_RDWR)


# urllib3 makes connections itself, in the thread of the call; this is how they find it.
_CURRENT: ContextVar[TimedCall] = ContextVar("call")


class _Watched(_Base):
    def _new_conn(self) -> socket.socket:
        call = _CURRENT.get()
        call.stage = Stage.RESOLVING
        addresses = _resolve(self._dns_host.strip("[]"), self.port, call.remaining())
        call.stage = Stage.CONNECTING
        sock = self._reach(addresses, call)
        call.watch(sock.fileno())
        call.stage = Stage.SECURING
        return sock

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        call = _CURRENT.get()
        call.watch(self.sock.fileno())  # a kept-alive connection is new to this call
        call.note_first_byte()
        super().send(data)

    def _reach(self, addresses: list[str], call: TimedCall) -> socket.socket:
        for left in range(len(addresses), 0, -1):
            address = (addresses[-left], self.port)
            try:  # a silent first address must not use up the time of the others
                return create_connection(address, call.remaining() / left, socket_options=self.socket_options)
            except OSError:
                if left == 1:
                    raise
        raise OSError("the host has no address")


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class PlainPool(HTTPConnectionPool):
    """urllib3's pool; its connections keep the deadline of the call that is under way."""

    ConnectionCls = _PlainConnection


class SecurePool(HTTPSConnectionPool):
    """urllib3's TLS pool; its connections keep the deadline of the call that is under way."""

    ConnectionCls = _SecureConnection


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses. In a thread, because getaddrinfo takes no timeout."""
    found: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(address[0]) for *_, address in entries])
        except (OSError, UnicodeError) as error:
            found.put(OSError(str(error)))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("the name server did not answer in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
