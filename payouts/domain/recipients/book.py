"""The address book's rules: where an entry stands, and who may bring it into use or stop it. Facts in, verdict out."""

from dataclasses import dataclass
from enum import StrEnum

from payouts.domain.decisions import deciding
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import ProposalFacts
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, first, role_objection


class AddressStatus(StrEnum):
    """Where an address-book entry stands."""

    PROPOSED = "proposed"  # one person wrote it down; nobody can be paid by it yet
    ACTIVE = "active"  # another person activated it; requests may name it
    DECLINED = "declined"  # another person said no to the proposal
    REVOKED = "revoked"  # it was active once; nobody can be paid by it any more

    @property
    def label(self) -> str:
        """The status in words, as people read it."""
        return self.value.capitalize()


ADDRESS_MOVES: dict[AddressStatus, frozenset[AddressStatus]] = {
    AddressStatus.PROPOSED: frozenset({AddressStatus.ACTIVE, AddressStatus.DECLINED}),
    AddressStatus.ACTIVE: frozenset({AddressStatus.REVOKED}),
    AddressStatus.DECLINED: frozenset(),
    AddressStatus.REVOKED: frozenset(),
}


@dataclass(frozen=True)
class AddressFacts:
    """What the rules need to know of an address-book entry."""

    status: AddressStatus
    proposed_by: int
    proposal: ProposalFacts


def may_activate(facts: AddressFacts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not activate the entry that their page showed; None when they may."""
    own = Objection("own_proposal", "Somebody else has to activate an address that you proposed.")
    words = Words(Act.ACTIVATE_ADDRESS, closed=_is_not(facts, AddressStatus.PROPOSED), excluded=own)
    return deciding.may_approve(facts.proposal, person, words, shown_digest=shown_digest)


def may_decline(facts: AddressFacts, person: Person) -> Objection | None:
    """Why this person may not decline a proposal; its proposer may take it back."""
    role = None if person.id == facts.proposed_by else role_objection(person, Act.DECLINE_ADDRESS)
    return first([role, _is_not(facts, AddressStatus.PROPOSED)])


def may_revoke(facts: AddressFacts, person: Person) -> Objection | None:
    """Why this person may not revoke an entry; None when they may. One person is enough to stop payments."""
    return first([role_objection(person, Act.REVOKE_ADDRESS), _is_not(facts, AddressStatus.ACTIVE)])


def not_active(status: AddressStatus) -> Objection | None:
    """Nothing is sent to an entry that is not in use."""
    if status is AddressStatus.ACTIVE:
        return None
    return Objection("address_not_active", f"The address is {status.label.lower()}: nothing is sent to it.")


def _is_not(facts: AddressFacts, wanted: AddressStatus) -> Objection | None:
    if facts.status is wanted:
        return None
    return Objection("already_moved_on", f"Too late: this address is already {facts.status.label.lower()}.")
