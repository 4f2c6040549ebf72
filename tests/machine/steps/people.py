"""People as the machine plays them: anybody may try anything; what they may not do is an objection, no crash."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act
from payouts.domain.recipients.kind import Kind
from payouts.models import Address, Pause, Resolution, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.decisions import deciding
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping import pause
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import Finding, FindingLine
from payouts.workflow.withdrawals import request
from tests.props import decisions
from tests.props.cast import proposal
from tests.props.decisions import proof_of

Made = TypeVar("Made")
OBJECTIONS = (NotPermitted, InvalidValue, request.RaisedAlready)
WHY = "As the machine drew it"


def attempt(act: Callable[[], Made]) -> Made | None:
    """What came of it; None when something was said against it."""
    try:
        return act()
    except OBJECTIONS:
        return None


def propose(entry: Address, *, by: User) -> Address | None:
    """Somebody writes an entry like this one down: a fresh UID, or the same address where it is on a chain."""
    kind = Kind(entry.kind)
    again = {} if kind is Kind.UID else {"address": entry.address}
    told = proposal(entry.account, kind=kind, label="Another", coins=tuple(entry.coins), **again)
    return attempt(lambda: address_book.propose(told, by=by))


def activate(entry: UUID, *, by: User) -> Address | None:
    """With a fresh code."""
    thing = Address.objects.select_related("proposal").get(pk=entry)
    return attempt(lambda: decisions.yes(thing, by))


def revoke(entry: UUID, *, by: User) -> Address | None:
    """Nothing is sent to it any more."""
    return attempt(lambda: address_book.revoke(entry, reason=WHY, by=by))


def ask(entry: Address, id_: UUID, amount: Decimal, *, by: User, retry_of: UUID | None = None) -> Withdrawal | None:
    """The preview, then the request."""
    asked = request.Request(id_, entry.pk, "USDT", amount, purpose="Invoice", retry_of=retry_of)

    def act() -> Withdrawal:
        here = Address.objects.select_related("account").get(pk=entry.pk)
        digest = request.draft(asked, here, by=by).digest
        return request.raise_withdrawal(asked, shown_digest=digest, by=by)

    return attempt(act)


def approve(id_: UUID, *, by: User, shown: str = "") -> Withdrawal | None:
    """What the page showed, unless something else is said to have been shown."""
    thing = Withdrawal.objects.select_related("proposal").get(pk=id_)
    digest = shown or thing.proposal.digest
    proof = proof_of(by, Act.APPROVE, digest)
    return attempt(lambda: decisions.approve(thing, shown=digest, proof=proof, by=by))


def reject(id_: UUID, *, by: User) -> Withdrawal | None:
    """An approver says no."""
    return attempt(lambda: deciding.reject(Withdrawal.objects.get(pk=id_).proposal_id, reason=WHY, by=by))


def cancel(id_: UUID, *, by: User) -> Withdrawal | None:
    """The requester takes it back."""
    return attempt(lambda: request.cancel(id_, reason=WHY, by=by))


def pause_account(account_id: int, *, by: User) -> Pause | None:
    """Stop one account."""
    return attempt(lambda: pause.pause_account(account_id, reason=WHY, by=by))


def pause_everything(*, by: User) -> Pause | None:
    """The button."""
    return attempt(lambda: pause.pause_everything(reason=WHY, by=by))


def release(id_: UUID, *, by: User) -> Pause | None:
    """One yes to going on."""
    thing = Pause.objects.select_related("proposal").get(pk=id_)
    return attempt(lambda: decisions.yes(thing, by, note=WHY))


def find_out(id_: UUID, found_as: str | None, *, by: User) -> Resolution | None:
    """Say that it was paid, as what it is known; or, for None, that it was not."""
    finding = Finding(
        verdict=Verdict.NOT_PAID if found_as is None else Verdict.PAID,
        lines=(FindingLine(id_, found_as or ""),),
        where_looked="The provider's own book",
        looked_at=timezone.now(),
        note="Compared it line by line with the book",
    )
    return attempt(lambda: resolution.propose(finding, by=by))


def confirm(id_: UUID, *, by: User) -> Resolution | None:
    """The second person looked as well."""
    thing = Resolution.objects.select_related("proposal").get(pk=id_)
    return attempt(lambda: decisions.yes(thing, by))


def decline(id_: UUID, *, by: User) -> Resolution | None:
    """The second person saw something else."""
    return attempt(lambda: deciding.reject(Resolution.objects.get(pk=id_).proposal_id, reason=WHY, by=by))
