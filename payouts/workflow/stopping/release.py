"""Releases as proposals: who lets a paused account go on.

Proposed with the pause itself, whoever or whatever began it. Content: what was stopped, why, and since when
(`Pause.content`). Two approvers or administrators, or one administrator where the provider's own answer stopped the
account; nobody is excluded. Nobody says no: a pause is left alone.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, Role
from payouts.domain.stopping import pausing
from payouts.domain.stopping.pausing import Cause
from payouts.domain.texts import check_reason
from payouts.models import Account, Pause
from payouts.workflow import queue
from payouts.workflow.decisions.kind import Kind


class ReleaseKind(Kind[Pause]):
    """The end of a pause."""

    name: ClassVar[str] = "release"
    act: ClassVar[Act] = Act.RELEASE
    approved: ClassVar[Event] = Event.PAUSE_RELEASED
    refused: ClassVar[Event] = Event.PAUSE_OBJECTED

    def held(self, subject: str) -> Pause:
        return Pause.objects.locked(UUID(subject))

    def subject(self, thing: Pause) -> str:
        return str(thing.pk)

    def content(self, thing: Pause) -> Content:
        """As people see the pause."""
        return thing.content()

    def needed(self, thing: Pause) -> int:
        """Fewer where the provider itself stopped the account."""
        return pausing.releases_needed(Cause(thing.cause))

    def roles(self, thing: Pause) -> frozenset[Role]:
        """An administrator's alone where the provider itself stopped the account."""
        return pausing.releasing_roles(Cause(thing.cause))

    def excluded(self, thing: Pause) -> frozenset[int]:  # noqa: ARG002
        """Nobody, also not who began it."""
        return frozenset()

    def check_note(self, note: str) -> None:
        """Everybody says why it may go on."""
        check_reason(note)

    def objection(self, thing: Pause, person: Person, *, shown_digest: str) -> Objection | None:
        return pausing.may_release(thing.facts(), person, shown_digest=shown_digest)

    def told(self, thing: Pause, note: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Why it may go on."""
        return {"why": note}

    def carry(self, thing: Pause, *, by: User) -> None:
        """The pause ends, and what waits is sent."""
        thing.released_at = timezone.now()
        thing.save(update_fields=["released_at"])
        audit.record(Event.PAUSE_ENDED, by=by, about=thing, account=thing.account.name if thing.account else "all")
        for account in [thing.account] if thing.account else Account.objects.order_by("pk"):
            queue.nudge(account.name)


RELEASE = ReleaseKind()
