"""What a withdrawal's page tells from top to bottom, read in a fixed number of queries."""

from typing import Any

from django.utils import timezone

from payouts.domain.errors import InvalidValue
from payouts.domain.status import Status
from payouts.models import AuditEvent, Withdrawal
from payouts.preview import fields_to_send, title


def story(withdrawal: Withdrawal) -> dict[str, Any]:
    """Everything that the page shows: terms, fields to be sent, approvals, submissions and the trail."""
    return {
        **terms(withdrawal),
        "approvals": withdrawal.approvals.select_related("approver"),
        "submissions": withdrawal.submissions.order_by("number"),
        "trail": trail_of(withdrawal),
        "next_step": next_step(withdrawal),
    }


def terms(withdrawal: Withdrawal) -> dict[str, Any]:
    """What is asked for, in people's words and in the provider's own fields."""
    try:
        fields = fields_to_send(withdrawal.order())
    except InvalidValue as err:
        fields = {"—": err.message}
    return {
        "withdrawal": withdrawal,
        "shown_digest": withdrawal.order().digest(),  # of what the page shows, whatever the row says
        "address": withdrawal.address,
        "provider_title": title(withdrawal.account.provider),
        "fields": fields,
    }


def trail_of(thing: Any) -> Any:
    """The object's own audit events, oldest first."""
    events = AuditEvent.objects.filter(subject_type=thing._meta.model_name, subject_id=str(thing.pk))
    return events.order_by("id").select_related("actor")[:200]


def next_step(withdrawal: Withdrawal) -> str:
    """One plain sentence: what happens next, or why nothing does."""
    missing = withdrawal.approvals_needed - withdrawal.approvals.count()
    match Status(withdrawal.status):
        case Status.AWAITING_APPROVAL:
            people = "one more person" if missing == 1 else f"{missing} more people"
            return f"Waits for {people} to approve it."
        case Status.APPROVED:
            return _why_not_sent_yet(withdrawal)
        case Status.SUBMITTING:
            return "A worker is talking to the provider. This page will show the answer."
        case Status.UNKNOWN:
            return "It may have been paid. Nothing is sent again: look it up at the provider before anything else."
        case Status.SUBMITTED:
            return "The provider accepted it. That is not yet proof of payment."
        case Status.REFUSED:
            return "The provider refused it and sent nothing. To try again, raise a new request."
        case _:
            return ""


def _why_not_sent_yet(withdrawal: Withdrawal) -> str:
    account = withdrawal.account
    if withdrawal.stopped_because:
        return f"Stopped, nothing was sent: {withdrawal.stopped_because} Reject or cancel it."
    if withdrawal.address.status != "active":
        return "The address was revoked, so it will not be sent. Reject or cancel it."
    if account.is_quiet(at=timezone.now()):
        until = timezone.localtime(account.quiet_until).strftime("%H:%M:%S")
        return f"Approved, nothing was sent yet. The next try is after {until}: {account.quiet_because}"
    return "Approved. A worker sends it next."
