"""What a withdrawal's page tells from top to bottom, read in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from payouts.admin.shell.cells import link
from payouts.admin.shell.promises import can_look_up
from payouts.admin.unknown.unknown import clock, what_is_known
from payouts.domain.errors import InvalidValue
from payouts.domain.money import readable
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.sending.customers import are_one
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.fingerprint import without
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, AuditEvent, ResolutionLine, Withdrawal
from payouts.preview import fields_to_send, title


@dataclass(frozen=True)
class AsksAgain:
    """What a request repeats: the earlier one, why that was not paid, and what is not the same."""

    earlier: Withdrawal
    why: str
    differences: list[str]


def story(withdrawal: Withdrawal) -> dict[str, Any]:
    """Everything that the page shows: terms, fields to be sent, approvals, submissions and the trail."""
    found = [line.resolution for line in _findings(withdrawal)]
    return {
        **terms(withdrawal),
        **approvals(withdrawal),
        "requester_gone": withdrawal.closed_because == policy.REQUESTER_GONE.message,
        "submissions": withdrawal.submissions.order_by("number"),
        "trail": trail_of(withdrawal, *found),
        "next_step": next_step(withdrawal),
        "findings": found,
        "lost_calls": withdrawal.lost_calls.with_facts().order_by("called_at"),
        "retries": withdrawal.retries.order_by("requested_at"),
    }


def approvals(withdrawal: Withdrawal) -> dict[str, Any]:
    """Who approved it, and how many of these count; all of them, once it is over or was sent."""
    given = list(withdrawal.proposal.approvals.with_standing().select_related("approver"))
    is_sent = Status(withdrawal.status) not in (Status.AWAITING_APPROVAL, Status.APPROVED, Status.UNKNOWN)
    for approval in given:
        approval.stands = approval.stands or is_sent
    counting = len({approval.approver_id for approval in given if approval.stands})
    missing = withdrawal.approvals_needed - counting if withdrawal.status == Status.AWAITING_APPROVAL else 0
    return {"approvals": given, "counting": counting, "missing": range(missing)}


def terms(withdrawal: Withdrawal) -> dict[str, Any]:
    """What is asked for, in people's words and in the provider's own fields."""
    try:
        fields = fields_to_send(withdrawal.order())
    except InvalidValue as err:
        fields = {"—": err.message}
    return {
        "withdrawal": withdrawal,
        "address": withdrawal.address,
        "provider_title": title(withdrawal.account.provider),
        "fields": fields,
        "asks_again": asks_again(withdrawal),
    }


def _findings(withdrawal: Withdrawal) -> QuerySet[ResolutionLine]:
    people = ("resolution__proposed_by", "resolution__proposal__decided_by")
    return withdrawal.resolution_lines.select_related(*people).order_by("id")


def asks_again(withdrawal: Withdrawal) -> AsksAgain | None:
    """The withdrawal that this one repeats; None where it repeats none."""
    if withdrawal.retry_of_id is None:
        return None
    earlier = Withdrawal.objects.select_related("address").get(pk=withdrawal.retry_of_id)
    said = earlier.closed_because or " ".join(filter(None, [earlier.error_code, earlier.error_message]))
    return AsksAgain(earlier, said or "nobody said why", _differences(earlier, withdrawal))


def _differences(earlier: Withdrawal, withdrawal: Withdrawal) -> list[str]:
    found = []
    if earlier.recipient_key != withdrawal.recipient_key:
        found.append(f"It was to another address: {earlier.address.label}, {earlier.address.address}.")
    asked, asks = (without(each.amount, each.fingerprint) for each in (earlier, withdrawal))
    if (earlier.coin, asked) != (withdrawal.coin, asks):
        found.append(f"It was about another amount: {readable(asked, places=2)} {earlier.coin}.")
    if earlier.account_id != withdrawal.account_id:
        found.append("It was through another account.")
    return found


def trail_of(*things: Any) -> Any:
    """The first 200 audit events about these objects, oldest first."""
    kinds = {thing._meta.model_name for thing in things}
    events = AuditEvent.objects.filter(subject_type__in=kinds, subject_id__in=[str(thing.pk) for thing in things])
    return events.order_by("id").select_related("actor")[:200]


def next_step(withdrawal: Withdrawal) -> str:
    """One plain sentence: what happens next, or why nothing does. Marked as safe only where it holds a link."""
    match Status(withdrawal.status):
        case Status.AWAITING_APPROVAL:
            missing = withdrawal.approvals_needed - withdrawal.proposal.approvals.standing().count()
            people = "one more person" if missing == 1 else f"{missing} more people"
            return f"Waits for {people} to approve it."
        case Status.APPROVED:
            return why_not_sent_yet(withdrawal)
        case Status.SUBMITTING:
            return _in_hand(withdrawal)
        case Status.UNKNOWN:
            return f"It may have been paid. {what_is_known(withdrawal)}"
        case Status.SUBMITTED:
            return f"The provider accepted it. That is not yet proof of payment. {_followed(withdrawal)}"
        case Status.REFUSED:
            return "The provider refused it and sent nothing. To try again, raise a new request."
        case Status.EXPIRED:
            return "Nothing was sent. To pay after all, ask again: that is a new request, approved anew."
        case _:
            return ""


def _in_hand(withdrawal: Withdrawal) -> str:
    left = withdrawal.submissions.left_behind().first()
    if left is None:
        return "A worker is talking to the provider. This page will show the answer."
    until = timezone.localtime(left.deadline).strftime("%H:%M:%S")
    return f"Its worker ended in the middle of the call. Without an answer it counts as unknown after {until}."


def why_not_sent_yet(withdrawal: Withdrawal) -> str:
    """The gravest reason why an approved withdrawal is not sent yet, or that a worker sends it next."""
    account = withdrawal.account
    if withdrawal.stopped_because:
        return f"Stopped, nothing was sent: {withdrawal.stopped_because} Reject or cancel it."
    if not withdrawal.is_of_this_customer():
        return "The account became another customer’s after it was tried, so it will not be sent. Reject or cancel it."
    if withdrawal.address.status != AddressStatus.ACTIVE:
        return "The address was revoked, so it will not be sent. Reject or cancel it."
    if paused := withdrawal.paused_because():
        return f"Approved, but nothing is sent while it is paused: {paused}"
    if equal := withdrawal.equals_in_flight().select_related("account").first():
        return _waits_for_equal(equal, account)
    if account.is_quiet(at=timezone.now()):
        until = timezone.localtime(account.quiet_until).strftime("%H:%M:%S")
        return f"Approved, nothing was sent yet. The next try is after {until}: {account.quiet_because}"
    return "Approved. A worker sends it next."


def _followed(withdrawal: Withdrawal) -> str:
    """How a SUBMITTED withdrawal comes to its end, in sentences."""
    if not can_look_up(withdrawal.account):
        return "Nobody can be asked whether it arrived: two people confirm it."
    said = f"Its record says: {withdrawal.record_status}. " if withdrawal.record_status else ""
    at = f" at {clock(withdrawal.next_look_at)}" if withdrawal.next_look_at else ""
    return f"{said}The provider’s records are looked at again{at}."


def _waits_for_equal(equal: Withdrawal, account: Account) -> SafeString:
    """That a withdrawal of the account waits for an equal one, which is linked: no record could tell them apart.

    It is said where that one is of another account.
    """
    if equal.status == Status.UNKNOWN:
        why = "an equal payment whose outcome is unknown: sent now, the two could not be told apart"
    else:
        why = "an equal payment that is being sent: the two could not be told apart"
    elsewhere = ""
    if equal.account_id != account.pk:
        is_said = are_one(account.at_provider(), equal.account.at_provider())
        whose = "whose customer is the same" if is_said else "whose customer may be the same"
        elsewhere = f" in account {equal.account.name}, {whose}"
    it = link("payouts_withdrawal_change", equal.pk, equal.reference[:8])
    return format_html("Waits for withdrawal {}{}, {}.", it, elsewhere, why)
