"""Cells: how a status, an amount, an address and a time look, in lists and on pages."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from payouts.domain.money import readable
from payouts.domain.span import briefly
from payouts.domain.withdrawals.fingerprint import without
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Withdrawal

SOON = timedelta(hours=1)
_DIGEST = re.compile("[0-9a-f]{64}")


def pill(kind: str, text: str) -> SafeString:
    """A status in words, coloured by its kind."""
    return format_html('<span class="pill pill-{}">{}</span>', kind, text)


def status(withdrawal: Withdrawal, *, approvals: int | None = None) -> SafeString:
    """A withdrawal's pill; with how many approvals there are, while it waits and they are counted."""
    known = Status(withdrawal.status)
    if known is Status.APPROVED and withdrawal.stopped_because:
        return pill("stopped", "Stopped")
    if known is Status.APPROVED and getattr(withdrawal, "is_paused", False):  # where the query asked for it
        return pill("paused", "Paused")
    if known is Status.AWAITING_APPROVAL and approvals is not None:
        return pill(known.value, f"{known.label} {approvals}/{withdrawal.approvals_needed}")
    return pill(known.value, known.label)


def standing(withdrawal: Withdrawal) -> int:
    """How many approvals count now, of a row whose query asked for them (`with_approvals`)."""
    return sum(approval.stands for approval in withdrawal.proposal.approvals.all())


def amount(value: Decimal, coin: str) -> SafeString:
    """The amount with its coin; the style sheet gives what comes after the point its room, so that points align."""
    whole, _, decimals = readable(value, places=2).partition(".")
    return format_html(
        '<span class="amount">{}<span class="after">.{} <span class="coin">{}</span></span></span>',
        whole,
        decimals,
        coin,
    )


def told_apart(withdrawal: Withdrawal) -> SafeString:
    """The amount as asked, plus the fingerprint, and their sum; empty where there is no fingerprint."""
    if not withdrawal.fingerprint:
        return SafeString("")
    asked = without(withdrawal.amount, withdrawal.fingerprint)
    shown = [readable(part, places=2) for part in (asked, withdrawal.fingerprint, withdrawal.amount)]
    return format_html("{} + {} to tell it apart = {} {}", *shown, withdrawal.coin)


def expiry(withdrawal: Withdrawal) -> SafeString:
    """How long the withdrawal may still be approved or sent, and until when; empty once that is over."""
    left = _left(withdrawal)
    if left is None:
        return SafeString("")
    if left <= timedelta(0):
        return SafeString('<span class="expiry soon">Its time is over</span>')
    until = when(withdrawal.expires_at)
    return format_html(
        '<span class="expiry{}">Expires in {}, {}</span>', " soon" if left < SOON else "", briefly(left), until
    )


def soon(withdrawal: Withdrawal) -> SafeString:
    """A mark on what expires within the hour; nothing on the rest."""
    left = _left(withdrawal)
    if left is None or left >= SOON:
        return SafeString("")
    return format_html('<span class="expiry soon">Expires in {}</span>', briefly(max(left, timedelta(0))))


def _left(withdrawal: Withdrawal) -> timedelta | None:
    waits = withdrawal.status in (Status.AWAITING_APPROVAL, Status.APPROVED)
    return withdrawal.expires_at - timezone.now() if waits else None


def groups(address: Address) -> SafeString:
    """The whole address in groups, which copies as one piece."""
    code = format_html('<span class="area">+{}</span> ', address.area_code) if address.area_code else ""
    return format_html('<span class="address" translate="no">{}{}</span>', code, _spans(address))


def groups_alone(address: Address) -> SafeString:
    """The address in groups as the provider's field has it: a phone without its area code."""
    return format_html('<span class="address" translate="no">{}</span>', _spans(address))


def _spans(address: Address) -> SafeString:
    return format_html_join("", '<span class="group">{}</span>', ((part,) for part in address.groups()))


def recipient(address: Address, *, url: str = "") -> SafeString:
    """The payee's label, linked to `url` if there is one, the kind, and the address in full."""
    label = format_html('<a href="{}">{}</a>', url, address.label) if url else address.label
    return format_html(
        '<span class="payee"><b>{}</b> <span class="quiet">{}</span>{}</span>',
        label,
        address.get_kind_display(),
        groups(address),
    )


def facts(known: Mapping[str, Any]) -> SafeString:
    """An event's facts as names and values: without empty ones, and with old and new, before and after, as one."""
    rest = {name: value for name, value in known.items() if value not in ("", None, [])}
    if {"old", "new"} <= rest.keys():
        rest = {"status": f"{rest.pop('old')} → {rest.pop('new')}".replace("_", " ")} | rest
    if {"before", "after"} <= known.keys():
        was, is_now = (_fact(known[name]) or "none" for name in ("before", "after"))
        rest = {"changed": f"{was} → {is_now}"} | {name: rest[name] for name in rest.keys() - {"before", "after"}}
    rows = ((name.replace("_", " "), _fact(value)) for name, value in rest.items())
    return format_html('<dl class="facts">{}</dl>', format_html_join("", "<div><dt>{}</dt> <dd>{}</dd></div> ", rows))


def _fact(value: Any) -> Any:
    """A value in words; a digest by its beginning, and in full on demand."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return format_html('<details class="more"><summary>{}…</summary>{}</details>', value[:12], value)
    return value


def when(moment: datetime | None, *, clock: str = "%H:%M", zone: tzinfo | None = None) -> SafeString:
    """A time with its zone, which is the site's unless another is given, and in full for machines."""
    if moment is None:
        return SafeString("–")
    local = timezone.localtime(moment, zone)
    return format_html(
        '<time datetime="{}"><span>{} {},</span> <span>{} {}</span></time>',
        moment.isoformat(timespec="seconds"),
        local.day,
        f"{local:%b %Y}",
        f"{local:{clock}}",
        local.tzname(),
    )


def link(name: str, pk: object, text: object) -> SafeString:
    """A link to an object's page."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}", args=[pk]), text)
