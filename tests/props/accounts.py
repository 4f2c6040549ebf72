"""Further accounts, beside the two of the environment: who is paid through them, and whose they are."""

import hashlib
from typing import Any

import pytest

from payouts.models import Account, Address, Withdrawal
from payouts.worker import accounts
from tests.props.cast import Cast, active_address
from tests.props.rows.guards import forge
from tests.props.worker import look


def twin_of(account: Account, name: str = "twin", **changes: Any) -> Account:
    """Another account at the same provider; whose it is is not said."""
    facts = ("provider", "host", "kinds", "takes_remark", "can_look_up", "resend_allowed")
    key = {"key_fingerprint": hashlib.sha256(name.encode()).hexdigest()}
    return Account.objects.create(name=name, **{fact: getattr(account, fact) for fact in facts} | key | changes)


def as_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's environment says of every account what its row says."""
    monkeypatch.setattr(accounts, "identity", lambda name: Account.objects.get(name=name).identity())


def same_payee(cast: Cast, payee: Address, account: Account) -> Address:
    """The same recipient in the other account's address book."""
    recipient = payee.recipient()
    return active_address(cast, account, kind=recipient.kind, area_code=recipient.area_code, address=recipient.address)


def said(**customers: str) -> None:
    """Who each of these accounts is at its provider; nobody where it is empty."""
    for name, customer in customers.items():
        forge(Account.objects.get(name=name), customer=customer)


def look_for(*withdrawals: Withdrawal) -> list[str]:
    """Look for one after the other; the statuses afterwards."""
    return [look(withdrawal) for withdrawal in withdrawals]
