"""What a kind of proposal has to say. A kind is one file in its room, a line in `registry`, and two guards.

The guards are two functions in payouts/guards/<room>/kind.sql: `countersign_<kind>_proposed` asks for its terms
(`countersign_require_terms`), `countersign_<kind>_approved` who may not say yes and what the rows say
(`countersign_require_content`). The guard of its things' table calls `countersign_require_proposal`.
tests/workflow/decisions/test_a_new_kind.py makes a kind up.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib.auth.models import User

from payouts.audit import Event, Subject
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import Objection
from payouts.domain.people.roles import ROLES_FOR, Act, Person, Role
from payouts.domain.texts import check_reason
from payouts.models import Proposal

S = TypeVar("S")  # whatever is decided about; it has a `proposal`


class Kind(ABC, Generic[S]):
    """One kind of proposal, about things of one type."""

    name: ClassVar[str]  # stored, and part of the canonical content
    act: ClassVar[Act]  # what a yes is called, and whose it is
    approved: ClassVar[Event]
    refused: ClassVar[Event]  # a yes was objected to
    may_follow: ClassVar[bool] = False  # whether a thing may be proposed again once it was turned down

    @abstractmethod
    def held(self, subject: str) -> S:
        """The thing of this key, with its proposal, locked until the transaction ends. Raises DoesNotExist."""

    @abstractmethod
    def subject(self, thing: S) -> str:
        """The key of a thing."""

    @abstractmethod
    def content(self, thing: S) -> Content:
        """What people who decide see, as the rows say it now."""

    @abstractmethod
    def excluded(self, thing: S) -> frozenset[int]:
        """The people who may not say yes, whatever their roles."""

    @abstractmethod
    def objection(self, thing: S, person: Person, *, shown_digest: str) -> Objection | None:
        """Why this person may not say yes to what their page showed; None when they may."""

    @abstractmethod
    def carry(self, thing: S, *, by: User) -> None:
        """Do what was proposed, once enough people said yes, in their last one's transaction.

        Raises NotPermitted when the world has moved on; then nothing is written.
        """

    def check_note(self, note: str) -> None:
        """Raise InvalidValue for what may not be said with a yes; empty is allowed unless the kind asks for words."""
        if note:
            check_reason(note)

    def needed(self, thing: S) -> int:  # noqa: ARG002
        """How many different people have to say yes."""
        return 1

    def roles(self, thing: S) -> frozenset[Role]:  # noqa: ARG002
        """One of these is needed to say yes."""
        return ROLES_FOR[self.act]

    def open_until(self, thing: S) -> datetime | None:  # noqa: ARG002
        """When its time to be decided is over."""
        return None

    def still_needed(self, thing: S) -> int:
        """How many people have to have said yes by the settings of today: never fewer than when it was raised."""
        return self.proposal_of(thing).needed

    def proposal_of(self, thing: S) -> Proposal:
        """The one that is decided about it."""
        proposal: Proposal = thing.proposal  # type: ignore[attr-defined]
        return proposal

    def about(self, thing: S) -> Subject:
        """What the trail's events are about."""
        return thing  # type: ignore[return-value]  # every kind but the day's is decided about such a row

    def told(self, thing: S, note: str) -> Mapping[str, Any]:  # noqa: ARG002
        """What the trail says of a yes, beside the digest and the proof."""
        return {"why": note} if note else {}


class Rejectable(Kind[S]):
    """A kind to which somebody may say no."""

    reject_act: ClassVar[str]  # as the trail calls it
    reject_refused: ClassVar[Event]

    @abstractmethod
    def may_reject(self, thing: S, person: Person) -> Objection | None:
        """Why this person may not say no to it now; None when they may."""

    @abstractmethod
    def turn_down(self, thing: S, *, reason: str, by: User) -> None:
        """Do what a no means for the thing, in its transaction; the proposal is closed by then."""
