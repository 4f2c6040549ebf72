"""Submissions: claim what was approved. A row is committed before every call; `workflow.sending.answer` closes it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.sending.identity import Identity, may_use
from payouts.domain.sending.instruction import Fields, Instruction, read, written
from payouts.domain.sending.pace import ASKED_AHEAD, BEGIN_WITHIN, LONGEST_CALL, SECONDS_BETWEEN_CALLS
from payouts.domain.sending.witness import Known, Trail
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Pause, Submission, Withdrawal
from payouts.workflow.alert import raise_alert
from payouts.workflow.sending.witnessed import Step, next_step
from payouts.workflow.sending.worker_gone import go_on_without, is_gone
from payouts.workflow.withdrawals.standing import fall_back
from payouts.workflow.withdrawals.transition import move

log = logging.getLogger(__name__)

# What keeps an approved withdrawal from being sent without making it wrong: it waits, or people end it.
WAITS = frozenset({"address_not_active", "expired", "paused", "equal_in_flight"})

_STOOD_BEHIND = Func(  # guards/withdrawals/kind.sql
    F("withdrawal__proposal_id"), function="countersign_is_stood_behind", output_field=BooleanField()
)


@dataclass(frozen=True)
class Claim:
    """A committed submission row, and the fields that stand in it: all that its call has to go by."""

    submission: Submission
    instruction: Instruction
    trail: Trail  # as it was then, with all the events in it that the witness was told of
    after: Trail  # those
    due: float  # by `time.monotonic`, when its call may begin


@dataclass(frozen=True)
class Wait:
    """Nothing may be sent through the account for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class OutOfStep:
    """Rows and witness differ. Nothing was written: both have to be compared in full first."""


def claim(
    account_name: str, *, fields: Callable[[Order], Fields], here: Identity, seen: Known, by: Worker
) -> Claim | Wait | OutOfStep | Objection | None:
    """Take the oldest approved withdrawal of an account; its submission row is committed when this returns.

    None when there is nothing to send; Wait while a call is open or the account has to be left alone; an Objection
    where `here`, who the account is by this process's environment, is not who its row says; OutOfStep where the rows
    do not fit `seen`, what the witness knew a moment ago. What differs from what was approved is stopped, audited and
    logged, and the next one is tried.
    """
    tried = None
    while True:
        with transaction.atomic(durable=True):
            account = Account.objects.locked_named(account_name)
            objection = may_use(account.identity(), here)
            if objection is not None:
                return objection
            key = Withdrawal.objects.claimable().filter(account=account).values_list("pk", flat=True).first()
            if key is None or key == tried:
                return None
            tried = key
            due = due_at(account, by=by)
            if isinstance(due, Wait):
                return due
            step = next_step(account, seen, here)
            if step is None:
                return OutOfStep()
            claimed = _claim(Withdrawal.objects.locked_with_address(key), fields, step, due, by=by)
        if claimed is not None:
            return claimed


def due_at(account: Account, *, by: Worker) -> float | Wait:
    """By `time.monotonic`, when the account's next call may begin, if it may be claimed now; under the account's lock.

    One call at a time, paced from the previous answer by the database's clock. A call whose worker is gone is waited
    for no longer, from here on; but one at a time, since whatever ended that worker may end the next.
    """
    call = account.submissions.in_hand().first()
    if call is not None:
        if account.submissions.left_behind().exists() or not is_gone(call.worker):
            return Wait(1.0)
        go_on_without(call, by=by)
    turn = account.turn()
    return Wait(turn.claim_in) if turn.claim_in > 0 else time.monotonic() + turn.call_in


def _claim(
    withdrawal: Withdrawal, fields: Callable[[Order], Fields], step: Step, due: float, *, by: Worker
) -> Claim | None:
    """Under three locks (account, withdrawal, address): compare, move, write the row. None: it was not to be sent."""
    if withdrawal.status != Status.APPROVED:
        return None  # cancelled or rejected while this worker waited for the lock
    order = withdrawal.order()
    objection = policy.may_claim(withdrawal.facts())
    body = None if objection else body_of(order, fields)
    if isinstance(body, Objection):
        objection = body
    if objection in (policy.REQUESTER_GONE, policy.NOT_ENOUGH_APPROVALS):
        fall_back(withdrawal, objection, by=by)
        return None
    if objection is not None:
        stop(withdrawal, objection, by=by)
        return None
    move(withdrawal, Status.SUBMITTING, by=by)
    return open_call(withdrawal, order, str(body), step, due, by=by)


def body_of(order: Order, fields: Callable[[Order], Fields]) -> str | Objection:
    """The provider's fields as they are stored and sent, or why the provider cannot carry the order."""
    try:
        return written(fields(order))
    except InvalidValue as err:
        return Objection(err.code, err.message)


def stop(withdrawal: Withdrawal, objection: Objection, *, by: Worker) -> None:
    """Keep it from being sent for good, with an alert; what merely waits is left alone."""
    if objection.code in WAITS:
        return  # no longer claimable since this moment, and its page says why
    Withdrawal.objects.filter(pk=withdrawal.pk).update(stopped_because=objection.message)
    audit.record(Event.SUBMISSION_STOPPED, by=by, about=withdrawal, why=objection.code)
    sentence = f"{withdrawal.reference}: {objection.code}"
    raise_alert(Alert.SUBMISSION_STOPPED, about=withdrawal, sentence=sentence, by=by)


def open_call(
    withdrawal: Withdrawal, order: Order, body: str, step: Step, due: float, *, by: Worker, is_resend: bool = False
) -> Claim:
    """Write the row of a call that is about to be made; what it tells is read from the row's own body.

    Under the account's and the withdrawal's lock, with an order that was compared with what was approved.
    """
    submission = Submission.objects.create(
        withdrawal=withdrawal,
        account=withdrawal.account,
        serial=step.serial,
        number=withdrawal.submissions.count() + 1,
        is_resend=is_resend,
        reference=order.reference,
        body=body,
        digest=order.digest(),
        worker=by.name,
        key_fingerprint=step.key_fingerprint,  # of the key that signs it: the database compares it with the account's
        deadline=Now() + LONGEST_CALL,
    )
    instruction = Instruction(order.provider, order.account, order.reference, read(submission.body))
    return Claim(submission, instruction, step.trail, step.after, due)


def may_still_send(submission: Submission) -> bool:
    """Whether the call may begin now; asked a hundredth of a second before it at most, by the database's clock.

    False for a worker that was suspended after its claim: by now the sweep may have given the call up, and people may
    act on that; and for one that was taken for gone, since its account goes on. False, too, when the account was paused
    after the claim, its provider asked to be left alone, or another call of it was answered within the second; and when
    too few people stand behind it by now.
    """
    paused = Pause.objects.on(OuterRef("account"))
    fresh = Submission.objects.in_hand().filter(pk=submission.pk, claimed_at__gt=Now() - BEGIN_WITHIN)
    too_soon = Q(account__last_answer_at__gt=Now() - (SECONDS_BETWEEN_CALLS - 2 * ASKED_AHEAD))  # two clocks' hair
    fresh = fresh.filter(_STOOD_BEHIND)
    return fresh.exclude(too_soon | Q(account__quiet_until__gt=Now())).exclude(Exists(paused)).exists()


def accounts_with_work() -> list[str]:
    """Names of the accounts that have something approved to send and are not being left alone."""
    free = Q(account__quiet_until__isnull=True) | Q(account__quiet_until__lte=Now())
    rows = Withdrawal.objects.claimable().filter(free).order_by()
    return sorted(set(rows.values_list("account__name", flat=True)))
