"""The road of every create call: take a fault, decide and remember in one step, answer."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from werkzeug.wrappers import Request, Response

from demo.simulator.book import Book, Call, Told
from demo.simulator.faults.delivery import deliver
from demo.simulator.faults.fate import Fate
from demo.simulator.faults.fault import Fault, FaultKind
from demo.simulator.faults.scripted import Faults
from demo.simulator.rate import used_up

_HEADERS_OF_INTEREST = (
    "X-BAPI-API-KEY",
    "X-BAPI-SIGN",
    "X-BAPI-TIMESTAMP",
    "X-BAPI-RECV-WINDOW",
    "cdn-request-id",
    "Content-Type",
    "User-Agent",
)


@dataclass(frozen=True)
class CallDecision:
    """What a provider decided about one call. A code of None: nothing was looked at."""

    code: int | None
    message: str
    http_status: int = 200
    withdrawal_id: str | None = None
    booked: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    settles_after: float = 0.0  # seconds, as its customer's orders do


class Refusal(Exception):
    """The provider's no, with its documented code."""

    def __init__(self, code: int, message: str, http_status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.http_status = code, message, http_status

    def verdict(self, headers: dict[str, str] | None = None) -> CallDecision:
        """The same, as a decision on a call."""
        return CallDecision(self.code, self.message, self.http_status, headers=headers or {})


class Counter(Protocol):
    """Where one provider takes create calls."""

    provider: str

    def decide(self, request: Request, at: float) -> CallDecision:
        """Judge a call by the provider's rules. Books nothing: that is the reception's part."""

    def describe(self, request: Request) -> Told:
        """What a call says, under the names of the book, as far as it can be read. Never raises."""

    def render(self, verdict: CallDecision, at: float) -> Response:
        """The decision as the provider's own response."""


def receive(counter: Counter, request: Request, at: float, book: Book, faults: Faults) -> Response:
    """Answer one create call that arrived `at`; it is in the book before the caller learns anything."""
    with book.lock:
        fault = faults.take(counter.provider)
        verdict = _decide(counter, request, at, fault)
        fate = fault.fate if fault and fault.fate else Fate()
        book.remember(
            Call(
                provider=counter.provider,
                received_at=at,
                content_type=request.content_type or "",
                body=request.get_data().decode("utf-8", "backslashreplace"),
                headers=_headers(request),
                code=verdict.code,
                message=verdict.message,
                http_status=None if verdict.code is None else verdict.http_status,
                withdrawal_id=verdict.withdrawal_id,
                booked=verdict.booked,
                fault=fault.kind if fault else None,
                fate=fate.settling(verdict.settles_after),
                **counter.describe(request),
            )
        )
    answer = counter.render(verdict, at)
    return deliver(answer, fault, request.environ) if fault else answer


def _headers(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in _HEADERS_OF_INTEREST if name in request.headers}


def _decide(counter: Counter, request: Request, at: float, fault: Fault | None) -> CallDecision:
    verdict = CallDecision(None, "not looked at")
    if fault is None or fault.books:
        verdict = counter.decide(request, at)
    return met(verdict, fault, at, limit=1, window=1.0) if fault else verdict


def met(verdict: CallDecision, fault: Fault, at: float, *, limit: int, window: float) -> CallDecision:
    """The same, with the code that the fault puts in its place; booked stays booked."""
    if fault.code is None:
        return verdict
    headers = used_up(limit, at + window) if fault.kind is FaultKind.TOO_MANY else verdict.headers
    return replace(verdict, code=fault.code, message=fault.message, http_status=fault.http_status, headers=headers)
