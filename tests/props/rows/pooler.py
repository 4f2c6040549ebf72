"""A pooler between the tests and PostgreSQL that loses notifications, as one in transaction mode does."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

NOTIFICATION = b"A"  # PostgreSQL's message: a letter, then the length of what follows with its own four bytes


@contextmanager
def losing_notifications(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A connection to the same database, through such a pooler."""
    through: Any = connection.copy()
    server = _address(through)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        door.bind(str(Path(folder) / ".s.PGSQL.5432"))
        door.listen()
        threading.Thread(target=_serve, args=(door, server), daemon=True).start()
        through.settings_dict |= {"HOST": folder, "PORT": "5432"}
        through.settings_dict["OPTIONS"].pop("host", None)
        try:
            yield through
        finally:
            through.close()
            door.shutdown(socket.SHUT_RDWR)


def _address(connection: Any) -> str:
    found = connection.get_connection_params()
    return f"{found['host']}/.s.PGSQL.{found.get('port') or 5432}"


def _serve(door: socket.socket, server: str) -> None:
    while True:
        try:
            client, _ = door.accept()
        except OSError:
            return
        behind = socket.socket(socket.AF_UNIX)
        behind.connect(server)
        threading.Thread(target=_pass_on, args=(client, behind), daemon=True).start()
        threading.Thread(target=_pass_back, args=(behind, client), daemon=True).start()


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    with server, suppress(OSError):  # the other end has closed
        while said := client.recv(65536):
            server.sendall(said)
        server.shutdown(socket.SHUT_RDWR)


def _pass_back(server: socket.socket, client: socket.socket) -> None:
    with client, suppress(OSError), server.makefile("rb") as answers:
        while head := answers.read(5):
            message = head + answers.read(int.from_bytes(head[1:]) - 4)
            if head[:1] != NOTIFICATION:
                client.sendall(message)
