"""What a lost call sent: the provider's records and what people write are tried against the digest of its order.

Every record that is kept is tried once (`records.note`), and those that were kept before, when a call is found lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.backoff import look_again_in
from payouts.domain.sending.customers import are_one
from payouts.domain.unknown import lost_call as rules
from payouts.domain.unknown.lost_order import MOST_REMARKS, At, Candidate, LostOrder, Payee, candidates, sent
from payouts.domain.unknown.matching import TOLERANCE, spelling
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, LostCall, LostProof, ProviderRecord, Withdrawal, person
from payouts.workflow.attempt import attempt
from payouts.workflow.unknown import claimed

MOST_LOOKED_FOR_AT_ONCE = 200


@dataclass(frozen=True)
class DueCall:
    """A lost call whose provider is to be asked now, and the stretch of time in which it may have made its record."""

    id: UUID
    since: datetime
    until: datetime


def due(account: Account) -> list[DueCall]:
    """The account's lost calls to be looked up now, the most overdue first."""
    calls = LostCall.objects.to_look_up().filter(account=account)[:MOST_LOOKED_FOR_AT_ONCE]
    return [DueCall(call.pk, *call.stretch()) for call in calls]


def looked(calls: Iterable[DueCall]) -> None:
    """They were looked up: when next, further and further apart; no more once a record of what was sent is there."""
    for call in LostCall.objects.filter(pk__in=[one.id for one in calls]):
        again = Now() + look_again_in(call.looks_taken, at_least=settings.LOOK_AGAIN_AFTER)
        is_found = call.proofs.filter(record__status__in=[s for s in RecordStatus if s.is_final]).exists()
        LostCall.objects.filter(pk=call.pk).update(
            next_look_at=None if is_found else again, looks_taken=call.looks_taken + 1
        )


def try_records(account: Account, rows: Sequence[ProviderRecord], *, by: audit.Actor) -> None:
    """Try records of the account that were just kept against its lost calls. Part of the caller's transaction."""
    for call in LostCall.objects.to_find_out().of_this_customer().filter(account=account):
        _try(call, [row for row in rows if _is_in_time(call, row)], by=by)


def try_stored(call: LostCall, *, by: audit.Actor) -> None:
    """Try the records that are kept already. Part of the caller's transaction."""
    if not call.is_of_this_customer():
        return
    since, until = call.stretch()
    kept = ProviderRecord.objects.filter(account=call.account, created_at__gte=since - TOLERANCE)
    _try(call, kept.filter(created_at__lte=until + TOLERANCE), by=by)


def try_by_hand(call_id: UUID, candidate: Candidate | None, *, by: User) -> Order:
    """Try what a person wrote, None where that was in no order; kept as a proof where it is what was sent. The order.

    Raises InvalidValue where it is not, and NotPermitted (audited).
    """
    with attempt(Event.LOST_CALL_OBJECTED, by=by, act="try_lost_call") as trying:
        call = LostCall.objects.locked(call_id)
        trying.on(call)
        trying.unless(rules.may_try(call.facts(), person(by)))
        order = sent(_lost_order(call), [candidate] if candidate else [])
        if order is None:
            raise InvalidValue(
                "candidate",
                "not_what_was_sent",
                "This is not what was sent under this reference. If only one detail differs, a remark, a capital or "
                "a decimal, it is told apart as well: correct it and try again.",
            )
        if not call.proofs.filter(record=None).exists():
            _keep(call, order, None, by=by)
    return order


def proven_records(call: LostCall) -> list[ProviderRecord]:
    """Records of what was sent, made in its time, and the one that the provider answered; of no other payment."""
    proven = list(call.proofs.exclude(record=None).values_list("record", flat=True))
    given = Q(account=call.account_id, record_id=call.answered_as()) if call.answered_as() else Q()
    rows = ProviderRecord.objects.filter(Q(pk__in=proven) | given).filter(
        Q(withdrawal=None) | Q(withdrawal=call.withdrawal_id or None)
    )
    ids = {row.record_id for row in rows}
    others = LostCall.objects.paid_as(ids).filter(account=call.account_id).exclude(pk=call.pk)
    taken = claimed.elsewhere(call.account_id, ids, are_one, own=call.at_provider())
    taken = taken.union(*(other.names() for other in others))
    return [row for row in rows if row.record_id not in taken]


def _is_in_time(call: LostCall, row: ProviderRecord) -> bool:
    since, until = call.stretch()
    return since - TOLERANCE <= row.created_at <= until + TOLERANCE


def _try(call: LostCall, rows: Iterable[ProviderRecord], *, by: audit.Actor) -> None:
    tried = set(call.proofs.values_list("record_id", flat=True))
    new = [row for row in rows if row.pk not in tried]
    if not new:
        return
    lost, kinds, remarks = _lost_order(call), [Kind(kind) for kind in call.account.kinds], _remarks(call.account)
    for row in new:
        tries = candidates(
            row.address, row.coin, row.amount, kinds=kinds, known=_known(call.account, row.address), remarks=remarks
        )
        order = sent(lost, tries)
        if order is not None:
            _keep(call, order, row, by=by)


def _keep(call: LostCall, order: Order, record: ProviderRecord | None, *, by: audit.Actor) -> None:
    LostProof.objects.create(
        call=call,
        record=record,
        host=order.host,
        customer=order.customer,
        kind=order.kind,
        area_code=order.area_code,
        address=order.address,
        coin=order.coin,
        amount=order.amount,
        remark=order.remark,
        shown_by=by if isinstance(by, User) else None,
    )
    told = record.record_id if record else ""
    audit.record(Event.LOST_CALL_PROVED, by=by, about=call, record=told, reference=call.reference)


def _lost_order(call: LostCall) -> LostOrder:
    """With everything that the account is and was: an accepted change says what it was before."""
    account = call.account
    was = account.identity_changes.exclude(accepted_at=None).order_by("-accepted_at")
    before = [At(change.host_before, change.customer_before) for change in was]
    after = [At(change.host, change.customer) for change in was]
    now = At(account.host, account.customer)
    everything = tuple(dict.fromkeys([now, *before, *after]))
    return LostOrder(call.reference, call.digest, account.name, account.provider, everything)


def _known(account: Account, written: str) -> list[Payee]:
    """Payees of the account's book that the record may mean, as an order spells them."""
    key = spelling(written)
    entries = Address.objects.filter(account=account).values_list("kind", "area_code", "address").distinct()
    return [
        Payee(Kind(kind), area_code, address)
        for kind, area_code, address in entries
        if key in (spelling(address), spelling(area_code + address))
    ]


def _remarks(account: Account) -> list[str]:
    """The remarks that its requests carried, the newest first; none where its provider carries none."""
    if not account.takes_remark:
        return []
    carried = Withdrawal.objects.filter(account=account).exclude(remark="").order_by("-requested_at")
    return list(dict.fromkeys(carried.values_list("remark", flat=True)[: 10 * MOST_REMARKS]))[:MOST_REMARKS]
