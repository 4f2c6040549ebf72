"""Stopping: why nothing is sent through an account, who may stop it, and who lets it go on. Facts in, verdict out."""

from dataclasses import dataclass
from enum import StrEnum

from payouts.domain.decisions import deciding
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import ProposalFacts
from payouts.domain.errors import Objection
from payouts.domain.people.roles import ROLES_FOR, Act, Person, Role, first, role_objection


class Cause(StrEnum):
    """Who or what began a pause."""

    STOP_CODE = "stop_code"  # the provider's answer means that the next call would fare no better
    ORPHAN = "orphan"  # a payment or a record without its partner
    PERSON = "person"  # somebody pressed the button
    OUT_OF_STEP = "out_of_step"  # the rows lack what the witness knows, or the witness what the rows know

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class PauseFacts:
    """What the rules need to know of a pause, read under its lock."""

    cause: Cause
    is_open: bool
    proposal: ProposalFacts  # to let it go on


def releases_needed(cause: Cause) -> int:
    """How many different people have to let it go on. Only what the provider itself said is one person's to judge."""
    return 1 if cause is Cause.STOP_CODE else 2


def releasing_roles(cause: Cause) -> frozenset[Role]:
    """Who lets it go on: what the provider itself said is an administrator's to set right."""
    return frozenset({Role.ADMINISTRATOR}) if cause is Cause.STOP_CODE else ROLES_FOR[Act.RELEASE]


def may_pause(person: Person, *, paused_already: bool) -> Objection | None:
    """Why this person may not stop it; None when they may. One person is enough, without a code."""
    already = Objection("paused_already", "Somebody has paused this already, and it still is.")
    return first([role_objection(person, Act.PAUSE), already if paused_already else None])


def may_release(facts: PauseFacts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not let it go on; None when they may. Nobody is excluded, whoever began it."""
    again = "You have released it already. Somebody else has to release it as well."
    said = "What the provider said is an administrator's to set right and release."
    words = Words(
        Act.RELEASE,
        closed=None if facts.is_open else Objection("not_paused", "This pause has ended already."),
        already=Objection("released_already", again),
        role=Objection("needs_an_administrator", said),
    )
    return deciding.may_approve(facts.proposal, person, words, shown_digest=shown_digest)
