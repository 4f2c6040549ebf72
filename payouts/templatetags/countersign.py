"""The cells of `payouts.admin.shell.cells` as template filters, and a few of the templates' own."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from payouts.admin.shell import cells
from payouts.admin.shell.story import why_not_sent_yet
from payouts.admin.unknown.lost_calls import state_of
from payouts.admin.unknown.unknown import age
from payouts.audit import Event
from payouts.domain.decisions.proposal import State
from payouts.domain.money import readable
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.unknown import resolving as outcomes
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, LostCall, Resolution, Withdrawal

register = template.Library()


@register.filter
def status_pill(thing: Withdrawal | Address) -> SafeString:
    if isinstance(thing, Withdrawal):
        proposal = thing._state.fields_cache.get("proposal")
        waits = thing.status == Status.AWAITING_APPROVAL
        counted = waits and "approvals" in getattr(proposal, "_prefetched_objects_cache", {})
        return cells.status(thing, approvals=cells.standing(thing) if counted else None)
    return cells.pill(thing.status, AddressStatus(thing.status).label)


@register.filter
def stands_for(withdrawal: Withdrawal) -> str:
    """How long the withdrawal has had its status, as `3 hours`."""
    return age(timezone.now() - withdrawal.status_changed_at)


@register.filter
def outcome_pill(submission: Any) -> SafeString:
    return cells.pill(submission.outcome, submission.get_outcome_display())


@register.filter
def amount(withdrawal: Withdrawal) -> SafeString:
    return cells.amount(withdrawal.amount, withdrawal.coin)


@register.filter
def told_apart(withdrawal: Withdrawal) -> SafeString:
    return cells.told_apart(withdrawal)


@register.filter
def expiry(withdrawal: Withdrawal) -> SafeString:
    return cells.expiry(withdrawal)


@register.filter
def soon(withdrawal: Withdrawal) -> SafeString:
    return cells.soon(withdrawal)


@register.filter
def waits_for(withdrawal: Withdrawal) -> str:
    """Why an approved withdrawal was not sent yet. For a few rows only: each asks the database."""
    return why_not_sent_yet(withdrawal)


@register.filter
def amount_of(value: Decimal, coin: str) -> SafeString:
    return cells.amount(value, coin)


@register.filter
def normalised(value: Decimal) -> str:
    """An amount as plain text, for what is read aloud."""
    return readable(value, places=2)


@register.filter
def payee_linked(withdrawal: Withdrawal) -> SafeString:
    """Whom it pays, in full, linked to the withdrawal's page."""
    url = reverse("admin:payouts_withdrawal_change", args=[withdrawal.pk])
    return cells.recipient(withdrawal.address, url=url)


@register.filter
def resolution_pill(resolution: Resolution) -> SafeString:
    """As what a finding was decided, “Proposed” while it waits."""
    tone = {"": "proposed", "Confirmed": "completed"}.get(outcome(resolution), "declined")
    return cells.pill(tone, outcome(resolution) or "Proposed")


@register.filter
def lost_pill(call: LostCall) -> SafeString:
    """Whose turn it is with a lost call, or how it was decided. For a few rows only: it asks the database."""
    return state_of(call)


@register.filter
def outcome(resolution: Resolution) -> str:
    """As what it was decided; empty while it waits."""
    return outcomes.outcome(State(resolution.proposal.state))


@register.filter
def groups(address: Address) -> SafeString:
    return cells.groups(address)


@register.filter
def groups_alone(address: Address) -> SafeString:
    """The address as the provider's field has it, for reading: a phone without its area code."""
    return cells.groups_alone(address)


@register.filter
def places(withdrawals: Iterable[Withdrawal]) -> int:
    """The most decimals that one of the amounts shows; the style sheet keeps so much room after every point."""
    shown = (readable(withdrawal.amount, places=2) for withdrawal in withdrawals)
    return max((len(text.partition(".")[2]) for text in shown), default=2)


@register.filter
def with_cursor(field: BoundField) -> SafeString:
    """The field's widget; the cursor starts in it when it is the form's first wrong one."""
    wrong = next((name for name in field.form.fields if name in field.form.errors), None)
    return field.as_widget(attrs={"autofocus": True} if field.name == wrong else None)


@register.filter
def facts(known: dict[str, Any]) -> SafeString:
    return cells.facts(known)


@register.filter
def moment(value: datetime | None) -> SafeString:
    return cells.when(value)


@register.filter
def moment_to_the_second(value: datetime | None) -> SafeString:
    """A time where the order of things within a minute matters."""
    return cells.when(value, clock="%H:%M:%S")


@register.filter
def event_label(value: str) -> str:
    """An audit event in words."""
    return Event(value).label if value in set(Event) else value


@register.filter
def who(user: Any) -> str:
    """A person's name as colleagues read it."""
    if user is None:
        return "–"
    return str(user.get_full_name() or user.get_username())


@register.filter
def pretty_json(text: str) -> str:
    """Canonical JSON, indented for reading; other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


@register.filter
def status_alone(value: str) -> SafeString:
    return cells.pill(value, Status(value).label)


@register.filter
def utc(value: datetime | None) -> SafeString:
    """A time in UTC, whatever the reader's zone: days of statements are UTC."""
    return cells.when(value, clock="%H:%M:%S", zone=UTC)
