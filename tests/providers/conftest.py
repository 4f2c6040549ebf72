"""Fixtures of the provider tests: clients over a scripted line, and a raw server on loopback."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from payouts.providers import http
from payouts.providers.registry import PROVIDERS
from tests.props.providers.lines import NOW, Behaviour, MakeClient, Peer, RawServer, ScriptedLine, StartServer, account

HERE = Path(__file__).parent


@pytest.fixture
def client(line: ScriptedLine) -> MakeClient:
    """`client("zoomex")`: the real client, at a fixed time, over the scripted line."""

    def make(provider: str, **options: str) -> Any:
        concrete: Any = PROVIDERS[provider]
        return concrete(account(provider, **options), line=line, clock=lambda: NOW)

    return make


class Loopback:
    """Raw servers, each connection in a thread of its own, until `stop`."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._listeners: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def start(self, behaviour: Behaviour, *, tls: bool = False) -> RawServer:
        listener = socket.create_server(("127.0.0.1", 0))
        self._listeners.append(listener)
        server = RawServer(listener.getsockname()[1])
        self._run(self._accept, listener, server, behaviour, tls)
        return server

    def stop(self) -> None:
        self._over.set()
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join(timeout=2)

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, server: RawServer, behaviour: Behaviour, tls: bool) -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                server.connections += 1
                self._run(self._attend, sock, server, behaviour, tls)

    def _attend(self, sock: socket.socket, server: RawServer, behaviour: Behaviour, tls: bool) -> None:
        with suppress(OSError), sock, _speaking(sock, tls) as speaking:
            behaviour(Peer(speaking, server, self._over))


@pytest.fixture
def raw_server() -> Iterator[StartServer]:
    """`raw_server(behaviour, tls=False)`: what it does with each connection is up to the test."""
    loopback = Loopback()
    yield loopback.start
    loopback.stop()


def _speaking(sock: socket.socket, tls: bool) -> socket.socket:
    if not tls:
        return sock
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "self_signed.crt", HERE / "self_signed.key")
    return context.wrap_socket(sock, server_side=True)


@pytest.fixture
def certificate() -> Path:
    """The certificate that the raw server shows over TLS; nobody trusts it unless a test says so."""
    return HERE / "self_signed.crt"


@pytest.fixture
def line() -> ScriptedLine:
    """The line under `client`: give it its script, look at what it sent."""
    return ScriptedLine()


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    """For this test, the raw server's certificate stands in for certifi's bundle."""
    monkeypatch.setattr(http, "TRUSTED", str(certificate))
