"""What becomes of a booked order at the provider: when a record shows it, and what its statuses are in turn."""

from dataclasses import dataclass, replace

# https://zoomexglobal.github.io/docs/v3/enum
REVIEW, TRANSFER, DONE = "Pending Review", "Pending Transfer", "Transferred successfully"
MONEY_BACK = frozenset({"Rejected", "Cancelled", "Fail"})


@dataclass(frozen=True)
class Fate:
    """A record that appears and then says one status after another; the last one stays.

    Anything may stand in `statuses`, documented or not, in any order.
    """

    appears_after: float | None = 0.0  # seconds after the booking; None: no record ever shows it
    statuses: tuple[str, ...] = (REVIEW, DONE)
    each: float | None = None  # seconds that a status lasts; None: as long as the customer's orders take to settle

    def settling(self, seconds: float) -> "Fate":
        """The same, with the customer's time to settle where the fate names none of its own."""
        return self if self.each is not None else replace(self, each=seconds)

    def is_shown(self, booked_at: float, at: float) -> bool:
        """Whether a record shows the order."""
        return self.appears_after is not None and at >= booked_at + self.appears_after

    def status(self, booked_at: float, at: float) -> str:
        """The provider's word for it."""
        return self.statuses[self._step(booked_at, at)]

    def changed_at(self, booked_at: float, at: float) -> float:
        """When the status became what it is."""
        return booked_at + self._step(booked_at, at) * (self.each or 0.0)

    @property
    def gives_back(self) -> bool:
        """Whether the order comes to an end at which its customer has the money again."""
        return self.statuses[-1] in MONEY_BACK

    def has_given_back(self, booked_at: float, at: float) -> bool:
        """Whether it has come to such an end."""
        return self.gives_back and self._step(booked_at, at) == len(self.statuses) - 1

    def _step(self, booked_at: float, at: float) -> int:
        later = range(1, len(self.statuses))
        return sum(at >= booked_at + step * (self.each or 0.0) for step in later)
