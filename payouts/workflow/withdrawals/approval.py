"""Withdrawals as proposals: different people approve one digest; any approver may say no until a worker has claimed it.

Content: the digest of what is sent, and what else approvers see (`Withdrawal.content`). As many approvers as
APPROVALS_REQUIRED says, never the requester. What was turned down is asked for again in a new withdrawal.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models.functions import Now

from payouts.audit import Event
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.status import Status
from payouts.models import Withdrawal
from payouts.workflow import queue
from payouts.workflow.decisions.kind import Rejectable
from payouts.workflow.withdrawals.transition import move


class WithdrawalKind(Rejectable[Withdrawal]):
    """A payment to one recipient."""

    name: ClassVar[str] = "withdrawal"
    act: ClassVar[Act] = Act.APPROVE
    approved: ClassVar[Event] = Event.WITHDRAWAL_APPROVED
    refused: ClassVar[Event] = Event.APPROVAL_OBJECTED
    reject_act: ClassVar[str] = Act.REJECT
    reject_refused: ClassVar[Event] = Event.REJECT_OBJECTED

    def held(self, subject: str) -> Withdrawal:
        return Withdrawal.objects.locked(UUID(subject))

    def subject(self, thing: Withdrawal) -> str:
        return str(thing.pk)

    def content(self, thing: Withdrawal) -> Content:
        return thing.content()

    def needed(self, thing: Withdrawal) -> int:  # noqa: ARG002
        """As the setting says when it is raised."""
        return int(settings.APPROVALS_REQUIRED)

    def still_needed(self, thing: Withdrawal) -> int:
        """As many as when it was raised, or as the setting says by now: whichever is more."""
        return thing.approvals_needed

    def excluded(self, thing: Withdrawal) -> frozenset[int]:
        return frozenset({thing.requested_by_id})

    def open_until(self, thing: Withdrawal) -> datetime:
        return thing.expires_at

    def objection(self, thing: Withdrawal, person: Person, *, shown_digest: str) -> Objection | None:
        return policy.may_approve(thing.facts(), person, shown_digest=shown_digest)

    def carry(self, thing: Withdrawal, *, by: User) -> None:
        """APPROVED, with the time that the worker has, and a job for its submission."""
        move(thing, Status.APPROVED, by=by, expires_at=Now() + settings.SEND_WITHIN)
        queue.nudge(thing.account.name)

    def may_reject(self, thing: Withdrawal, person: Person) -> Objection | None:
        """By approvers, until it is claimed."""
        return policy.may_reject(thing.facts(), person)

    def turn_down(self, thing: Withdrawal, *, reason: str, by: User) -> None:
        move(thing, Status.REJECTED, by=by, why=reason, closed_because=reason)


WITHDRAWAL = WithdrawalKind()
