"""What a provider would have said for the database to believe a move: an answered call and a record."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from payouts.audit import Worker
from payouts.domain.decisions.proposal import State
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.status import Status
from payouts.models import LostCall, Proposal, ProviderRecord, Submission, Withdrawal
from payouts.workflow.sending.witnessed import last_call
from payouts.workflow.stopping import pause
from tests.props.rows.guards import guards_off

GIVEN = "10195"  # the provider's id
_ANSWERED = {Status.SUBMITTED: "accepted", Status.REFUSED: "refused", Status.APPROVED: "not_executed"}


def evidence_for(withdrawal: Withdrawal, new: Status) -> dict[str, Any]:
    """Put its call and its record, past the guards, as they are before that move; the columns to write with it."""
    given = GIVEN if new is Status.SUBMITTED else ""
    said = new if new in (Status.COMPLETED, Status.FAILED) else "pending"
    state = {"state": State.OPEN, "decided_at": None} if new is Status.AWAITING_APPROVAL else {"state": State.CARRIED}
    with guards_off():
        Proposal.objects.filter(pk=withdrawal.proposal_id).update(**{"decided_at": timezone.now(), **state})
        _call(withdrawal, outcome=_ANSWERED.get(new, "unknown"), provider_id_given=given)
        _record(withdrawal, status=said, status_text=said, known=True)
        if new is Status.UNKNOWN and withdrawal.status != Status.SUBMITTING:
            _lost(withdrawal)
    return {"provider_id": given}


def _call(withdrawal: Withdrawal, **answer: Any) -> None:
    now = timezone.now()
    answer |= {"answered_at": now}
    fixed = {
        "account": withdrawal.account,
        "serial": last_call(withdrawal.account)[0] + 1,
        "reference": withdrawal.reference,
        "body": "{}",
        "digest": withdrawal.digest,
        "worker": "test",
        "claimed_at": now,
        "deadline": now + timedelta(seconds=90),
    }
    key = {"withdrawal": withdrawal, "number": 1}
    Submission.objects.update_or_create(**key, defaults=answer, create_defaults=fixed | answer)


def _lost(withdrawal: Withdrawal) -> None:
    """Its call was lost, and found again."""
    with transaction.atomic():
        stopped = pause.begin_for_all(Cause.OUT_OF_STEP, reason="The database lacks calls", code="", by=Worker("test"))
    call = withdrawal.submissions.get()
    LostCall.objects.create(
        id=call.pk,
        account=call.account,
        serial=call.serial,
        reference=call.reference,
        digest=call.digest,
        called_at=call.claimed_at,
        found_at=call.claimed_at,
        pause=stopped,
        withdrawal=withdrawal,
    )


def _record(withdrawal: Withdrawal, **state: Any) -> None:
    fixed = {
        "account": withdrawal.account,
        "record_id": GIVEN,
        "coin": withdrawal.coin,
        "amount": withdrawal.amount,
        "address": withdrawal.address.address,
        "created_at": timezone.now(),
        "raw": "{}",
    }
    ProviderRecord.objects.update_or_create(withdrawal=withdrawal, defaults=state, create_defaults=fixed | state)
