"""The canonical withdrawal: what is approved and what is sent, and the digest that ties the two together."""

from dataclasses import asdict, dataclass
from decimal import Decimal

from payouts.domain.canonical import canonical, digest
from payouts.domain.recipients.kind import Kind


@dataclass(frozen=True)
class Order:
    """Everything about a withdrawal that decides who is paid what, and through which account."""

    reference: str  # ours, fixed before the first attempt: 32 lower-case hex digits
    account: str
    provider: str
    host: str  # scheme, host and port that it is sent to
    customer: str  # who we are there; empty where nobody said
    kind: Kind
    area_code: str  # digits, for phones; else empty
    address: str
    coin: str
    amount: Decimal  # in whole coins, never rounded
    remark: str  # carried to the provider where it takes one

    def canonical(self) -> str:
        """One text per order; see domain.canonical."""
        return canonical(asdict(self))

    def digest(self) -> str:
        """SHA-256 of the canonical text, in hex: what approvers approve and the worker compares."""
        return digest(self.canonical())
