"""The cells as template filters and tags."""

import json
from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from payouts.admin import cells
from payouts.audit import Event
from payouts.domain.status import AddressStatus, Status
from payouts.models import Address, Withdrawal

register = template.Library()


@register.filter
def status_pill(thing: Withdrawal | Address) -> SafeString:
    """The status of a withdrawal or an address as a pill."""
    known: Status | AddressStatus
    known = Status(thing.status) if isinstance(thing, Withdrawal) else AddressStatus(thing.status)
    return cells.pill(known.value, known.label)


@register.filter
def outcome_pill(submission: Any) -> SafeString:
    """How a call ended."""
    return cells.pill(submission.outcome, submission.get_outcome_display())


@register.filter
def amount(withdrawal: Withdrawal) -> SafeString:
    """The amount and coin."""
    return cells.amount(withdrawal.amount, withdrawal.coin)


@register.filter
def groups(address: Address) -> SafeString:
    """The whole address for reading."""
    return cells.groups(address)


@register.filter
def moment(value: datetime | None) -> SafeString:
    """A time with its zone."""
    return cells.when(value)


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
