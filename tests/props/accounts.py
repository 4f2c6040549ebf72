"""Further accounts, beside the two of the environment: who is paid through them, and whose they are."""

from typing import Any

from payouts.models import Account, Address, Withdrawal
from tests.props.cast import Cast, active_address
from tests.props.worker import look


def twin_of(account: Account, name: str = "twin", **changes: Any) -> Account:
    """Another account at the same provider; whose it is is not said."""
    facts = ("provider", "kinds", "takes_remark", "can_look_up", "resend_allowed")
    return Account.objects.create(name=name, **{fact: getattr(account, fact) for fact in facts} | changes)


def same_payee(cast: Cast, payee: Address, account: Account) -> Address:
    """The same recipient in the other account's address book."""
    recipient = payee.recipient()
    return active_address(cast, account, kind=recipient.kind, area_code=recipient.area_code, address=recipient.address)


def said(**customers: str) -> None:
    """Who each of these accounts is at its provider; nobody where it is empty."""
    for name, customer in customers.items():
        Account.objects.filter(name=name).update(customer=customer)


def look_for(*withdrawals: Withdrawal) -> list[str]:
    """Look for one after the other; the statuses afterwards."""
    return [look(withdrawal) for withdrawal in withdrawals]
