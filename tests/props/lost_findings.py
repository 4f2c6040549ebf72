"""What became of lost calls, as tests have people say it, and the provider's records of them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.order import Order
from payouts.models import LostCall, LostFinding
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.unknown import lost_call
from tests.props.cast import Cast
from tests.props.decisions import yes
from tests.props.rows.lost import NOTE

NOT_PAID: dict[str, Any] = {"verdict": Verdict.NOT_PAID, "found_as": ""}


def said(**changes: Any) -> lost_call.Said:
    """Paid, as 10195, unless it is said otherwise."""
    facts: dict[str, Any] = {
        "verdict": Verdict.PAID, "found_as": "10195", "where_looked": "The panel", "looked_at": timezone.now(),
        "note": NOTE,
    }  # fmt: skip
    return lost_call.Said(**facts | changes)


def found(call: LostCall, cast: Cast, **changes: Any) -> LostFinding:
    """What the second requester found."""
    return lost_call.propose(call.pk, said(**changes), by=cast.second_requester)


def decided(call: LostCall, cast: Cast, **changes: Any) -> LostCall:
    """Found, and confirmed by the first approver."""
    yes(found(call, cast, **changes), cast.first_approver)
    call.refresh_from_db()
    return call


def record(order: Order, call: LostCall, record_id: str = "10195", **changes: Any) -> Record:
    """The provider's, of what was ordered, made in the call's time."""
    facts: dict[str, Any] = {
        "provider_id": record_id, "tx_id": "", "coin": order.coin, "amount": order.amount, "fee": None,
        "address": order.address, "status": RecordStatus.COMPLETED, "status_text": "ok", "known": True,
        "created_at": call.called_at + timedelta(seconds=2), "raw": "{}",
    }  # fmt: skip
    return Record(**facts | changes)
