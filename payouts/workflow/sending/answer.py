"""Answers: close a call with what the provider said, or give it up when its worker is gone."""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.errors import CountersignError
from payouts.domain.sending.answer import Accepted, Answer, Exchange, NotExecuted, Refused, Unknown
from payouts.domain.sending.backoff import FIRST_LOOK, poll_again_in
from payouts.domain.sending.pace import quiet_for
from payouts.domain.sending.promises import NOTHING_PROMISED, Promises
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Submission, Withdrawal
from payouts.workflow.alert import raise_alert
from payouts.workflow.sending.quiet import leave_alone
from payouts.workflow.stopping.pause import stop_account
from payouts.workflow.unknown import claimed, resolution
from payouts.workflow.withdrawals.transition import move

log = logging.getLogger(__name__)


class CallIsGone(CountersignError):
    """An answer came to a call that has no row: the database went back in time. Nothing was written."""


WORKER_LOST = Unknown("worker_lost", "No answer was recorded before the deadline.", Exchange(None, 0, ""))


def record_answer(
    submission: Submission, answer: Answer, *, promises: Promises, came_at: float | None = None, by: Worker
) -> Status:
    """Close the call and move the withdrawal; the status it has then.

    `promises` are those of the code that made the call: one of its stop codes pauses the account as well, however late
    the answer comes. An answer to a call that was closed already (the sweep gave up on it) moves nothing: it is kept in
    the trail. The second until the account's next call counts from `came_at`, a reading of `time.monotonic()` when the
    answer came; from now if None. Raises CallIsGone when the call has no row any more.
    """
    with transaction.atomic(durable=True):
        account = Account.objects.locked_of_call(submission.pk)
        if account is None:
            raise CallIsGone(f"Call {submission.pk} has no row.")
        Account.objects.mark_answered(account.pk, ago=_ago(came_at))
        withdrawal = Withdrawal.objects.locked(submission.withdrawal_id)
        answer = _doubt(answer, withdrawal)
        if not isinstance(answer, Accepted) and answer.code in promises.stop_codes:
            stop_account(account, code=answer.code, message=answer.message, by=by)
        if not _close(submission, answer):
            if not _written_already(submission, answer):
                _keep_late(withdrawal, submission, answer, by=by)
            return Status(withdrawal.status)
        settle = _settle_resend if submission.is_resend else _settle
        settle(withdrawal, answer, promises, by=by)
        _pace(account, answer, by=by)
    return Status(withdrawal.status)


def _ago(came_at: float | None) -> timedelta:
    return timedelta() if came_at is None else timedelta(seconds=time.monotonic() - came_at)


def _doubt(answer: Answer, withdrawal: Withdrawal) -> Answer:
    """The answer; Unknown instead of Accepted when its provider id is how another payment is known.

    A withdrawal's or a lost call's, of the account or of another whose customer is or may be the same. So no guard
    refuses to write an accepted answer down.
    """
    if not isinstance(answer, Accepted) or not answer.provider_id:
        return answer
    its_others = withdrawal.of_its_customer().filter(provider_id=answer.provider_id)
    if not claimed.is_taken(withdrawal, answer.provider_id) and not its_others.exists():
        return answer
    message = f"The provider's id {answer.provider_id} is how another payment is known already."
    return Unknown("id_taken", message, answer.exchange)


def _close(submission: Submission, answer: Answer) -> bool:
    """Compare-and-set the open row to its outcome; False when it was closed before."""
    columns = {
        "outcome": answer.outcome.value,
        "answered_at": Now(),  # where looking ends depends on it, and this machine's clock may be wrong
        "http_status": answer.exchange.http_status,
        "duration_ms": answer.exchange.duration_ms,
        "raw_answer": answer.exchange.raw,
    }
    if isinstance(answer, Accepted):
        columns["provider_id_given"] = answer.provider_id or ""
    else:
        columns |= {"code": answer.code[:32], "message": answer.message[:300]}
    return Submission.objects.open().filter(pk=submission.pk).update(**columns) == 1


def _written_already(submission: Submission, answer: Answer) -> bool:
    """Whether this very answer closed the call: the commit was done, and only its confirmation was lost."""
    return Submission.objects.filter(
        pk=submission.pk,
        worker=submission.worker,
        outcome=answer.outcome,
        duration_ms=answer.exchange.duration_ms,
        raw_answer=answer.exchange.raw,
    ).exists()


def _can_look_up(withdrawal: Withdrawal, promises: Promises) -> bool:
    """Whether its provider can be asked for records: by its code, and by the account's row, which may only forbid."""
    return promises.may_be_asked(row_allows=withdrawal.is_looked_for())


def _settle(withdrawal: Withdrawal, answer: Answer, promises: Promises, *, by: Worker) -> None:
    match answer:
        case Accepted(provider_id=given):
            look_at = _look_in(poll_again_in(0), withdrawal, promises)
            move(withdrawal, Status.SUBMITTED, by=by, provider_id=given or "", next_look_at=look_at)
        case Refused(code=code, message=message):
            error = {"error_code": code[:32], "error_message": message[:300]}
            move(withdrawal, Status.REFUSED, by=by, why=code, **error)
        case Unknown(code=code, message=message):
            error = {"error_code": code[:32], "error_message": message[:300]}
            look_at = _look_in(FIRST_LOOK, withdrawal, promises)
            move(withdrawal, Status.UNKNOWN, by=by, why=code, next_look_at=look_at, **error)
            if not _can_look_up(withdrawal, promises):
                sentence = f"{withdrawal.reference}: {code}. Its provider has no records to look in."
                raise_alert(Alert.UNKNOWN_NEEDS_A_PERSON, about=withdrawal, sentence=sentence, by=by)
        case NotExecuted(code=code):
            move(withdrawal, Status.APPROVED, by=by, why=code)


def _look_in(wait: timedelta, withdrawal: Withdrawal, promises: Promises) -> CombinedExpression | None:
    """Now plus `wait`, by the database's clock; None where the provider has no records to look at."""
    return Now() + wait if _can_look_up(withdrawal, promises) else None


def _settle_resend(withdrawal: Withdrawal, answer: Answer, promises: Promises, *, by: Worker) -> None:
    """Move to SUBMITTED for an Accepted with an id: by the provider's promise it was paid once. Else stay UNKNOWN.

    A no to the second call says nothing of the first.
    """
    if isinstance(answer, Accepted) and answer.provider_id:
        columns = {"provider_id": answer.provider_id, "looks_taken": 0}
        look_at = _look_in(poll_again_in(0), withdrawal, promises)
        move(withdrawal, Status.SUBMITTED, by=by, why="resend", next_look_at=look_at, **columns)
        resolution.overtaken(withdrawal, by=by)
        return
    code = "" if isinstance(answer, Accepted) else answer.code
    outcome = answer.outcome
    Withdrawal.objects.filter(pk=withdrawal.pk).update(next_look_at=_look_in(FIRST_LOOK, withdrawal, promises))
    audit.record(Event.RESEND_ANSWERED, by=by, about=withdrawal, outcome=outcome, code=code)


def _pace(account: Account, answer: Answer, *, by: Worker) -> None:
    """Leave the account alone after a call that executed nothing, longer each time; after others count anew from 0.

    A quiet_until that is set stays: a look may have set it, and a call that went well does not end it.
    """
    if isinstance(answer, NotExecuted):
        in_a_row = account.not_executed_in_a_row + 1
        quiet = quiet_for(answer.retry_after, in_a_row)
        Account.objects.filter(pk=account.pk).update(not_executed_in_a_row=in_a_row)
        leave_alone(account, quiet, code=answer.code, message=answer.message, by=by)
    elif account.not_executed_in_a_row:
        Account.objects.filter(pk=account.pk).update(not_executed_in_a_row=0)


def _keep_late(withdrawal: Withdrawal, submission: Submission, answer: Answer, *, by: Worker) -> None:
    given = answer.provider_id if isinstance(answer, Accepted) else answer.code
    outcome = answer.outcome
    audit.record(
        Event.LATE_ANSWER, by=by, about=withdrawal, number=submission.number, outcome=outcome, given=given or ""
    )
    sentence = f"{withdrawal.reference}: {outcome.label.lower()} {given or ''}".strip()
    raise_alert(Alert.LATE_ANSWER, about=withdrawal, sentence=sentence, by=by)


def give_up_overdue(*, promises: Mapping[str, Promises], by: Worker) -> int:
    """Close open calls past their deadline as UNKNOWN: they may have paid. How many there were. Commits each.

    `promises` are those of each provider's code, by its name.
    """
    overdue = Submission.objects.open().filter(deadline__lt=Now()).values_list("pk", flat=True)
    return sum(_give_up(pk, promises, by=by) for pk in overdue)


def _give_up(submission_id: UUID, promises: Mapping[str, Promises], *, by: Worker) -> bool:
    with transaction.atomic(durable=True):
        submission = Submission.objects.get(pk=submission_id)
        # Held by somebody who may be hanging: the other accounts must not wait for that. The next sweep looks again.
        free = Account.objects.select_for_update(no_key=True, skip_locked=True)
        if not free.filter(pk=submission.account_id).exists():
            return False
        withdrawal = Withdrawal.objects.locked(submission.withdrawal_id)
        closed = (
            Submission.objects.open()
            .filter(pk=submission_id)
            .update(
                outcome=WORKER_LOST.outcome.value,
                answered_at=Now(),
                code=WORKER_LOST.code,
                message=WORKER_LOST.message,
            )
        )
        if closed:
            Account.objects.mark_answered(submission.account_id)
            settle = _settle_resend if submission.is_resend else _settle
            settle(withdrawal, WORKER_LOST, promises.get(withdrawal.account.provider, NOTHING_PROMISED), by=by)
    return bool(closed)
