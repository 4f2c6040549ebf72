"""What came back from a provider: yes, no, nothing happened, or silence. `match` on it; mypy checks the cases."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Outcome(StrEnum):
    """The word for each class of answer below, as it is stored with the call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_EXECUTED = "not_executed"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The outcome as people read it: "Not executed"."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Exchange:
    """The evidence of one call, with secrets and signatures already removed."""

    http_status: int | None  # None when no status line was read
    duration_ms: int
    raw: str  # the answer's text as received, cut to a storable length


@dataclass(frozen=True)
class Accepted:
    """The provider's documented yes. Not proof of payment."""

    outcome: ClassVar[Outcome] = Outcome.ACCEPTED
    provider_id: str | None  # None where the provider gives none
    exchange: Exchange


@dataclass(frozen=True)
class Refused:
    """The provider's documented no: nothing was sent, and nothing will be."""

    outcome: ClassVar[Outcome] = Outcome.REFUSED
    code: str
    message: str
    exchange: Exchange


@dataclass(frozen=True)
class NotExecuted:
    """Provably nothing happened: no byte of the request left, or a documented "not executed"."""

    outcome: ClassVar[Outcome] = Outcome.NOT_EXECUTED
    code: str
    message: str
    retry_after: float  # seconds to leave the account alone before the next call
    exchange: Exchange


@dataclass(frozen=True)
class Unknown:
    """Neither a documented yes nor a documented no: it may have been paid."""

    outcome: ClassVar[Outcome] = Outcome.UNKNOWN
    code: str  # the provider's ambiguous code, or what broke: timeout, connection_lost, unreadable, …
    message: str
    exchange: Exchange


Answer = Accepted | Refused | NotExecuted | Unknown
