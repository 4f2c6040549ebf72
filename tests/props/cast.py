"""The cast and their props: the people, addresses and withdrawals that the tests speak of."""

import itertools
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from payouts.domain.people.roles import Role
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, Authenticator, Withdrawal
from payouts.workflow.recipients import address_book
from payouts.workflow.withdrawals import request
from tests.props.decisions import yes

TRON_ADDRESS = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"
ETH_ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
PASSWORD = "correct horse battery staple"
FAST_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"

_uids = itertools.count(12_345_671)


@dataclass(frozen=True)
class Cast:
    """Everybody, by the part they play."""

    requester: User
    second_requester: User
    first_approver: User
    second_approver: User
    third_approver: User
    keeper: User
    second_keeper: User
    auditor: User
    administrator: User
    second_administrator: User
    outsider: User  # signed in, but without any role
    superuser: User  # Django's flag, and no role


_ROLES: dict[str, tuple[Role, ...]] = {
    "requester": (Role.REQUESTER,),
    "second_requester": (Role.REQUESTER,),
    "first_approver": (Role.APPROVER,),
    "second_approver": (Role.APPROVER,),
    "third_approver": (Role.APPROVER,),
    "keeper": (Role.KEEPER,),
    "second_keeper": (Role.KEEPER,),
    "auditor": (Role.AUDITOR,),
    "administrator": (Role.ADMINISTRATOR,),
    "second_administrator": (Role.ADMINISTRATOR,),
    "outsider": (),
    "superuser": (),
}


def hire() -> Cast:
    """Make everybody, each with a password and an authenticator."""
    people = User.objects.bulk_create([_person(name) for name in _ROLES])
    groups = {group.name: group for group in Group.objects.all()}
    memberships = [
        User.groups.through(user=user, group=groups[role]) for user in people for role in _ROLES[user.username]
    ]
    User.groups.through.objects.bulk_create(memberships)
    TOTPDevice.objects.bulk_create([TOTPDevice(user=user, name="app", confirmed=True) for user in people])
    return Cast(**{user.username: user for user in people})


def person_with(name: str, *roles: Role, enrolled: bool = True) -> User:
    """One person with these roles, PASSWORD, and an authenticator unless told otherwise."""
    user = _person(name)
    user.save()
    user.groups.set(Group.objects.filter(name__in=roles))
    if enrolled:
        Authenticator.objects.create(user=user, name="app", confirmed=True)
    return user


def _person(name: str) -> User:
    user = User(username=name, email=f"{name}@example.com", first_name=name.replace("_", " ").title())
    user.is_superuser = name == "superuser"
    user.set_password(PASSWORD)
    return user


def code_of(user: User, *, steps: int = 0) -> str:
    """The code that the person's app shows now; never refused as used before, unless it is used twice."""
    device = Authenticator.objects.get(user=user)
    Authenticator.objects.filter(pk=device.pk).update(last_t=-1)
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time() + steps * device.step
    return f"{totp.token():06d}"


def proposal(account: Account, **changes: Any) -> address_book.Draft:
    """A sound proposal for the account: a fresh UID for Zoomex, the documented TRON address for Swapspace."""
    facts: dict[str, Any] = {
        "account": account,
        "kind": Kind.UID if account.provider == "zoomex" else Kind.TRX_CHAIN,
        "area_code": "",
        "address": str(next(_uids)) if account.provider == "zoomex" else TRON_ADDRESS,
        "coins": ("USDT",),
        "label": "Acme settlement",
        "owner": "Acme Ltd",
    }
    return address_book.Draft(**(facts | changes))


def active_address(cast: Cast, account: Account, **changes: Any) -> Address:
    """An entry proposed by the requester and activated by the keeper."""
    entry = address_book.propose(proposal(account, **changes), by=cast.requester)
    found: Address = yes(entry, cast.keeper)
    return found


def request_for(address: Address, **changes: Any) -> request.Request:
    """A sound request to the address."""
    facts: dict[str, Any] = {
        "id": uuid4(),
        "address_id": address.pk,
        "coin": "USDT",
        "amount": Decimal("1250.00"),
        "purpose": "Invoice of October",
    }
    return request.Request(**(facts | changes))


def raised(cast: Cast, address: Address, *, by: User | None = None, **changes: Any) -> Withdrawal:
    """A withdrawal that awaits approval; the requester's, unless somebody else is named."""
    requester = by or cast.requester
    asked = request_for(address, **changes)
    shown = Address.objects.select_related("account").get(pk=address.pk)  # as the page reads it, whatever has changed
    digest = request.draft(asked, shown, by=requester).digest
    return request.raise_withdrawal(asked, shown_digest=digest, by=requester)


def approve(withdrawal: Withdrawal, by: User) -> Withdrawal:
    """One approval with its own proof."""
    done: Withdrawal = yes(withdrawal, by)
    return done


def approved(cast: Cast, address: Address, **changes: Any) -> Withdrawal:
    """A withdrawal that two people approved."""
    withdrawal = raised(cast, address, **changes)
    approve(withdrawal, cast.first_approver)
    return approve(withdrawal, cast.second_approver)
