"""Lost calls by raw SQL, what people found about them and what is proven to have been sent; and as objects."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from payouts.domain.recipients.kind import Kind
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, LostCall, Pause, Withdrawal
from payouts.workflow.sending.witnessed import last_call
from payouts.workflow.stopping import pause
from tests.props.cast import Cast, raised
from tests.props.rows.decisions import proposed
from tests.props.rows.guards import forge
from tests.props.rows.rows import GIVEN, moment
from tests.props.rows.sql import insert
from tests.props.worker import WORKER

LONG_AGO = timedelta(hours=2)
NOTE = "The panel lists it under this time."


def lost_row(account: Account, it: Pause, **changes: Any) -> dict[str, Any]:
    """A lost call of an order that nobody knows."""
    now = timezone.now()
    plain = {"account_id": account.pk, "serial": last_call(account)[0] + 1, "reference": "0" * 32, "digest": "d" * 64}
    answer = {"outcome": "", "code": "", "provider_id_given": "", "raw_answer": ""}
    decided = {"looks_taken": 0, "records_tried": False, "verdict": "", "found_as": ""}
    return {"id": uuid4(), **plain, "called_at": now, "found_at": now, "pause_id": it.pk, **answer, **decided} | changes


def lost_of(withdrawal: Withdrawal, it: Pause, **changes: Any) -> dict[str, Any]:
    """A lost call of the withdrawal."""
    facts = {"withdrawal_id": withdrawal.pk, "reference": withdrawal.reference, "digest": withdrawal.digest}
    return lost_row(withdrawal.account, it, **facts | changes)


def everything_stopped() -> Pause:
    """Paused, because rows and witness differ."""
    with transaction.atomic():
        return pause.begin_for_all(Cause.OUT_OF_STEP, reason="The database lacks calls", code="", by=WORKER)


def lost_call(account: Account, **changes: Any) -> LostCall:
    """A call, two hours old, whose withdrawal is gone as well."""
    row = lost_row(account, everything_stopped(), **{"called_at": timezone.now() - LONG_AGO} | changes)
    insert("lostcall", **row)
    return LostCall.objects.get(pk=row["id"])


def lost_order(account: Account, order: Order, **changes: Any) -> LostCall:
    """A call of this order, whose withdrawal is gone."""
    return lost_call(account, reference=order.reference, digest=order.digest(), **changes)


def order_of(account: Account, reference: str = "ab" * 16, **changes: Any) -> Order:
    """What the account sent to somebody by UID, or otherwise."""
    facts: dict[str, Any] = {
        "reference": reference, "account": account.name, "provider": account.provider, "host": account.host,
        "customer": account.customer, "kind": Kind.UID, "area_code": "", "address": "20013",
        "coin": "USDT", "amount": Decimal("1250.5"), "remark": "",
    }  # fmt: skip
    return Order(**facts | changes)


def over(cast: Cast, payee: Address, *, status: str = "cancelled", **columns: Any) -> LostCall:
    """A lost call of a withdrawal of the requester's that had ended when it was found."""
    asked = raised(cast, payee)
    forge(asked, status=status)
    changes = {"withdrawal_id": asked.pk, "reference": asked.reference, "digest": asked.digest}
    return lost_call(payee.account, **changes | columns)


def lost_finding_row(call: LostCall, by: User, **changes: Any) -> dict[str, Any]:
    """What somebody found of it; its proposal is put there, unless `proposal_id` names another."""
    now = timezone.now()
    row: dict[str, Any] = {
        "id": uuid4(),
        "call_id": call.pk,
        "verdict": "paid",
        "found_as": GIVEN,
        "where_looked": "The provider's site",
        "looked_at": now,
        "note": NOTE,
        "is_open": True,
        "proposed_by_id": by.pk,
        "proposed_at": now,
    } | changes
    names = ("verdict", "found_as", "where_looked", "note")
    says: dict[str, Any] = {name: row[name] for name in names} | {"looked_at": moment(row["looked_at"])}
    says |= {"account": call.account.name, "call": call.pk.hex, "reference": call.reference}
    says |= {"called_at": moment(call.called_at), "withdrawal": _hex(call.withdrawal_id)}
    return {"proposal_id": proposed("lost_call", str(row["id"]), says, by)} | row


def proof_row(call: LostCall, order: Order, **changes: Any) -> dict[str, Any]:
    """That the order was sent by the call, as a person showed it."""
    names = ("host", "customer", "area_code", "address", "coin", "amount", "remark")
    told = {name: getattr(order, name) for name in names} | {"kind": order.kind.value}
    return {"call_id": call.pk, "record_id": None, "shown_by_id": None, **told} | changes


def _hex(key: UUID | None) -> str | None:
    return key.hex if key else None
