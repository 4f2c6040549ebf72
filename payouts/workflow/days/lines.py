"""The lines of a day's statement, each made of its row. Writes nothing."""

from datetime import datetime

from payouts.domain.days.day import ElsewhereLine, LostLine, OrphanLine, PaymentLine, RecordLine
from payouts.domain.days.lost import Lost
from payouts.domain.days.partners import Payment
from payouts.domain.decisions.proposal import State
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status
from payouts.models import LostCall, Orphan, ProviderRecord, Withdrawal
from payouts.workflow.days.lost import order_of


def record_line(row: ProviderRecord) -> RecordLine:
    """The record as statements show it."""
    return RecordLine(
        record_id=row.record_id,
        tx_id=row.tx_id,
        coin=row.coin,
        amount=row.amount,
        fee=row.fee,
        address=row.address,
        status=row.status,
        status_text=row.status_text,
        created_at=row.created_at,
    )


def payment_line(withdrawal: Withdrawal, sent_at: datetime, record: ProviderRecord | None) -> PaymentLine:
    """The withdrawal, the people behind it, and its record."""
    found = [line.resolution for line in withdrawal.resolution_lines.all()]
    confirmed = [each for each in found if each.proposal.state == State.CARRIED]
    people = [person for each in confirmed for person in (each.proposed_by, each.proposal.decided_by) if person]
    address = withdrawal.address
    return PaymentLine(
        id=withdrawal.pk,
        payee=f"{address.label}, {address.owner}",
        address=f"+{address.area_code} {address.address}" if address.area_code else address.address,
        coin=withdrawal.coin,
        amount=withdrawal.amount,
        status=Status(withdrawal.status),
        sent_at=sent_at,
        provider_id=withdrawal.provider_id,
        tx_id=withdrawal.tx_id,
        fee=withdrawal.fee if withdrawal.fee is not None or record is None else record.fee,
        requested_by=withdrawal.requested_by.get_username(),
        approved_by=tuple(approval.approver.get_username() for approval in withdrawal.proposal.approvals.all()),
        resolved_by=tuple(person.get_username() for person in people),
        record=record_line(record) if record else None,
    )


def elsewhere_line(row: ProviderRecord, payment: Payment | Lost, is_sure: bool) -> ElsewhereLine:
    """The record, and whose it is."""
    number = payment.serial if isinstance(payment, Lost) else None
    return ElsewhereLine(record_line(row), payment.elsewhere, payment.id, number, is_sure)


def lost_line(call: LostCall, record: ProviderRecord | None, *, is_counted: bool) -> LostLine:
    """The call, with what was paid by it: as its record says, or else as it was ordered."""
    order = order_of(call)
    found = [each for each in call.findings.all() if each.proposal_id == call.decided_id]
    people = [person for each in found for person in (each.proposed_by, each.proposal.decided_by) if person]
    paid = record or order
    return LostLine(
        id=call.pk,
        serial=call.serial,
        reference=call.reference,
        called_at=call.called_at,
        payee=_written(order) if order else record.address if record else "",
        coin=paid.coin if paid else "",
        amount=paid.amount if paid else None,
        verdict=call.verdict,
        found_as=call.found_as,
        given=call.provider_id_given,
        found_by=tuple(person.get_username() for person in people),
        record=record_line(record) if record else None,
        is_counted=is_counted,
    )


def _written(order: Order) -> str:
    return f"+{order.area_code} {order.address}" if order.area_code else order.address


def orphan_line(orphan: Orphan) -> OrphanLine:
    """What had no partner, and who explained it."""
    return OrphanLine(
        id=orphan.pk,
        kind=orphan.get_kind_display(),
        what=orphan.what,
        payment=orphan.withdrawal_id,
        record=record_line(orphan.record) if orphan.record else None,
        closed_by=orphan.closed_by.get_username() if orphan.closed_by else "",
        closed_because=orphan.closed_because,
    )
