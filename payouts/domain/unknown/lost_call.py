"""What people may say became of a lost call that no withdrawal answers for: facts in, an objection or None out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from payouts.domain.decisions import deciding
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import ProposalFacts, State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, first, role_objection
from payouts.domain.unknown.record import Record
from payouts.domain.unknown.resolving import contradicts, may_still_be_paid, outcome
from payouts.domain.withdrawals.status import Status


@dataclass(frozen=True)
class LostFacts:
    """What the rules need to know of one lost call, read under the lock."""

    left: bool  # False: provably no byte of it left
    has_row: bool  # whether it is a call of its withdrawal again, which people find out about as of any other
    verdict: str  # as two people decided it, in words; empty while they have not
    status: Status | None  # of its withdrawal; None where that is gone as well
    requested_by: int | None
    proposed: bool  # whether a finding waits for its second person


@dataclass(frozen=True)
class FoundFacts:
    """What the rules need to know of one person's finding about a lost call."""

    call: LostFacts
    proposed_by: int
    proposal: ProposalFacts


def waits(facts: LostFacts) -> Objection | None:
    """Why nobody has to find out what became of the call; None when somebody has."""
    if not facts.left:
        return Objection("never_left", "Provably nothing of it left: there is nothing to find out.")
    if facts.has_row or (facts.status is not None and not facts.status.is_final):
        message = "Its withdrawal is not over: say there what became of it."
        return Objection("withdrawal_decides", message)
    if facts.verdict:
        return Objection("already_decided", f"Too late: this was already decided as {facts.verdict.lower()}.")
    return None


def may_propose(facts: LostFacts, person: Person) -> Objection | None:
    """Why this person may not say what became of it; None when they may."""
    message = "What somebody found waits to be confirmed or declined."
    return first(
        [
            role_objection(person, Act.PROPOSE_LOST_CALL),
            waits(facts),
            _own_request(facts, person),
            Objection("already_proposed", message) if facts.proposed else None,
        ]
    )


def may_try(facts: LostFacts, person: Person) -> Objection | None:
    """Why this person may not try what was sent by it; None when they may. It decides nothing."""
    return first([role_objection(person, Act.PROPOSE_LOST_CALL), waits(facts)])


def may_confirm(facts: FoundFacts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not confirm another's finding; None when they may."""
    own = Objection("own_proposal", "Somebody else has to confirm what you found.")
    theirs = own if person.id == facts.proposed_by else _own_request(facts.call, person)
    words = Words(
        Act.CONFIRM_LOST_CALL, closed=_decided(facts.proposal.state), excluded=theirs or deciding.OWN_PROPOSAL
    )
    now = [_own_request(facts.call, person), waits(facts.call)]
    return deciding.may_approve(facts.proposal, person, words, shown_digest=shown_digest, now=now)


def may_decline(facts: FoundFacts, person: Person) -> Objection | None:
    """Why this person may not decline a finding; its proposer may take it back."""
    role = None if person.id == facts.proposed_by else role_objection(person, Act.CONFIRM_LOST_CALL)
    return first([role, _decided(facts.proposal.state)])


def says_otherwise(proven: Iterable[Record], named: Iterable[Record], *, paid: bool, now: datetime) -> Objection | None:
    """Why the provider's records speak against it; None when none does.

    `proven` are of what was sent, or have the id that the provider answered; `named` is as what it was found. Several
    may be proven: of equal payments under other references nobody can tell them apart. So one that arrived is enough
    against "not paid".
    """
    if paid:
        failed = any(contradicts(record.status, paid=True) for record in named)
        message = "The provider’s own record of it says: failed."
        return Objection("record_says_otherwise", message) if failed else None
    for record in proven:
        if contradicts(record.status, paid=False):
            message = f"The provider’s record {record.provider_id} is of what was sent, and it arrived."
            return Objection("record_says_otherwise", message)
        if may_still_be_paid(record, now=now):
            message = f"The provider’s record {record.provider_id} is of what was sent, and is under way: wait for it."
            return Objection("still_pending", message)
    return None


def _decided(state: State) -> Objection | None:
    said = outcome(state)
    return Objection("already_decided", f"Too late: this was already {said.lower()}.") if said else None


def _own_request(facts: LostFacts, person: Person) -> Objection | None:
    if person.id != facts.requested_by:
        return None
    return Objection("own_request", "It is your own request: two other people have to find out.")
