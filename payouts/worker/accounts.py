"""Accounts from the environment: their credentials, their rows, and open clients to their providers.

Credentials never reach the database. A row knows the account's name, who it is at its provider, and what that can pay.
`client` is the only way to a provider, and asks each time whether this process's environment says the same as the row.
"""

import logging
import threading
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from payouts import audit
from payouts.audit import Event, Worker, this_worker
from payouts.domain.alert import Alert
from payouts.domain.errors import CountersignError
from payouts.domain.sending.identity import SHOWN, Identity, differences, in_groups, key_fingerprint, may_use
from payouts.models import Account, Asset
from payouts.providers.base import AssetSpec, Credentials, Provider
from payouts.providers.credentials import parse_account
from payouts.providers.registry import PROVIDERS, open_provider
from payouts.workflow.alert import raise_alert

log = logging.getLogger(__name__)


class ProviderChanged(CountersignError):
    """An account's name was given to another provider: its addresses and history would change meaning."""


class KeyTaken(CountersignError):
    """One key under two names: each name would hold back nothing of what the other sends."""


class NotOurs(CountersignError):
    """The account's row says another host, customer or key than this process's environment, or there is no row."""


_SETUP = Worker("setup")
_opening = threading.Lock()
_told: dict[str, Identity] = {}  # by account: the row that this process was found to differ from
_telling = threading.Lock()


def credentials() -> dict[str, Credentials]:
    """Every configured account by name. Raises providers.credentials.InvalidAccount, never naming a secret."""
    return {
        name: parse_account(name, url, providers=PROVIDERS) for name, url in settings.PROVIDER_ACCOUNT_SECRETS.items()
    }


def client(account_name: str) -> Provider:
    """The open client of an account, one per process.

    Raises KeyError when the account is not configured here, and NotOurs, which is told by then, where its row says that
    it is somebody else. Nothing is sent and nothing is asked in either case.
    """
    found = opened(account_name)
    _require_ours(account_name)
    return found


def opened(account_name: str) -> Provider:
    """The client, without asking whose account it is; for `client` alone. Raises KeyError."""
    with _opening:
        return _open(account_name)


def identity(account_name: str) -> Identity:
    """Who the account is by this process's environment. Raises KeyError when it is not configured here."""
    url = settings.PROVIDER_ACCOUNT_SECRETS[account_name]
    return _identity(parse_account(account_name, url, providers=PROVIDERS))


def _identity(found: Credentials) -> Identity:
    fingerprint = key_fingerprint(provider=found.provider, key=found.key, secret=found.secret)
    return Identity(found.provider, found.base_url, found.customer, fingerprint)


def _require_ours(account_name: str) -> None:
    row = Account.objects.filter(name=account_name).first()
    if row is None:
        log.error("account has no row yet", extra={"account": account_name})
        raise NotOurs(f"Account {account_name} has no row yet: run manage.py migrate.")
    objection = may_use(row.identity(), identity(account_name))
    if objection is not None:
        _tell(row)
        raise NotOurs(f"Account {account_name}: {objection.message}")


def _tell(row: Account) -> None:
    """Say once per process, and once more after each change of the row, that this process has another account."""
    with _telling:
        if _told.get(row.name) == row.identity():
            return
        here, by = identity(row.name), this_worker()
        differ = differences(row.identity(), here)
        log.error("account is another one here", extra={"account": row.name, "code": "identity_differs"})
        with transaction.atomic():
            facts = {"host": here.host, "customer": here.customer, "key": here.key_fingerprint[:SHOWN]}
            audit.record(Event.IDENTITY_DIFFERS, by=by, about=row, differ=list(differ), **facts)
            sentence = f"Account {row.name}, {by.name}: another {', '.join(differ)}."
            raise_alert(Alert.IDENTITY_DIFFERS, about=row, sentence=sentence, by=by)
        _told[row.name] = row.identity()


@cache
def _open(account_name: str) -> Provider:
    return open_provider(credentials()[account_name])


def standings() -> list[str]:
    """A line for each configured account: who it is here, and what its row says otherwise."""
    rows = {row.name: row.identity() for row in Account.objects.all()}
    return [_standing(name, identity(name), rows.get(name)) for name in sorted(settings.PROVIDER_ACCOUNT_SECRETS)]


def _standing(name: str, here: Identity, row: Identity | None) -> str:
    who = f"{name}: {here.host}, customer {here.customer or 'unsaid'}, key {in_groups(here.key_fingerprint)}"
    if row is None:
        return f"{who}: no row yet"
    differ = differences(row, here)
    return f"{who}: another {', '.join(differ)} than was accepted" if differ else f"{who}: as accepted"


def write_rows() -> None:
    """Write the rows of the configured accounts and of all providers' assets. Nothing is ever removed.

    Run after every migrate. An account is founded with the host, customer and key that stand in this environment; from
    then on they are changed by two people, and by nothing here. An asset that is there already stays as it is. Raises
    ProviderChanged and KeyTaken.
    """
    with transaction.atomic():
        for name, found in sorted(credentials().items()):
            _write_account(name, found)
        for provider in PROVIDERS.values():
            for spec in provider.assets:
                _write_asset(provider.name, spec)


def make_missing(names: Iterable[str]) -> frozenset[str]:
    """Make the rows of these accounts where they are gone, as `write_rows` does; the names that still have none.

    Those are not configured in this process, or have another account's key.
    """
    return frozenset(name for name in names if not _has_row(name))


def _has_row(name: str) -> bool:
    if Account.objects.filter(name=name).exists():
        return True
    found = credentials().get(name)
    if found is None:
        return False
    try:
        with transaction.atomic():
            _write_account(name, found)
    except KeyTaken:
        log.exception("account's row cannot be made", extra={"account": name})
        return False
    except IntegrityError:  # another process was faster
        return Account.objects.filter(name=name).exists()
    log.warning("account's row was gone and is made anew", extra={"account": name})
    return True


def _write_account(name: str, found: Credentials) -> None:
    provider = PROVIDERS[found.provider]
    facts = {
        "provider": provider.name,
        "kinds": sorted(kind.value for kind in provider.kinds),
        "takes_remark": provider.takes_remark,
        "can_look_up": provider.can_look_up,
        "resend_allowed": provider.resend_allowed,
    }
    row = Account.objects.filter(name=name).first() or _found_account(name, found, facts)
    before = {key: getattr(row, key) for key in facts}
    if before["provider"] != facts["provider"]:
        raise ProviderChanged(f"Account {name} belongs to {before['provider']}: give the new one another name.")
    if before != facts:
        Account.objects.filter(pk=row.pk).update(**facts)
        if facts["can_look_up"] and not before["can_look_up"]:  # it was compared with statements, or with nothing
            Account.objects.filter(pk=row.pk).update(reviewed_until=None)
        audit.record(Event.ACCOUNT_CHANGED, by=_SETUP, about=row, before=str(before), after=str(facts))


def _found_account(name: str, found: Credentials, facts: dict[str, Any]) -> Account:
    """A new row. There is nothing yet to compare it with, so nobody decides it; the trail tells of it."""
    who = _identity(found)
    holder = Account.objects.filter(key_fingerprint=who.key_fingerprint).first()
    if holder is not None:
        raise KeyTaken(f"Account {name} has the key of account {holder.name}: one key has one name.")
    told = {"host": who.host, "customer": who.customer}
    row = Account.objects.create(name=name, key_fingerprint=who.key_fingerprint, **told, **facts)
    audit.record(Event.ACCOUNT_ADDED, by=_SETUP, about=row, key=who.key_fingerprint[:SHOWN], **told, **facts)
    return row


def _write_asset(provider: str, spec: AssetSpec) -> None:
    row, created = Asset.objects.get_or_create(
        provider=provider, network=spec.network, coin=spec.coin, defaults={"decimals": spec.decimals}
    )
    if created:
        audit.record(
            Event.ASSET_ADDED, by=_SETUP, about=row, coin=spec.coin, network=spec.network, decimals=spec.decimals
        )
