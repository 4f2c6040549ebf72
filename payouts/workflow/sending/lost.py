"""Lost calls: what a witness knows of and the rows do not, as rows again. Part of the caller's transaction.

The caller has locked every account. Where the withdrawal of a call is still there, it may have been paid: it becomes
UNKNOWN, and people and the provider's records say what became of it. What is final stays so, and is a finding.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.errors import Objection
from payouts.domain.sending.answer import Accepted, Answer, NotExecuted, Outcome
from payouts.domain.sending.instruction import Fields
from payouts.domain.sending.witness import Entry
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, LostCall, Pause, Submission, Withdrawal
from payouts.models.sending.submission import LOST as NO_WORKER
from payouts.workflow.decisions.proposing import lapse
from payouts.workflow.sending.promised import is_asked
from payouts.workflow.sending.submission import body_of
from payouts.workflow.sending.witnessed import with_rows
from payouts.workflow.withdrawals.transition import move

LOST = "call_lost"
WHY = "The database went back in time, and its row was lost: the witness knows that it was made."
_UNSENT = (Status.AWAITING_APPROVAL, Status.APPROVED, Status.SUBMITTING)


def write(entries: Sequence[Entry], *, pause: Pause, fields: Callable[[Order], Fields], by: Worker) -> None:
    """A row of each that has none, in the order of their numbers, with its event.

    `fields` says what the provider was told of an order; by the digest it was the same order.
    """
    there = with_rows([entry.call for entry in entries])
    for entry in entries:
        account = Account.objects.filter(name=entry.account).first()
        if account is not None and entry.call not in there:
            withdrawal = _write(entry, account, pause, by=by)
            if withdrawal is not None and entry.left and not Status(withdrawal.status).is_final:
                _doubt(entry, withdrawal, fields, by=by)


def is_known(call: UUID) -> bool:
    """Whether the call was written as lost."""
    return LostCall.objects.filter(pk=call).exists()


def keep_answer(call: Entry, answer: Answer, *, by: Worker) -> None:
    """Keep what was answered to a call that has no row any more: evidence, which moves nothing. Commits."""
    given = answer.provider_id or "" if isinstance(answer, Accepted) else ""
    code = "" if isinstance(answer, Accepted) else answer.code[:32]
    with transaction.atomic(durable=True):
        unanswered = LostCall.objects.filter(pk=call.call, outcome="")
        if isinstance(answer, NotExecuted):  # what two people have decided stays so
            unanswered = unanswered.filter(decided=None)
        unanswered.update(
            outcome=answer.outcome,
            code=code,
            provider_id_given=given[:64],
            http_status=answer.exchange.http_status,
            raw_answer=answer.exchange.raw,
        )
        about = LostCall.objects.filter(pk=call.call).first()
        facts = {"call": str(call.call), "reference": call.reference, "outcome": answer.outcome, "given": given or code}
        subject = (about.withdrawal or about.account) if about else None
        audit.record(Event.ANSWER_WITHOUT_CALL, by=by, about=subject, account=call.account, **facts)


def _write(entry: Entry, account: Account, pause: Pause, *, by: Worker) -> Withdrawal | None:
    """The call itself. Its withdrawal, locked; None where that is gone, or is not what was sent."""
    found = Withdrawal.objects.filter(pk=UUID(entry.reference), account=account, digest=entry.digest)
    withdrawal = Withdrawal.objects.locked(found.get().pk) if found.exists() else None
    LostCall.objects.create(
        id=entry.call,
        account=account,
        serial=entry.serial,
        reference=entry.reference,
        digest=entry.digest,
        called_at=entry.at,
        found_at=Now(),
        pause=pause,
        withdrawal=withdrawal,
        outcome="" if entry.left else Outcome.NOT_EXECUTED,
        next_look_at=Now() if entry.left and is_asked(account) else None,
    )
    about = withdrawal or account
    audit.record(Event.CALL_LOST, by=by, about=about, call=str(entry.call), number=entry.serial, left=entry.left)
    return withdrawal


def _doubt(entry: Entry, withdrawal: Withdrawal, fields: Callable[[Order], Fields], *, by: Worker) -> None:
    """It may have been paid by this call."""
    calls = withdrawal.submissions.order_by("number")
    # A call follows another only after that one was provably not executed, or as the one resend of an unknown one.
    calls.filter(outcome="open").update(outcome=Outcome.NOT_EXECUTED, answered_at=Now(), code=LOST, message=WHY)
    before = calls.exclude(outcome=Outcome.NOT_EXECUTED)
    if not before.filter(is_resend=True).exists():
        body = body_of(withdrawal.order(), fields)
        _open_call(entry, withdrawal, "" if isinstance(body, Objection) else body, is_resend=before.exists())
    if withdrawal.status in _UNSENT:
        lapse(withdrawal.proposal, reason=WHY, by=by)
        error = {"error_code": LOST, "error_message": WHY}
        look_at = Now() if withdrawal.is_looked_for() else None
        move(withdrawal, Status.UNKNOWN, by=by, why=LOST, next_look_at=look_at, **error)


def _open_call(entry: Entry, withdrawal: Withdrawal, body: str, *, is_resend: bool) -> None:
    Submission.objects.create(
        id=entry.call,
        withdrawal=withdrawal,
        account=withdrawal.account,
        serial=entry.serial,
        number=withdrawal.submissions.count() + 1,
        is_resend=is_resend,
        reference=entry.reference,
        body=body,
        digest=entry.digest,
        worker=NO_WORKER,
        key_fingerprint="",  # which key signed it is lost as well
        claimed_at=entry.at,
        deadline=entry.at,
        outcome=Outcome.UNKNOWN,
        answered_at=Now(),
        code=LOST,
        message=WHY,
    )
