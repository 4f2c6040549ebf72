"""Expiry: what nobody approved in time, or no worker sent in time, ends here and has to be asked for again."""

from django.db import transaction
from django.db.models.functions import Now

from payouts.audit import Worker
from payouts.domain.span import in_words
from payouts.domain.withdrawals.status import Status
from payouts.models import Withdrawal
from payouts.workflow.decisions.proposing import lapse
from payouts.workflow.withdrawals.transition import move

BATCH = 100


def expire_overdue(*, by: Worker) -> int:
    """Close everything whose time is over by the database's clock; how many there were.

    What another transaction holds is left alone, because it is being approved, claimed or closed at this moment; the
    next sweep looks again.
    """
    expired = 0
    while closed := _expire_batch(by=by):
        expired += closed
    return expired


def _expire_batch(*, by: Worker) -> int:
    """One transaction: each row is locked, and PostgreSQL looks again whether it is overdue once it is."""
    with transaction.atomic(durable=True):
        overdue = Withdrawal.objects.filter(
            status__in=[Status.AWAITING_APPROVAL, Status.APPROVED], expires_at__lte=Now()
        ).order_by("expires_at")
        held = list(
            overdue.select_related("proposal").select_for_update(of=("self", "proposal"), skip_locked=True)[:BATCH]
        )
        for withdrawal in held:
            why = _why(withdrawal)
            lapse(withdrawal.proposal, reason=why, by=by)
            move(withdrawal, Status.EXPIRED, by=by, why=why, closed_because=why)
    return len(held)


def _why(withdrawal: Withdrawal) -> str:
    """As the row says it, and not today's setting, which may be another one by now."""
    if withdrawal.status == Status.AWAITING_APPROVAL:
        return f"Not approved within {in_words(withdrawal.expires_at - withdrawal.requested_at)}."
    approved_at = withdrawal.proposal.approvals.latest("approved_at").approved_at
    return f"Not sent within {in_words(withdrawal.expires_at - approved_at)} of its approval."
