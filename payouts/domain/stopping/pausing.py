"""Stopping: why nothing is sent through an account, who may stop it, and who lets it go on. Facts in, verdict out."""

from dataclasses import dataclass
from enum import StrEnum

from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, Role
from payouts.domain.withdrawals.policy import first, role_objection


class Cause(StrEnum):
    """What stopped it."""

    STOP_CODE = "stop_code"  # the provider's answer means that the next call would fare no better
    ORPHAN = "orphan"  # a payment or a record without its partner
    PERSON = "person"  # somebody pressed the button

    @property
    def label(self) -> str:
        """The cause in words."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class PauseFacts:
    """What the rules need to know of a pause, read under its lock."""

    cause: Cause
    is_open: bool
    releases_needed: int  # as it was begun
    released_by: frozenset[int]


def releases_needed(cause: Cause) -> int:
    """How many different people have to let it go on. Only what the provider itself said is one person's to judge."""
    return 1 if cause is Cause.STOP_CODE else 2


def may_pause(person: Person, *, paused_already: bool) -> Objection | None:
    """Why this person may not stop it; None when they may. One person is enough, without a code."""
    already = Objection("paused_already", "Somebody has paused this already, and it still is.")
    return first([role_objection(person, Act.PAUSE), already if paused_already else None])


def may_release(facts: PauseFacts, person: Person) -> Objection | None:
    """Why this person may not let it go on; None when they may."""
    return first(
        [
            role_objection(person, Act.RELEASE),
            None if facts.is_open else Objection("not_paused", "This pause has ended already."),
            _needs_an_administrator(facts, person),
            Objection("released_already", "You have released it already. Somebody else has to release it as well.")
            if person.id in facts.released_by
            else None,
        ]
    )


def is_over(facts: PauseFacts) -> bool:
    """Whether as many different people as it needs have released it."""
    return len(facts.released_by) >= facts.releases_needed


def _needs_an_administrator(facts: PauseFacts, person: Person) -> Objection | None:
    if facts.cause is not Cause.STOP_CODE or Role.ADMINISTRATOR in person.roles:
        return None
    return Objection("needs_an_administrator", "What the provider said is an administrator's to set right and release.")
