"""What nobody stands behind any more is not sent: it waits for approval again, or ends where nobody may ask for it."""

from uuid import UUID

from django.db import transaction

from payouts.audit import Worker
from payouts.domain.alert import Alert
from payouts.domain.errors import Objection
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.status import Status
from payouts.models import Withdrawal
from payouts.workflow.alert import raise_alert
from payouts.workflow.decisions.proposing import lapse, reopen
from payouts.workflow.withdrawals.transition import move


def fall_back(withdrawal: Withdrawal, objection: Objection, *, by: Worker) -> None:
    """Back to waiting for approval under its first deadline, or CANCELLED where its requester may not ask any more.

    Under its lock, and with its people held. With an alert, which approvers get as well.
    """
    if objection == policy.REQUESTER_GONE:
        why = objection.message
        lapse(withdrawal.proposal, reason=why, by=by)
        move(withdrawal, Status.CANCELLED, by=by, why=objection.code, closed_because=why)
    else:
        reopen(withdrawal.proposal)
        until = withdrawal.proposal.open_until
        move(withdrawal, Status.AWAITING_APPROVAL, by=by, why=objection.code, expires_at=until)
    sentence = f"{withdrawal.reference}: {objection.code}"
    raise_alert(Alert.APPROVAL_VOID, about=withdrawal, sentence=sentence, by=by)


def fall_back_all(*, by: Worker) -> int:
    """Every one that nobody stands behind any more; how many there were. Commits each.

    What another transaction holds is left alone: it is being decided or claimed, which asks the same. The next sweep
    looks again.
    """
    keys = list(Withdrawal.objects.doubtful().values_list("pk", flat=True))
    return sum(_fall_back_one(key, by=by) for key in keys)


def _fall_back_one(key: UUID, *, by: Worker) -> bool:
    with transaction.atomic(durable=True):
        withdrawal = Withdrawal.objects.locked_if_free(key)
        if withdrawal is None:
            return False
        withdrawal.proposal.hold_people()
        objection = policy.nobody_stands_behind(withdrawal.facts())
        if objection is not None:
            fall_back(withdrawal, objection, by=by)
    return objection is not None
