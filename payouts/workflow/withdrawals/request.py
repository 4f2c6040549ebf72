"""Requests: a requester raises a withdrawal, and may cancel it until a worker has claimed it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue, MovedMeanwhile, Objection
from payouts.domain.money import check_amount, plain, readable
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.texts import check_invoice_reference, check_purpose, check_reason, check_remark
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.fingerprint import with_fingerprint, without
from payouts.domain.withdrawals.policy import Lost
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Asset, LostCall, Withdrawal, person
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions.proposing import close, propose
from payouts.workflow.unknown.claimed import others_of
from payouts.workflow.withdrawals.approval import WITHDRAWAL
from payouts.workflow.withdrawals.transition import move

FINGERPRINT_RESTS = timedelta(days=1)  # before another equal amount may carry the one of a payment that is over


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
    retry_of: UUID | None = None  # the withdrawal that was not paid, where this one asks for it again


class RaisedAlready(Exception):
    """This very form was sent before; the withdrawal that it raised carries the same id."""


def check(request: Request, address: Address) -> Asset:
    """The asset that is paid, when everything is in order. Raises InvalidValue, naming the field, when it is not."""
    asset = address.asset(request.coin)
    if asset is None:
        raise InvalidValue("coin", "coin_not_taken", f"“{address.label}” cannot receive {request.coin}.")
    check_amount(request.amount, coin=asset.coin, decimals=asset.decimals)
    check_purpose(request.purpose)
    check_invoice_reference(request.invoice_reference)
    check_remark(request.remark)
    if request.remark and not address.account.takes_remark:
        raise InvalidValue("remark", "remark_not_carried", f"{address.account} carries no remark: leave it empty.")
    return asset


def draft(request: Request, address: Address, *, by: User) -> Withdrawal:
    """The withdrawal as it would be raised, checked but not saved: what the preview shows. Raises InvalidValue."""
    asset = check(request, address)
    amount = _told_apart(request, address, asset) if address.fingerprint else request.amount
    now = timezone.now()
    withdrawal = Withdrawal(
        id=request.id,
        account=address.account,
        address=address,
        coin=request.coin,
        amount=amount,
        fingerprint=without(amount, request.amount),
        remark=request.remark,
        retry_of_id=request.retry_of,
        purpose=request.purpose,
        invoice_reference=request.invoice_reference,
        requested_by=by,
        requested_at=now,
        recipient_key=address.recipient_key,
        expires_at=now + settings.APPROVE_WITHIN,
        status_changed_at=now,
    )
    withdrawal.digest = withdrawal.order().digest()
    return withdrawal


def raise_withdrawal(request: Request, *, shown_digest: str, by: User) -> Withdrawal:
    """Ask for a withdrawal, exactly as the preview showed it.

    Raises NotPermitted (audited), InvalidValue, or RaisedAlready when this form was sent before.
    """
    with attempt(Event.RAISE_OBJECTED, by=by) as trying:
        address = _locked(request.address_id)
        trying.on(address)
        # Who may not raise at all hears that first, whatever the values are.
        trying.unless(policy.may_raise(person(by), AddressStatus(address.status)) or _retry_objection(request))
        withdrawal = draft(request, address, by=by)
        trying.unless(None if withdrawal.digest == shown_digest else _stale(withdrawal))
        trying.unless(_insert(request, withdrawal, by=by))
    return withdrawal


def asked_again_as(earlier: Withdrawal) -> Withdrawal | None:
    """The request that repeats it, if there is one: whoever wants to try once more repeats that one."""
    return earlier.retries.first()


def lost_call_of(earlier: Withdrawal) -> Lost:
    """What is known of its calls that the database had lost, and that were found after it had ended."""
    calls = LostCall.objects.unaccounted().filter(withdrawal=earlier)
    verdicts = set(calls.values_list("verdict", flat=True))
    if Verdict.PAID in verdicts:
        return Lost.PAID
    return Lost.UNDECIDED if verdicts - {Verdict.NOT_PAID} else Lost.NOTHING


def cancel(withdrawal_id: UUID, *, reason: str, by: User) -> Withdrawal:
    """Take one's own request back, before a worker has claimed it. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with attempt(Event.CANCEL_OBJECTED, by=by) as trying:
        withdrawal = Withdrawal.objects.locked(withdrawal_id)
        trying.on(withdrawal)
        trying.unless(policy.may_cancel(withdrawal.facts(), person(by)))
        if withdrawal.proposal.state == State.OPEN:
            close(withdrawal.proposal, State.WITHDRAWN, reason=reason, by=by)
        move(withdrawal, Status.CANCELLED, by=by, why=reason, closed_because=reason)
    return withdrawal


def _locked(address_id: UUID) -> Address:
    """The address, after its account: who that is does not change meanwhile.

    What is asked for before another customer is accepted ends with the rest, and what is asked for afterwards is of the
    new one. The account comes first, as in a claim.
    """
    Account.objects.locked(Address.objects.values_list("account_id", flat=True).get(pk=address_id))
    return Address.objects.locked(address_id)


def _retry_objection(request: Request) -> Objection | None:
    """As policy says; a form that is sent twice is not in its own way."""
    if request.retry_of is None:
        return None
    earlier = Withdrawal.objects.get(pk=request.retry_of)
    again = asked_again_as(earlier)
    asked_again = again is not None and again.pk != request.id
    return policy.may_ask_again(Status(earlier.status), asked_again=asked_again, lost=lost_call_of(earlier))


def _stale(withdrawal: Withdrawal) -> Objection:
    if not withdrawal.fingerprint:
        return Objection("stale_page", "The preview showed something else. Look again.")
    now = f"{readable(withdrawal.amount, places=2)} {withdrawal.coin}"
    return Objection(
        "stale_page", f"Another request may have taken the last decimals meanwhile: the amount is {now}. Look again."
    )


def _told_apart(request: Request, address: Address, asset: Asset) -> Decimal:
    """The amount with a fingerprint, drawn from the request's id so that preview and request agree on it."""
    recent = Q(requested_at__gte=timezone.now() - FINGERPRINT_RESTS)
    under_way = Q(status__in=[status for status in Status if not status.is_final])
    accounts = [address.account_id, *others_of(address.account_id)]  # whose records cannot tell equal ones apart
    entries = Address.objects.filter(account__in=accounts, recipient_key=address.recipient_key)
    others = Withdrawal.objects.filter(under_way | recent, address__in=entries, coin=asset.coin)
    taken = set(others.exclude(pk=request.id).values_list("amount", flat=True))
    return with_fingerprint(request.amount, asset.decimals, request.id.int, taken)


def _insert(request: Request, withdrawal: Withdrawal, *, by: User) -> Objection | None:
    """Write it with its proposal. Raises RaisedAlready; the objection where another request repeats the same one."""
    try:
        with transaction.atomic():
            withdrawal.proposal = propose(WITHDRAWAL, withdrawal, by=by)
            withdrawal.save(force_insert=True)
    except (IntegrityError, MovedMeanwhile) as err:  # MovedMeanwhile: its proposal is there already
        if Withdrawal.objects.filter(pk=withdrawal.pk).exists():
            raise RaisedAlready(withdrawal.reference) from err
        repeated = _retry_objection(request)  # by another request, between the look and the write
        if repeated is None:
            raise
        return repeated
    audit.record(
        Event.WITHDRAWAL_RAISED,
        by=by,
        about=withdrawal,
        digest=withdrawal.proposal.digest,
        account=withdrawal.account.name,
        address=str(withdrawal.address_id),
        coin=withdrawal.coin,
        amount=plain(withdrawal.amount),
        fingerprint=plain(withdrawal.fingerprint) if withdrawal.fingerprint else "",
        retry_of=str(withdrawal.retry_of_id or ""),
    )
    return None
