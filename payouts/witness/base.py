"""What every witness offers, wherever it lies. Safe for threads and for several processes at once."""

from typing import Protocol
from uuid import UUID

from payouts.domain.sending.witness import Entry, Known, Trail


class Witness(Protocol):
    """Remembers each account's calls by number, and the newest events of the trail. What it was told it keeps.

    Every method raises WitnessAway when the place cannot be reached, is damaged or was never founded; nothing was
    written then, as far as anybody may rely on it: who repeats an `append` with the same call is answered alike.
    """

    def known(self) -> Known:
        """What it knows now."""

    def append(self, entry: Entry, *, trail: Trail | None = None, after: Trail | None = None) -> None:
        """Write the account's next call, so that it outlives a loss of power before this returns.

        The same call told again is fine. `trail` is taken with it where the witness's own is still `after`, which who
        tells it has found in the rows; else it is left out. Raises WitnessRefused unless the call follows the last.
        """

    def tell(self, trail: Trail, *, after: Trail) -> None:
        """Replace its trail by a newer one; not when its own is another than `after` by now."""

    def release(self, proposal: UUID, *, trail: Trail) -> None:
        """Write that people let it go on after a loss: from here on this trail counts. Told again, it is fine."""

    def calls(self, account: str, *, after: int) -> list[Entry]:
        """The account's calls after this number, in order."""

    def close(self) -> None:
        """Let files and connections go; the next call opens them again."""
