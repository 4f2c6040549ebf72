"""What a lost call sent: the provider's records and what people write are tried against the digest of its order.

Every record is tried once against each call: when it is kept (`records.note`), or where it was kept before the call was
found lost, at the worker's next look at the account (`try_untried`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.backoff import look_again_in
from payouts.domain.sending.customers import are_one
from payouts.domain.unknown import lost_call as rules
from payouts.domain.unknown.lost_order import MOST_REMARKS, At, Candidate, LostOrder, Payee, Trial, candidates, sent
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


def try_records(account: Account, new: Sequence[ProviderRecord], *, by: audit.Actor) -> None:
    """Try records of the account that are kept for the first time against its lost calls.

    Part of the caller's transaction, which holds the account.
    """
    calls = (
        LostCall.objects.to_find_out().of_this_customer().filter(account=account) if new else LostCall.objects.none()
    )
    inside = [(call, rows) for call in calls if (rows := [row for row in new if _is_in_time(call, row)])]
    if inside:
        meant = _meant(account)
        for call, rows in inside:
            _try(call, rows, meant, by=by)


def accounts_untried() -> list[str]:
    """The names of accounts with lost calls against which the records that were kept before are still to be tried."""
    waiting = LostCall.objects.to_find_out().of_this_customer().filter(records_tried=False)
    return sorted(set(waiting.order_by().values_list("account__name", flat=True)))


def try_untried(account: Account, *, by: audit.Actor) -> None:
    """Try the records that were kept before against each lost call that they were not tried against. Commits each.

    Where a call is found lost, all accounts are locked: this waits until that is over, and takes its own account only.
    """
    waiting = LostCall.objects.to_find_out().of_this_customer().filter(account=account, records_tried=False)
    for call_id in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic(durable=True):
            Account.objects.locked(account.pk)  # no record is kept meanwhile
            for call in LostCall.objects.to_find_out().filter(pk=call_id, records_tried=False):
                try_stored(call, by=by)


def try_stored(call: LostCall, *, by: audit.Actor) -> None:
    """Try the records that are kept already. Part of the caller's transaction, which holds the account."""
    if not call.is_of_this_customer():
        return
    since, until = call.stretch()
    kept = ProviderRecord.objects.filter(account=call.account, created_at__gte=since - TOLERANCE)
    rows = kept.filter(created_at__lte=until + TOLERANCE).exclude(proofs__call=call)
    if rows:
        _try(call, rows, _meant(call.account), by=by)
    LostCall.objects.filter(pk=call.pk).update(records_tried=True)


def try_by_hand(call_id: UUID, candidate: Candidate | None, *, by: User) -> Order:
    """Try what a person wrote, None where that was in no order; kept as a proof where it is what was sent. The order.

    Raises InvalidValue where it is not, and NotPermitted (audited).
    """
    with attempt(Event.LOST_CALL_OBJECTED, by=by, act="try_lost_call") as trying:
        call = LostCall.objects.locked(call_id)
        trying.on(call)
        trying.unless(rules.may_try(call.facts(), person(by)))
        order = sent(_lost_order(call, _identities(call.account)), [candidate] if candidate else [])
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


@dataclass(frozen=True)
class _Meant:
    """What an account's orders may have said, read once for all records that are tried."""

    identities: tuple[At, ...]  # what the account is and was
    kinds: tuple[Kind, ...]
    book: Mapping[str, Sequence[Payee]]  # the payees of its book, by each spelling of theirs
    remarks: Sequence[str]


def _meant(account: Account) -> _Meant:
    kinds = tuple(Kind(kind) for kind in account.kinds)
    return _Meant(_identities(account), kinds, _book(account), _remarks(account))


def _try(call: LostCall, rows: Iterable[ProviderRecord], meant: _Meant, *, by: audit.Actor) -> None:
    trial = Trial(_lost_order(call, meant.identities), meant.remarks)
    for row in rows:
        known = meant.book.get(spelling(row.address), ())
        order = trial.sent(candidates(row.address, row.coin, row.amount, kinds=meant.kinds, known=known))
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


def _lost_order(call: LostCall, identities: tuple[At, ...]) -> LostOrder:
    return LostOrder(call.reference, call.digest, call.account.name, call.account.provider, identities)


def _identities(account: Account) -> tuple[At, ...]:
    """Everything that the account is and was: an accepted change says what it was before."""
    was = account.identity_changes.exclude(accepted_at=None).order_by("-accepted_at")
    before = [At(change.host_before, change.customer_before) for change in was]
    after = [At(change.host, change.customer) for change in was]
    return tuple(dict.fromkeys([At(account.host, account.customer), *before, *after]))


def _book(account: Account) -> dict[str, list[Payee]]:
    """The payees of the account's book as an order spells them, by what a record may have written for them."""
    book: dict[str, list[Payee]] = defaultdict(list)
    entries = Address.objects.filter(account=account).values_list("kind", "area_code", "address").distinct()
    for kind, area_code, address in entries:
        for key in {spelling(address), spelling(area_code + address)}:
            book[key].append(Payee(Kind(kind), area_code, address))
    return book


def _remarks(account: Account) -> list[str]:
    """The remarks that its requests carried, the newest first; none where its provider carries none."""
    if not account.takes_remark:
        return []
    carried = Withdrawal.objects.filter(account=account).exclude(remark="").order_by("-requested_at")
    return list(dict.fromkeys(carried.values_list("remark", flat=True)[: 10 * MOST_REMARKS]))[:MOST_REMARKS]
