"""The cast of the provider tests: accounts, orders, a line that is told what to answer, and a raw server."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payouts.domain.kind import Kind
from payouts.domain.order import Order
from payouts.providers.base import Credentials
from payouts.providers.http import Reply
from payouts.providers.registry import PROVIDERS

HERE = Path(__file__).parent
NOW = 1705895566.4321

ACCOUNTS = {
    "zoomex": Credentials(
        "treasury",
        "zoomex",
        "B2Rou0PLPpGqcU0Vu2",
        "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr",
        "https://openapi.zoomex.com",
    ),
    "swapspace": Credentials(
        "merchant", "swapspace", "100119", "8b026795f25458920ec1ce2249efasd9", "https://api.swapspace.ai"
    ),
}
ADDRESSES = {
    Kind.EMAIL: "ada@example.com",
    Kind.PHONE: "20123456",
    Kind.UID: "12345678",
    Kind.TRX_CHAIN: "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44",
    Kind.ETH_CHAIN: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
}


class ScriptedLine:
    """Stands where the Line stands: gives the next answer of its script, remembers what was sent."""

    def __init__(self) -> None:
        self.script: list[Reply | Exception] = []
        self.sent: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.hung_up = 0

    def answers(self, body: object, http_status: int = 200) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.script.append(Reply(http_status, {}, raw, 12))

    def call(self, method: str, path: str, *, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.sent.append((method, path, body, dict(headers)))
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def hang_up(self) -> None:
        self.hung_up += 1

    def close(self) -> None:
        self.hung_up += 1


@dataclass
class RawServer:
    """A server on loopback that does with each connection what the test says, and keeps what it received."""

    port: int
    received: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


class Peer:
    """One connection, seen from the server."""

    def __init__(self, sock: socket.socket, server: RawServer, gone: threading.Event) -> None:
        self.sock, self._server, self.gone = sock, server, gone

    def request(self) -> bytes:
        """One whole request, b"" when the client has left."""
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            piece = self.sock.recv(65_536)
            if not piece:
                return b""
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(body) < length:
            body += self.sock.recv(65_536)
        self._server.received.append(head + b"\r\n\r\n" + body)
        return head

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes = b'{"code":200}', *more: str, status: str = "200 OK") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def drip(self, data: bytes) -> None:
        """A byte every 50 ms, until all are sent or the test is over."""
        for byte in data:
            self.send(bytes([byte]))
            if self.gone.wait(0.05):
                return


Behaviour = Callable[[Peer], object]


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    """`raw_server(behaviour, tls=False)` serves until the test ends, each connection in its thread."""
    gone, listeners, threads = threading.Event(), [], []

    def start(behaviour: Behaviour, *, tls: bool = False) -> RawServer:
        listener = socket.create_server(("127.0.0.1", 0))
        server = RawServer(listener.getsockname()[1])
        listeners.append(listener)

        def attend(sock: socket.socket) -> None:
            with suppress(OSError), sock:
                peer_sock = _server_tls().wrap_socket(sock, server_side=True) if tls else sock
                with peer_sock:
                    behaviour(Peer(peer_sock, server, gone))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    server.connections += 1
                    threads.append(threading.Thread(target=attend, args=(sock,), daemon=True))
                    threads[-1].start()

        threading.Thread(target=accept, daemon=True).start()
        return server

    yield start
    gone.set()
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(timeout=1)


def _server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "self_signed.crt", HERE / "self_signed.key")
    return context


@pytest.fixture
def certificate() -> Path:
    """The certificate that the raw server shows over TLS; nobody trusts it unless a test says so."""
    return HERE / "self_signed.crt"


@pytest.fixture
def line() -> ScriptedLine:
    return ScriptedLine()


@pytest.fixture
def account() -> Callable[..., Credentials]:
    """`account("zoomex", recv_window="1000")`: credentials with the documentation's sample keys."""

    def make(provider: str, **options: str) -> Credentials:
        base = ACCOUNTS[provider]
        return Credentials(base.account, base.provider, base.key, base.secret, base.base_url, options)

    return make


@pytest.fixture
def order() -> Callable[..., Order]:
    """`order(Kind.UID, amount=Decimal("2"))`: an order that the kind's provider takes."""

    def make(kind: Kind, **changes: Any) -> Order:
        provider = next(name for name, provider in PROVIDERS.items() if kind in provider.kinds)
        facts: dict[str, Any] = {
            "reference": "a" * 32,
            "account": ACCOUNTS[provider].account,
            "provider": provider,
            "kind": kind,
            "area_code": "45" if kind is Kind.PHONE else "",
            "address": ADDRESSES[kind],
            "coin": "USDT",
            "amount": Decimal("1000"),
            "remark": "",
        }
        return Order(**facts | changes)

    return make


@pytest.fixture
def client(account: Callable[..., Credentials], line: ScriptedLine) -> Callable[..., Any]:
    """`client("zoomex")`: the real client, at a fixed time, over the scripted line."""

    def make(provider: str, **options: str) -> Any:
        return PROVIDERS[provider](account(provider, **options), line=line, clock=lambda: NOW)  # type: ignore[call-arg]

    return make
