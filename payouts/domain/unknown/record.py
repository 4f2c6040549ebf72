"""A provider's own record of a withdrawal, as we understand it, and what asking for records can come to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from payouts.domain.sending.answer import Exchange


class RecordStatus(StrEnum):
    """What the provider says became of a withdrawal."""

    PENDING = "pending"  # not final: in review, on its way, or in words that are not documented
    COMPLETED = "completed"
    FAILED = "failed"  # final, and not paid

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def is_final(self) -> bool:
        """Whether the provider says that the status never changes again: not PENDING."""
        return self is not RecordStatus.PENDING


@dataclass(frozen=True)
class Record:
    """One row of a provider's statement. It may belong to any withdrawal of the account, or to none of ours."""

    provider_id: str  # the provider's
    tx_id: str  # empty where there is none, or none yet
    coin: str
    amount: Decimal
    fee: Decimal | None  # None where the provider does not say
    address: str  # as the provider writes it: a UID, an e-mail, a phone with or without its area code, …
    status: RecordStatus
    status_text: str  # the provider's word for it
    known: bool  # False where that word is not documented: the status is then PENDING, and somebody should look
    created_at: datetime  # aware, in UTC; as fine as the provider tells, which may be whole seconds
    raw: str  # the row as it came, for the evidence


@dataclass(frozen=True)
class Listed:
    """Every record of the time asked for, each id once. A payment that is not among them has no record yet."""

    records: tuple[Record, ...]


@dataclass(frozen=True)
class Unavailable:
    """The records could not be read to their end. Proves neither presence nor absence."""

    code: str  # the provider's code, or what broke
    message: str
    exchange: Exchange  # of the call that ended it
    retry_after: float = 0.0  # seconds until it may be asked again

    @property
    def asks_for_quiet(self) -> bool:
        """True when the provider answered that it wants no call for `retry_after` seconds."""
        return self.retry_after > 0 and self.exchange.http_status is not None

    @property
    def is_our_own_pace(self) -> bool:
        """True when nothing was asked, because the provider's limit of requests a minute was used up."""
        return self.retry_after > 0 and self.exchange.http_status is None


Records = Listed | Unavailable
