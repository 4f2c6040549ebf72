"""Cells: how a status, an amount, an address and a time look, in lists and on pages."""

from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from payouts.domain.money import readable
from payouts.models import Address


def pill(kind: str, text: str) -> SafeString:
    """A status in words, coloured by its kind."""
    return format_html('<span class="pill pill-{}">{}</span>', kind, text)


def amount(value: Decimal, coin: str) -> SafeString:
    """The amount with its coin; digits after the point are padded in the style sheet, so that points align."""
    whole, _, decimals = readable(value, places=2).partition(".")
    return format_html(
        '<span class="amount"><span class="whole">{}</span><span class="decimals">.{}</span> '
        '<span class="coin">{}</span></span>',
        whole,
        decimals,
        coin,
    )


def groups(address: Address) -> SafeString:
    """The whole address in groups, which copies as one piece."""
    spans = format_html_join("", '<span class="group">{}</span>', ((part,) for part in address.groups()))
    code = format_html('<span class="area">+{}</span> ', address.area_code) if address.area_code else ""
    return format_html('<span class="address" translate="no">{}{}</span>', code, spans)


def recipient(address: Address) -> SafeString:
    """Who is paid, and where, in full."""
    return format_html(
        '<span class="payee"><b>{}</b> <span class="quiet">{}</span>{}</span>',
        address.label,
        address.get_kind_display(),
        groups(address),
    )


def when(moment: datetime | None) -> SafeString:
    """A time with its zone, and in full for machines."""
    if moment is None:
        return SafeString("–")
    local = timezone.localtime(moment)
    text = f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(timespec="seconds"), text)


def link(name: str, pk: object, text: object) -> SafeString:
    """A link to an object's page."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}", args=[pk]), text)
