"""Approvals: different people say yes to one digest, each with a fresh code; any approver may say no."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.errors import NotPermitted
from payouts.domain.people.roles import Act
from payouts.domain.texts import check_reason
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.status import Status
from payouts.models import Approval, PresenceProof, Withdrawal, person
from payouts.workflow import queue
from payouts.workflow.decisions import presence
from payouts.workflow.withdrawals.transition import move


def approve(withdrawal_id: UUID, *, shown_digest: str, proof: PresenceProof | None, by: User) -> Withdrawal:
    """Add one approval; the last one needed makes it APPROVED and defers its submission, all in one transaction.

    `proof` is of this act on `shown_digest`, and already committed. Raises NotPermitted once the objection is in the
    trail.
    """
    with transaction.atomic(durable=True):
        withdrawal = Withdrawal.objects.locked(withdrawal_id)
        objection = policy.may_approve(withdrawal.facts(), person(by), shown_digest=shown_digest)
        objection = objection or presence.use(proof, act=Act.APPROVE, subject=shown_digest, by=by)
        if proof is not None and objection is None:
            _add_approval(withdrawal, proof=proof, by=by)
            if policy.has_quorum(withdrawal.facts()):
                move(withdrawal, Status.APPROVED, by=by, expires_at=Now() + settings.SEND_WITHIN)
                queue.nudge(withdrawal.account.name)
        elif objection is not None:
            audit.record(Event.APPROVAL_OBJECTED, by=by, about=withdrawal, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return withdrawal


def reject(withdrawal_id: UUID, *, reason: str, by: User) -> Withdrawal:
    """End it with a reason, before a worker has claimed it. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with transaction.atomic(durable=True):
        withdrawal = Withdrawal.objects.locked(withdrawal_id)
        objection = policy.may_reject(withdrawal.facts(), person(by))
        if objection is None:
            move(withdrawal, Status.REJECTED, by=by, why=reason, closed_because=reason)
        else:
            audit.record(Event.REJECT_OBJECTED, by=by, about=withdrawal, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return withdrawal


def _add_approval(withdrawal: Withdrawal, *, proof: PresenceProof, by: User) -> None:
    Approval.objects.create(
        withdrawal=withdrawal,
        approver=by,
        requester=withdrawal.requested_by,
        digest=withdrawal.digest,
        proof=proof,
        approved_at=timezone.now(),
    )
    audit.record(Event.WITHDRAWAL_APPROVED, by=by, about=withdrawal, digest=withdrawal.digest, proof=str(proof.pk))
