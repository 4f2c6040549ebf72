"""Requests: a requester raises a withdrawal, and may cancel it until a worker has claimed it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain import policy
from payouts.domain.errors import InvalidValue, NotPermitted, Objection
from payouts.domain.money import check_amount, plain
from payouts.domain.status import AddressStatus, Status
from payouts.domain.texts import check_invoice_reference, check_purpose, check_reason, check_remark
from payouts.models import Address, Withdrawal, person
from payouts.workflow.transition import move


@dataclass(frozen=True)
class Request:
    """What a requester asks for. `id` is fixed before the page is shown, so that a double click is one request."""

    id: UUID
    address_id: UUID
    coin: str
    amount: Decimal
    purpose: str
    remark: str = ""
    invoice_reference: str = ""


class RaisedAlready(Exception):
    """This very form was sent before; the withdrawal that it raised carries the same id."""


def check(request: Request, address: Address) -> None:
    """Raise InvalidValue, naming the field, when a value of the request is not in order."""
    asset = address.asset(request.coin)
    if asset is None:
        raise InvalidValue("coin", "coin_not_taken", f"“{address.label}” cannot receive {request.coin}.")
    check_amount(request.amount, coin=asset.coin, decimals=asset.decimals)
    check_purpose(request.purpose)
    check_invoice_reference(request.invoice_reference)
    check_remark(request.remark)
    if request.remark and not address.account.takes_remark:
        raise InvalidValue("remark", "remark_not_carried", f"{address.account} carries no remark: leave it empty.")


def draft(request: Request, address: Address, *, by: User) -> Withdrawal:
    """The withdrawal as it would be raised, checked but not saved: what the preview shows. Raises InvalidValue."""
    check(request, address)
    now = timezone.now()
    withdrawal = Withdrawal(
        id=request.id,
        account=address.account,
        address=address,
        coin=request.coin,
        amount=request.amount,
        remark=request.remark,
        purpose=request.purpose,
        invoice_reference=request.invoice_reference,
        requested_by=by,
        requested_at=now,
        status_changed_at=now,
        approvals_required=settings.APPROVALS_REQUIRED,
    )
    withdrawal.digest = withdrawal.order().digest()
    return withdrawal


def raise_withdrawal(request: Request, *, shown_digest: str, by: User) -> Withdrawal:
    """Ask for a withdrawal, exactly as the preview showed it.

    Raises NotPermitted (audited), InvalidValue, or RaisedAlready when this form was sent before.
    """
    with transaction.atomic(durable=True):
        address = Address.objects.locked(request.address_id)
        drafted = _as_shown(request, address, shown_digest=shown_digest, by=by)
        if isinstance(drafted, Objection):
            audit.record(Event.RAISE_OBJECTED, by=by, about=address, why=drafted.code)
        else:
            _insert(drafted, by=by)
    if isinstance(drafted, Objection):
        raise NotPermitted(drafted)
    return drafted


def cancel(withdrawal_id: UUID, *, reason: str, by: User) -> Withdrawal:
    """Take one's own request back, before a worker has claimed it. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with transaction.atomic(durable=True):
        withdrawal = Withdrawal.objects.locked(withdrawal_id)
        objection = policy.may_cancel(withdrawal.facts(), person(by))
        if objection is None:
            move(withdrawal, Status.CANCELLED, by=by, why=reason, closed_because=reason)
        else:
            audit.record(Event.CANCEL_OBJECTED, by=by, about=withdrawal, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return withdrawal


def _as_shown(request: Request, address: Address, *, shown_digest: str, by: User) -> Withdrawal | Objection:
    """Who may not raise at all hears that first, whatever the values are. Raises InvalidValue."""
    objection = policy.may_raise(person(by), AddressStatus(address.status))
    if objection is not None:
        return objection
    withdrawal = draft(request, address, by=by)
    if withdrawal.digest != shown_digest:
        return Objection("stale_page", "The preview showed something else. Look again.")
    return withdrawal


def _insert(withdrawal: Withdrawal, *, by: User) -> None:
    try:
        with transaction.atomic():
            withdrawal.save(force_insert=True)
    except IntegrityError as err:
        if Withdrawal.objects.filter(pk=withdrawal.pk).exists():
            raise RaisedAlready(withdrawal.reference) from err
        raise
    audit.record(
        Event.WITHDRAWAL_RAISED,
        by=by,
        about=withdrawal,
        digest=withdrawal.digest,
        account=withdrawal.account.name,
        address=str(withdrawal.address_id),
        coin=withdrawal.coin,
        amount=plain(withdrawal.amount),
    )
