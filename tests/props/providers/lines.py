"""The cast of the provider tests: accounts, orders, a scripted line, a raw server's view."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.instruction import Instruction, read, written
from payouts.domain.withdrawals.order import Order
from payouts.providers.base import Credentials, Provider
from payouts.providers.http import Reply
from payouts.providers.registry import PROVIDERS

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
        self.began: list[float | None] = []
        self.hung_up = 0

    def answers(self, body: object, http_status: int = 200) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.script.append(Reply(http_status, {}, raw, 12))

    def call(
        self, method: str, path: str, *, body: bytes, headers: Mapping[str, str], began: float | None = None
    ) -> Reply:
        self.sent.append((method, path, body, dict(headers)))
        self.began.append(began)
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

    def drip(self, data: bytes, *, every: float = 0.05) -> None:
        """A byte every so many seconds, until all are sent or the test is over."""
        for byte in data:
            self.send(bytes([byte]))
            if self.gone.wait(every):
                return


Behaviour = Callable[[Peer], object]


def account(provider: str, **options: str) -> Credentials:
    """The provider's account, with the documentation's sample keys."""
    base = ACCOUNTS[provider]
    return Credentials(base.account, base.provider, base.key, base.secret, base.base_url, options)


def order(kind: Kind, **changes: Any) -> Order:
    """An order that the given provider takes, else the first that pays this kind; with facts changed."""
    first = next(name for name, provider in PROVIDERS.items() if kind in provider.kinds)
    provider = changes.get("provider", first)
    whole = Order(
        reference="a" * 32,
        account=ACCOUNTS[provider if provider in ACCOUNTS else first].account,
        provider=provider,
        host="http://127.0.0.1:9",
        customer="",
        kind=kind,
        area_code="45" if kind is Kind.PHONE else "",
        address=ADDRESSES[kind],
        coin="USDT",
        amount=Decimal("1000"),
        remark="",
    )
    return replace(whole, **changes)


def instruction(kind: Kind, **changes: Any) -> Instruction:
    """What a claim would have told of that order."""
    return instruction_of(order(kind, **changes))


def instruction_of(asked: Order, provider: type[Provider] | None = None) -> Instruction:
    """What a claim would have told of an order: its provider's fields, by way of the text that is stored."""
    stored = written((provider or PROVIDERS[asked.provider]).fields(asked))
    return Instruction(asked.provider, asked.account, asked.reference, read(stored))


# `client("zoomex", recv_window="1000")`. Any: the tests look at the fields of the answer they expect.
MakeClient = Callable[..., Any]
StartServer = Callable[..., RawServer]
