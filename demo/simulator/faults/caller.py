"""The caller's end of a connection, as far as a fault on the wire meddles with it."""

import select
import socket
import time
from typing import Any, Protocol

Environ = dict[str, Any]

KEY = "simulator.caller"  # a test that has no sockets puts a Caller of its own here


class Caller(Protocol):
    """Whoever waits for the answer."""

    def cut(self) -> None:
        """End the connection: nothing more reaches the caller."""

    def wait(self, seconds: float) -> None:
        """Say nothing for so long, or until the caller has left."""

    def pause(self, seconds: float) -> None:
        """Let time pass between two bytes."""


def caller(environ: Environ) -> Caller:
    """Who made this call. Raises RuntimeError under a server that does not pass the socket along."""
    if KEY in environ:
        found: Caller = environ[KEY]
        return found
    connection = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket):
        raise RuntimeError("This fault needs werkzeug's server or gunicorn: no socket in the environment.")
    return _Remote(connection)


class _Remote:
    """A caller behind a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def cut(self) -> None:
        """Under the server's feet: it then finds nobody to write to and gives up quietly."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # the caller was faster
            return

    def wait(self, seconds: float) -> None:
        """A hanging call holds its thread no longer than until its caller has closed its end."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            readable, _, _ = select.select([self._connection], [], [], min(left, 0.5))
            try:
                if readable and not self._connection.recv(1, socket.MSG_PEEK):
                    return
            except OSError:
                return
            if readable:  # a pipelined call: not ours to read, so only wait
                time.sleep(min(left, 0.05))

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
