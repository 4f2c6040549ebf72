"""Who may do what to one withdrawal: facts in, an objection or None out."""

from dataclasses import dataclass
from enum import Enum

from payouts.domain.decisions import deciding
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import ProposalFacts
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, first, role_objection
from payouts.domain.recipients.book import AddressStatus, not_active
from payouts.domain.withdrawals.status import Status

NOT_PAID = frozenset({Status.REFUSED, Status.FAILED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED})

REQUESTER_GONE = Objection(
    "requester_gone", "Whoever asked for it may not any more: access or a role was taken away since. It is cancelled."
)
NOT_ENOUGH_APPROVALS = Objection("not_enough_approvals", "Too few approvals of exactly this stand.")


class Lost(Enum):
    """What is known of calls that the database had lost, and that were found after their withdrawal had ended."""

    NOTHING = "nothing"  # there is none, or two people found that none of them was paid
    UNDECIDED = "undecided"  # by one of them it may have been paid
    PAID = "paid"  # by one of them it was


_LOST = {
    Lost.UNDECIDED: Objection(
        "call_lost",
        "A call of it was made that the database had lost: it may have been paid. Two people have to find out first.",
    ),
    Lost.PAID: Objection(
        "call_paid", "It was paid, by a call that the database had lost: there is nothing to ask for again."
    ),
}


@dataclass(frozen=True)
class Facts:
    """What the rules need to know of a withdrawal, read under the lock that the act holds."""

    status: Status
    requested_by: int
    digest: str
    order_digest: str  # of what the rows would send now; the same as `digest` unless somebody went past the guards
    address_status: AddressStatus
    proposal: ProposalFacts
    expired: bool = False  # whether its time to be approved, or to be claimed, is over
    paused_because: str = ""  # why nothing is sent through its account now
    equal_in_flight: bool = False  # whether an equal payment is under way or unknown
    requester_stands: bool = True  # whether they may ask for it still, and nothing was taken away from them since


def may_raise(person: Person, address_status: AddressStatus) -> Objection | None:
    """Why this person may not request a withdrawal to an address; None when they may."""
    return first([role_objection(person, Act.RAISE), not_active(address_status)])


def may_ask_again(status: Status, *, asked_again: bool, lost: Lost) -> Objection | None:
    """Why a new request may not name this withdrawal as the one that it repeats; None when it may.

    `asked_again` says whether another request does so already, however that one ended: repeats form a chain, because
    of a fork two ends could be paid.
    """
    if status in NOT_PAID:
        if lost in _LOST:
            return _LOST[lost]
        message = "It was asked for again already. If that was not paid either, ask for that one again."
        return Objection("asked_again_already", message) if asked_again else None
    if status.is_final:
        return Objection("was_paid", "It was paid: there is nothing to ask for again.")
    return Objection("not_over", f"It is {status.label.lower()}: it is asked for again only once it is over unpaid.")


def may_approve(facts: Facts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not approve what their page showed; None when they may."""
    words = Words(
        Act.APPROVE,
        closed=_status_objection(facts.status, {Status.AWAITING_APPROVAL}),
        excluded=Objection("own_request", "Somebody else has to approve your request."),
        expired=_too_late(Status.AWAITING_APPROVAL),
        differs=_DIFFERS,
        stale=Objection("stale_page", "Your page showed something else than what would be sent. Look again."),
    )
    now = [_requester_gone(facts), _differs(facts), not_active(facts.address_status)]
    return deciding.may_approve(facts.proposal, person, words, shown_digest=shown_digest, now=now)


def may_reject(facts: Facts, person: Person) -> Objection | None:
    """Why this person may not reject; None when they may. Saying no is possible until a worker has claimed it."""
    return first(
        [
            role_objection(person, Act.REJECT),
            _status_objection(facts.status, {Status.AWAITING_APPROVAL, Status.APPROVED}),
            _reject_own(facts, person),
        ]
    )


def may_cancel(facts: Facts, person: Person) -> Objection | None:
    """Why this person may not cancel; None when they may."""
    if person.id != facts.requested_by:
        return Objection("not_requester", "Only the person who asked can cancel. An approver can reject.")
    return _status_objection(facts.status, {Status.AWAITING_APPROVAL, Status.APPROVED})


def may_claim(facts: Facts) -> Objection | None:
    """Why a worker may not send this order; None when it may. Asked under lock, right before the submission row."""
    status = _status_objection(facts.status, {Status.APPROVED})
    return status or _sending_objection(facts)


def may_send_again(facts: Facts) -> Objection | None:
    """Why a worker may not repeat a call whose outcome is unknown; everything that holds for a first call holds here.

    Whether the provider promises that one reference pays once, and whether it was looked for: `domain.unknown.looking`.
    """
    status = _status_objection(facts.status, {Status.UNKNOWN})
    return status or _sending_objection(facts)


def _sending_objection(facts: Facts) -> Objection | None:
    return first(
        [
            _expired(facts),
            _paused(facts),
            _equal_in_flight(facts),
            not_active(facts.address_status),
            _differs(facts),
            nobody_stands_behind(facts),
        ]
    )


def nobody_stands_behind(facts: Facts) -> Objection | None:
    """Why what was asked for and approved is not any more, by whom it was; None while it is, or waits for approval.

    An approval stands while nothing was taken away from whoever gave it.
    """
    waits = facts.status is Status.AWAITING_APPROVAL
    enough = facts.proposal.counting(facts.proposal.digest_now) >= facts.proposal.needed
    return first([_requester_gone(facts), None if waits or enough else NOT_ENOUGH_APPROVALS])


def _requester_gone(facts: Facts) -> Objection | None:
    return None if facts.requester_stands else REQUESTER_GONE


def _status_objection(status: Status, allowed: set[Status]) -> Objection | None:
    if status in allowed:
        return None
    if status is Status.AWAITING_APPROVAL:
        return Objection("not_approved", "This withdrawal is still awaiting approval.")
    return Objection("already_moved_on", f"Too late: this withdrawal is already {status.label.lower()}.")


def _reject_own(facts: Facts, person: Person) -> Objection | None:
    if person.id == facts.requested_by:
        return Objection("own_request", "This is your own request: cancel it instead.")
    return None


def _expired(facts: Facts) -> Objection | None:
    return _too_late(facts.status) if facts.expired else None


def _too_late(status: Status) -> Objection:
    sent = "sent" if status is Status.APPROVED else "approved"
    return Objection("expired", f"Its time to be {sent} is over. Ask for it again in a new request.")


def _paused(facts: Facts) -> Objection | None:
    if not facts.paused_because:
        return None
    return Objection("paused", f"Nothing is sent while it is paused: {facts.paused_because}")


def _equal_in_flight(facts: Facts) -> Objection | None:
    if not facts.equal_in_flight:
        return None
    return Objection("equal_in_flight", "An equal payment is under way or unknown: the two could not be told apart.")


_DIFFERS = Objection("digest_differs", "What would be sent is not what was asked for and approved.")


def _differs(facts: Facts) -> Objection | None:
    if facts.order_digest != facts.digest or facts.proposal.digest_now != facts.proposal.digest:
        return _DIFFERS
    return None
