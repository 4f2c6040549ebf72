"""The one permitted repetition of an unknown call, where the provider promises that one reference pays once.

Only after two looks found nothing, with the same reference and identical fields. The withdrawal stays UNKNOWN
meanwhile: whatever comes back, the first call may still have paid.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, FilteredRelation, Max, Min, OuterRef, Q, QuerySet

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.errors import Objection
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.identity import Identity, may_use
from payouts.domain.sending.instruction import Fields
from payouts.domain.sending.promises import Promises
from payouts.domain.sending.witness import Known
from payouts.domain.unknown.looking import Looks, may_resend
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, ResolutionLine, Submission, Withdrawal
from payouts.models.unknown.record import LookResult
from payouts.workflow.sending.submission import Claim, OutOfStep, Wait, body_of, due_at, open_call, stop
from payouts.workflow.sending.witnessed import Step, next_step

_FIRST_CALL = Submission.objects.filter(outcome=Outcome.UNKNOWN, is_resend=False)
# Found nothing of the time of the first call (`_with_looks`), after it: the database asks for the same of a resend.
_ABSENT = Q(
    looks__result=LookResult.ABSENT,
    looks__since__lte=F("first_call__claimed_at"),
    looks__until__gte=F("first_call__claimed_at"),
    looks__looked_at__gte=F("first_call__claimed_at"),
)
_RESENT = Submission.objects.filter(is_resend=True).exclude(outcome=Outcome.NOT_EXECUTED)


def claim_again(
    account_name: str, *, fields: Callable[[Order], Fields], here: Identity, promises: Promises, seen: Known, by: Worker
) -> Claim | Wait | OutOfStep | Objection | None:
    """Take an unknown withdrawal of the account whose one resend is due; its row is committed when this returns.

    `promises` are those of the code that will make the call: where it does not promise that one reference pays once,
    nothing is due, whatever the account's row says. None when there is none; Wait, Objection and OutOfStep as for
    `claim`. What the provider would be told now has to be what it was told then, byte for byte, and approved still.
    """
    if not promises.resend_allowed:
        return None
    with transaction.atomic(durable=True):
        account = Account.objects.locked_named(account_name)
        objection = may_use(account.identity(), here)
        if objection is not None:
            return objection
        key = due().filter(account=account).values_list("pk", flat=True).first()
        if key is None:
            return None
        due_then = due_at(account, by=by)
        if isinstance(due_then, Wait):
            return due_then
        step = next_step(account, seen, here)
        if step is None:
            return OutOfStep()
        return _claim(Withdrawal.objects.locked_with_address(key), fields, promises, step, due_then, by=by)


def due() -> QuerySet[Withdrawal]:
    """Unknown withdrawals that may be sent once more now, as far as the rows say; the oldest first."""
    looked = Withdrawal.objects.unknown().filter(account__resend_allowed=True, stopped_because="").may_leave()
    looked = looked.exclude(Exists(_RESENT.filter(withdrawal=OuterRef("pk"))))
    looked = looked.exclude(Exists(ResolutionLine.objects.filter(withdrawal=OuterRef("pk"), is_open=True)))
    apart = Q(first_absent__lte=F("last_absent") - settings.LOOK_AGAIN_AFTER, last_look=F("last_absent"))
    return _with_looks(looked).filter(apart).order_by("status_changed_at", "id")


def _with_looks(withdrawals: QuerySet[Withdrawal]) -> QuerySet[Withdrawal]:
    """Each with the times of the first and last look that found nothing, and of the last one of all.

    Its first call is joined, one row at most: as a subquery it would stand in the statement seventeen times, and every
    sweep and every turn of a worker asks.
    """
    first_call = Q(submissions__outcome=Outcome.UNKNOWN, submissions__is_resend=False)  # as _FIRST_CALL
    return withdrawals.annotate(first_call=FilteredRelation("submissions", condition=first_call)).annotate(
        first_absent=Min("looks__looked_at", filter=_ABSENT),
        last_absent=Max("looks__looked_at", filter=_ABSENT),
        last_look=Max("looks__looked_at"),
    )


def accounts_with_resends(*, promises: Mapping[str, Promises]) -> list[str]:
    """Names of the accounts that have something to send once more; `promises` by the provider's name."""
    promising = [name for name, promised in promises.items() if promised.resend_allowed]
    return sorted(set(due().filter(account__provider__in=promising).order_by().values_list("account__name", flat=True)))


def looks_of(withdrawal: Withdrawal, promises: Promises) -> Looks:
    """What looking for it has come to, by rows and code; under the withdrawal's lock where it decides anything."""
    looked: Any = _with_looks(Withdrawal.objects.filter(pk=withdrawal.pk)).get()
    latest = withdrawal.looks.order_by("-id").first()
    return Looks(
        promised=promises.resend_allowed and withdrawal.account.resend_allowed and _may_leave_yet(withdrawal),
        resent=_RESENT.filter(withdrawal=withdrawal).exists(),
        first_absent_at=looked.first_absent,
        last_absent_at=looked.last_absent,
        last_was_absent=latest is not None and latest.result == LookResult.ABSENT,
        attested=withdrawal.resolution_lines.filter(is_open=True).exists(),
    )


def _may_leave_yet(withdrawal: Withdrawal) -> bool:
    """Whether waiting can still lead to a resend; a pause may end, the others do not."""
    is_payable = withdrawal.address.status == AddressStatus.ACTIVE and not withdrawal.stopped_because
    return is_payable and not withdrawal.is_expired() and withdrawal.is_of_this_customer()


def _claim(
    withdrawal: Withdrawal, fields: Callable[[Order], Fields], promises: Promises, step: Step, due: float, *, by: Worker
) -> Claim | None:
    """Under both locks: everything that is asked before a first call, and the same body as then: that one is sent."""
    looks = looks_of(withdrawal, promises)
    if withdrawal.status != Status.UNKNOWN or not may_resend(looks, apart=settings.LOOK_AGAIN_AFTER):
        return None  # found, attested or resent while this worker waited for the lock
    order = withdrawal.order()
    objection = policy.may_send_again(withdrawal.facts())
    first, body = _first_body(withdrawal), objection or body_of(order, fields)
    if not isinstance(body, Objection) and body != first:
        body = Objection("body_differs", "What would be sent is not what was sent before.")
    if isinstance(body, Objection):
        stop(withdrawal, body, by=by)
        return None
    claimed = open_call(withdrawal, order, first, step, due, by=by, is_resend=True)
    audit.record(Event.RESENT, by=by, about=withdrawal, number=claimed.submission.number)
    return claimed


def _first_body(withdrawal: Withdrawal) -> str:
    return _FIRST_CALL.filter(withdrawal=withdrawal).values_list("body", flat=True).get()
