"""The states of a withdrawal and of an address-book entry, and the moves between them."""

from enum import StrEnum


class Status(StrEnum):
    """Where a withdrawal stands. The comment on each member says what is true in the world."""

    AWAITING_APPROVAL = "awaiting_approval"  # asked for; not enough approvals yet
    APPROVED = "approved"  # may be sent; nothing has left
    SUBMITTING = "submitting"  # a submission row is committed; the call may be under way
    UNKNOWN = "unknown"  # no documented yes or no came back: it may have been paid
    SUBMITTED = "submitted"  # the provider accepted it; not proof of payment
    COMPLETED = "completed"  # evidence says that it arrived
    REFUSED = "refused"  # the provider's documented no; nothing was sent
    FAILED = "failed"  # accepted, then failed at the provider; or attested as not paid
    REJECTED = "rejected"  # an approver said no
    CANCELLED = "cancelled"  # the requester withdrew it, or may not ask for it any more
    EXPIRED = "expired"  # time ran out before it was sent

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def is_final(self) -> bool:
        """Whether the status never changes again."""
        return not MOVES[self]


MOVES: dict[Status, frozenset[Status]] = {
    Status.AWAITING_APPROVAL: frozenset(
        # to UNKNOWN only when a call of it is found that the rows had lost
        {Status.APPROVED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED, Status.UNKNOWN}
    ),
    Status.APPROVED: frozenset(
        # back to AWAITING_APPROVAL when an approval does not stand any more
        {
            Status.SUBMITTING,
            Status.AWAITING_APPROVAL,
            Status.REJECTED,
            Status.CANCELLED,
            Status.EXPIRED,
            Status.UNKNOWN,
        }
    ),
    Status.SUBMITTING: frozenset(
        # back to APPROVED only when provably nothing left this machine
        {Status.SUBMITTED, Status.REFUSED, Status.UNKNOWN, Status.APPROVED}
    ),
    Status.UNKNOWN: frozenset({Status.SUBMITTED, Status.COMPLETED, Status.FAILED}),
    Status.SUBMITTED: frozenset({Status.COMPLETED, Status.FAILED}),
    Status.COMPLETED: frozenset(),
    Status.REFUSED: frozenset(),
    Status.FAILED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
