"""Accounts whose environment says something else, and what is proposed for them."""

from dataclasses import replace
from typing import Any

from payouts.audit import Worker
from payouts.domain.sending.identity import Identity, key_fingerprint
from payouts.models import Account, IdentityChange
from payouts.providers.credentials import parse_account
from payouts.providers.registry import PROVIDERS
from payouts.workflow.sending.identity import propose_change
from tests.props.rows.guards import forge

COMMAND = Worker("command line")
NEW_KEY = "c" * 64


def settled(account: Account, url: str) -> None:
    """As if it had been founded with this URL; before anything is asked for, since that names its host."""
    found = parse_account(account.name, url, providers=PROVIDERS)
    fingerprint = key_fingerprint(provider=found.provider, key=found.key, secret=found.secret)
    forge(account, host=found.base_url, customer=found.customer, key_fingerprint=fingerprint)


def becoming(account: Account, **changes: Any) -> Identity:
    """Who the account is, with these changes; another key, where none is given."""
    return replace(account.identity(), **(changes or {"key_fingerprint": NEW_KEY}))


def another(account: Account, *, said: bool | None = None, **changes: Any) -> IdentityChange:
    """Such a change, proposed."""
    return propose_change(account.name, becoming(account, **changes), said=said, seen_by="worker test:1", by=COMMAND)


def another_key(account: Account) -> IdentityChange:
    """Another key of the same customer, proposed."""
    return another(account, said=None if account.customer else True)
