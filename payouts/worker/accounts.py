"""Accounts from the environment: their credentials, their rows, and open clients to their providers.

Credentials never reach the database; a row knows the account's name and what its provider can pay.
"""

import threading
from functools import cache

from django.conf import settings
from django.db import transaction

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.errors import CountersignError
from payouts.models import Account, Asset
from payouts.providers.base import AssetSpec, Credentials, Provider
from payouts.providers.credentials import parse_account
from payouts.providers.registry import PROVIDERS, open_provider


class ProviderChanged(CountersignError):
    """An account's name was given to another provider: its addresses and history would change meaning."""


_SETUP = Worker("setup")
_opening = threading.Lock()


def credentials() -> dict[str, Credentials]:
    """Every configured account by name. Raises providers.credentials.InvalidAccount, never naming a secret."""
    return {
        name: parse_account(name, url, providers=PROVIDERS) for name, url in settings.PROVIDER_ACCOUNT_SECRETS.items()
    }


def client(account_name: str) -> Provider:
    """The open client of an account, one per process. Raises KeyError when the account is not configured here."""
    with _opening:
        return _open(account_name)


@cache
def _open(account_name: str) -> Provider:
    return open_provider(credentials()[account_name])


def write_rows() -> None:
    """Write the rows of the configured accounts and of all providers' assets. Nothing is ever removed.

    Run after every migrate. An asset that is there already stays as it is. Raises ProviderChanged.
    """
    with transaction.atomic():
        for name, found in sorted(credentials().items()):
            _write_account(name, found)
        for provider in PROVIDERS.values():
            for spec in provider.assets:
                _write_asset(provider.name, spec)


def _write_account(name: str, found: Credentials) -> None:
    provider = PROVIDERS[found.provider]
    facts = {
        "provider": provider.name,
        "kinds": sorted(kind.value for kind in provider.kinds),
        "takes_remark": provider.takes_remark,
        "can_look_up": provider.can_look_up,
        "resend_allowed": provider.resend_allowed,
    }
    row, created = Account.objects.get_or_create(name=name, defaults=facts)
    if created:
        audit.record(Event.ACCOUNT_ADDED, by=_SETUP, about=row, **facts)
        return
    before = {key: getattr(row, key) for key in facts}
    if before["provider"] != facts["provider"]:
        raise ProviderChanged(f"Account {name} belongs to {before['provider']}: give the new one another name.")
    if before != facts:
        Account.objects.filter(pk=row.pk).update(**facts)
        if facts["can_look_up"] and not before["can_look_up"]:  # it was compared with statements, or with nothing
            Account.objects.filter(pk=row.pk).update(reviewed_until=None)
        audit.record(Event.ACCOUNT_CHANGED, by=_SETUP, about=row, before=str(before), after=str(facts))


def _write_asset(provider: str, spec: AssetSpec) -> None:
    row, created = Asset.objects.get_or_create(
        provider=provider, network=spec.network, coin=spec.coin, defaults={"decimals": spec.decimals}
    )
    if created:
        audit.record(
            Event.ASSET_ADDED, by=_SETUP, about=row, coin=spec.coin, network=spec.network, decimals=spec.decimals
        )
