"""What came back from a provider: yes, no, nothing happened, or silence. `match` on it; mypy checks the cases."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exchange:
    """The evidence of one call, with secrets and signatures already removed."""

    http_status: int | None  # None when no status line was read
    duration_ms: int
    raw: str  # the answer's text as received, cut to a storable length


@dataclass(frozen=True)
class Accepted:
    """The provider's documented yes. Not proof of payment."""

    provider_id: str | None  # None where the provider gives none
    exchange: Exchange


@dataclass(frozen=True)
class Refused:
    """The provider's documented no: nothing was sent, and nothing will be."""

    code: str
    message: str
    exchange: Exchange


@dataclass(frozen=True)
class NotExecuted:
    """Provably nothing happened: no byte of the request left, or a documented "not executed"."""

    code: str
    message: str
    retry_after: float  # seconds to leave the account alone before the next call
    exchange: Exchange


@dataclass(frozen=True)
class Unknown:
    """Neither a documented yes nor a documented no: it may have been paid."""

    code: str  # the provider's ambiguous code, or what broke: timeout, connection_lost, unreadable, …
    message: str
    exchange: Exchange


Answer = Accepted | Refused | NotExecuted | Unknown
