"""Submissions: claim what was approved, then close the call with its answer. A row is committed before every call."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain import policy
from payouts.domain.answer import Accepted, Answer, NotExecuted, Refused, Unknown
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.order import Order
from payouts.domain.pace import BEGIN_WITHIN, LONGEST_CALL, quiet_for
from payouts.domain.status import Status
from payouts.models import Account, Address, Submission, Withdrawal
from payouts.models.submission import Outcome
from payouts.workflow.transition import move

log = logging.getLogger(__name__)

Fields = dict[str, str | int]


@dataclass(frozen=True)
class Claim:
    """A committed submission row and what to send for it."""

    submission: Submission
    order: Order


@dataclass(frozen=True)
class Wait:
    """Nothing may be sent through the account for so many seconds."""

    seconds: float


def claim(account_name: str, *, fields: Callable[[Order], Fields], by: Worker) -> Claim | Wait | None:
    """Take the oldest approved withdrawal of an account; its submission row is committed when this returns.

    None when there is nothing to send; Wait while a call is open or the account has to be left alone. What differs from
    what was approved is stopped, audited and logged, and the next one is tried.
    """
    while True:
        with transaction.atomic(durable=True):
            account = Account.objects.get(name=account_name)
            account = Account.objects.locked(account.pk)
            wait = _wait(account)
            if wait is not None:
                return wait
            withdrawal = Withdrawal.objects.claimable().filter(account=account).first()
            if withdrawal is None:
                return None
            claimed = _claim(Withdrawal.objects.locked(withdrawal.pk), fields, by=by)
        if claimed is not None:
            return claimed


def _wait(account: Account) -> Wait | None:
    """One call at a time, paced from the previous answer by the database's clock."""
    if not Withdrawal.objects.claimable().filter(account=account).exists():
        return None
    if account.submissions.open().exists():
        return Wait(1.0)
    seconds = account.seconds_until_next_call()
    return Wait(seconds) if seconds > 0 else None


def _claim(withdrawal: Withdrawal, fields: Callable[[Order], Fields], *, by: Worker) -> Claim | None:
    """Under the account's and the withdrawal's lock: compare, move, write the row. None when it was not to be sent."""
    if withdrawal.status != Status.APPROVED:
        return None  # cancelled or rejected while this worker waited for the lock
    withdrawal.address = Address.objects.locked(withdrawal.address_id)
    order = withdrawal.order()
    digests = withdrawal.approvals.values_list("digest", flat=True)
    objection = policy.may_claim(withdrawal.facts(), approved_digests=digests)
    body = None if objection else _body(order, fields)
    if isinstance(body, Objection):
        objection = body
    if objection is not None:
        _stop(withdrawal, objection, by=by)
        return None
    move(withdrawal, Status.SUBMITTING, by=by)
    return Claim(_open(withdrawal, order, str(body), by=by), order)


def _body(order: Order, fields: Callable[[Order], Fields]) -> str | Objection:
    try:
        return json.dumps(fields(order), sort_keys=True, separators=(",", ":"))
    except InvalidValue as err:
        return Objection(err.code, err.message)


def _stop(withdrawal: Withdrawal, objection: Objection, *, by: Worker) -> None:
    if objection.code == "address_not_active":
        return  # revoked this moment: no longer claimable, and its page says so
    Withdrawal.objects.filter(pk=withdrawal.pk).update(stopped_because=objection.message)
    audit.record(Event.SUBMISSION_STOPPED, by=by, about=withdrawal, why=objection.code)
    log.critical("submission stopped", extra={"reference": withdrawal.reference, "code": objection.code})


def _open(withdrawal: Withdrawal, order: Order, body: str, *, by: Worker) -> Submission:
    # Times by the database's clock: a worker whose own is wrong must not make calls look overdue.
    return Submission.objects.create(
        withdrawal=withdrawal,
        account=withdrawal.account,
        number=withdrawal.submissions.count() + 1,
        reference=order.reference,
        body=body,
        digest=order.digest(),
        worker=by.name,
        claimed_at=Now(),
        deadline=Now() + LONGEST_CALL,
    )


def may_still_send(submission: Submission) -> bool:
    """Whether the call may begin now; asked right before it, by the database's clock.

    False for a worker that was suspended after its claim: by now the sweep may have given the call up, and people may
    act on that.
    """
    return Submission.objects.open().filter(pk=submission.pk, claimed_at__gt=Now() - BEGIN_WITHIN).exists()


def record_answer(submission: Submission, answer: Answer, *, by: Worker) -> Status:
    """Close the call and move the withdrawal; the status it moved to.

    An answer to a call that was closed already (the sweep gave up on it) moves nothing: it is kept in the trail.
    """
    with transaction.atomic(durable=True):
        account = Account.objects.locked(submission.account_id)
        withdrawal = Withdrawal.objects.locked(submission.withdrawal_id)
        answer = _doubt(answer, withdrawal)
        if not _close(submission, answer):
            _keep_late(withdrawal, submission, answer, by=by)
            return Status(withdrawal.status)
        Account.objects.filter(pk=account.pk).update(last_answer_at=Now())
        _settle(withdrawal, account, answer, by=by)
    return Status(withdrawal.status)


def _doubt(answer: Answer, withdrawal: Withdrawal) -> Answer:
    """An id that another withdrawal of the account carries proves nothing about this one."""
    if not isinstance(answer, Accepted) or not answer.withdrawal_id:
        return answer
    taken = Withdrawal.objects.filter(account=withdrawal.account_id, withdrawal_id=answer.withdrawal_id)
    if not taken.exclude(pk=withdrawal.pk).exists():
        return answer
    message = f"The provider's id {answer.withdrawal_id} belongs to another withdrawal already."
    return Unknown("id_taken", message, answer.exchange)


def _close(submission: Submission, answer: Answer) -> bool:
    """Compare-and-set the open row to its outcome; False when it was closed before."""
    columns = {
        "outcome": _OUTCOMES[type(answer)].value,
        "answered_at": timezone.now(),
        "http_status": answer.exchange.http_status,
        "duration_ms": answer.exchange.duration_ms,
        "raw_answer": answer.exchange.raw,
    }
    if isinstance(answer, Accepted):
        columns["withdrawal_id_given"] = answer.withdrawal_id or ""
    else:
        columns |= {"code": answer.code[:32], "message": answer.message[:300]}
    return Submission.objects.open().filter(pk=submission.pk).update(**columns) == 1


_OUTCOMES: dict[type[Answer], Outcome] = {
    Accepted: Outcome.ACCEPTED,
    Refused: Outcome.REFUSED,
    NotExecuted: Outcome.NOT_EXECUTED,
    Unknown: Outcome.UNKNOWN,
}


def _settle(withdrawal: Withdrawal, account: Account, answer: Answer, *, by: Worker) -> None:
    match answer:
        case Accepted(withdrawal_id=given):
            move(withdrawal, Status.SUBMITTED, by=by, withdrawal_id=given or "")
        case Refused(code=code, message=message):
            error = {"error_code": code[:32], "error_message": message[:300]}
            move(withdrawal, Status.REFUSED, by=by, why=code, **error)
        case Unknown(code=code, message=message):
            error = {"error_code": code[:32], "error_message": message[:300]}
            move(withdrawal, Status.UNKNOWN, by=by, why=code, **error)
        case NotExecuted(code=code):
            move(withdrawal, Status.APPROVED, by=by, why=code)
    _pace(account, answer, by=by)


def _pace(account: Account, answer: Answer, *, by: Worker) -> None:
    """Leave the account alone after a call that executed nothing, longer each time; else forget that it was."""
    if isinstance(answer, NotExecuted):
        in_a_row = account.not_executed_in_a_row + 1
        quiet = quiet_for(answer.retry_after, in_a_row)
        Account.objects.filter(pk=account.pk).update(
            not_executed_in_a_row=in_a_row, quiet_until=Now() + quiet, quiet_because=answer.message[:300]
        )
        audit.record(Event.ACCOUNT_QUIET, by=by, about=account, why=answer.code, seconds=quiet.total_seconds())
    elif account.not_executed_in_a_row:
        Account.objects.filter(pk=account.pk).update(not_executed_in_a_row=0, quiet_until=None, quiet_because="")


def _keep_late(withdrawal: Withdrawal, submission: Submission, answer: Answer, *, by: Worker) -> None:
    given = answer.withdrawal_id if isinstance(answer, Accepted) else answer.code
    outcome = _OUTCOMES[type(answer)]
    audit.record(
        Event.LATE_ANSWER, by=by, about=withdrawal, number=submission.number, outcome=outcome, given=given or ""
    )
    log.error("late answer", extra={"reference": withdrawal.reference, "code": outcome.value})


def give_up_overdue(*, by: Worker) -> int:
    """Count calls past their deadline as unknown: their worker is gone, and they may have paid. How many there were."""
    overdue = Submission.objects.open().filter(deadline__lt=Now()).values_list("pk", flat=True)
    return sum(_give_up(pk, by=by) for pk in overdue)


def _give_up(submission_id: int, *, by: Worker) -> bool:
    with transaction.atomic(durable=True):
        submission = Submission.objects.get(pk=submission_id)
        Account.objects.locked(submission.account_id)
        withdrawal = Withdrawal.objects.locked(submission.withdrawal_id)
        closed = (
            Submission.objects.open()
            .filter(pk=submission_id)
            .update(
                outcome=Outcome.UNKNOWN.value,
                answered_at=timezone.now(),
                code="worker_lost",
                message="No answer was recorded before the deadline.",
            )
        )
        if closed:
            Account.objects.filter(pk=submission.account_id).update(last_answer_at=Now())
            move(withdrawal, Status.UNKNOWN, by=by, why="worker_lost", error_code="worker_lost")
    return bool(closed)


def accounts_with_work() -> list[str]:
    """Names of the accounts that have something approved to send and are not being left alone."""
    free = Q(account__quiet_until__isnull=True) | Q(account__quiet_until__lte=Now())
    rows = Withdrawal.objects.claimable().filter(free).order_by()
    return sorted(set(rows.values_list("account__name", flat=True)))
