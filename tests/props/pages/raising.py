"""The two steps of raising, as a requester takes them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from payouts.models import Address
from tests.props.pages.pages import hidden

GOOD = {
    "coin": "USDT",
    "amount": "1250.00",
    "purpose": "Invoice of October",
    "invoice_reference": "2024-17",
    "remark": "Inv. 17/3",
}


def new(address: Address) -> str:
    """Where a request to the address is filled in."""
    return reverse("admin:payouts_withdrawal_new", args=[address.pk])


def token_of(requester: Client, address: Address) -> str:
    return hidden(requester.get(new(address)))["token"]


def previewed(requester: Client, address: Address, **typed: str) -> Any:
    """The preview of a form that was filled rightly, but for what `typed` says."""
    return requester.post(new(address), GOOD | {"token": token_of(requester, address)} | typed)


def raise_it(requester: Client, address: Address, preview: Any, **swapped: str) -> Any:
    """Click on the preview's button."""
    return requester.post(new(address), hidden(preview) | {"raise": "1"} | swapped)
