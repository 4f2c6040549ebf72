"""Lost calls for the days of an account: which records are theirs, and which are of a day. Writes nothing."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from django.db.models import Q
from django.db.models.functions import Lower

from payouts.domain.days.lost import Lost, plain_hash
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Outcome
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, LostCall, ProviderRecord, Withdrawal
from payouts.models.sending.lost_call import LostCallQuerySet
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.unknown.claimed import others_of


def lost_calls(account: Account, since: datetime, until: datetime) -> list[LostCall]:
    """The account's lost calls of that time of which people say what became of them: no withdrawal answers for them."""
    calls = _of_days().filter(account=account, called_at__gte=since, called_at__lt=until)
    people = calls.prefetch_related("findings__proposed_by", "findings__proposal__decided_by")
    return list(people.order_by("called_at", "pk"))


def named_in(account: Account, records: Iterable[ProviderRecord]) -> list[Lost]:
    """The lost calls that one of these records is known to be a payment of; other accounts' of the customer as well.

    As the database's guard of orphans knows them (`countersign_is_of_lost_call`).
    """
    ids, chain = _names(records)
    found = Q(verdict=Verdict.PAID) & (Q(found_as__in=ids) | Q(spelt__in=chain))
    given = Q(outcome=Outcome.ACCEPTED, provider_id_given__in=ids) & ~Q(verdict=Verdict.NOT_PAID)
    calls = _of_customer(account, _with_orders().annotate(spelt=Lower("found_as")).filter(found | given))
    return [_as_lost(call, account) for call in calls]


def records_named(account: Account, calls: Iterable[LostCall]) -> dict[str, ProviderRecord]:
    """The account's records that these calls were paid as, by the provider's id, whenever they were made."""
    known = [_as_lost(call, account) for call in calls]
    if not known:
        return {}
    ids = {name for call in known for name in (call.found_as, call.given)} - {""}
    chain = {f"{prefix}{plain_hash(call.found_as)}" for call in known if call.found_as for prefix in ("", "0x")}
    rows = ProviderRecord.objects.filter(account=account).annotate(spelt=Lower("tx_id"))
    return {row.record_id: row for row in rows.filter(Q(record_id__in=ids) | Q(spelt__in=chain))}


def decided_since(account: Account, since: datetime) -> list[datetime]:
    """When before `since` lost calls were made that people have decided since then, and what they paid was recorded.

    Other accounts' of the customer as well, which list the same records.
    """
    calls = _of_customer(account, _with_orders().filter(decided__decided_at__gte=since))
    moments = [call.called_at for call in calls] + [row.created_at for row in records_named(account, calls).values()]
    return [moment for moment in moments if moment < since]


def order_of(call: LostCall) -> Order | None:
    """What was sent by it: its withdrawal's order, or what was proven; None where neither is known."""
    if call.withdrawal is not None:
        return call.withdrawal.order()
    proof = next(iter(call.proofs.all()), None)
    if proof is None:
        return None
    names = ("host", "customer", "area_code", "address", "coin", "amount", "remark")
    told = {name: getattr(proof, name) for name in names}
    return Order(
        reference=call.reference,
        account=call.account.name,
        provider=call.account.provider,
        kind=Kind(proof.kind),
        **told,
    )


def to_settle(accounts: Iterable[Account], since: datetime) -> dict[tuple[int, date], tuple[int, int]]:
    """How many lost calls each day since then has, and how many of them nobody has decided."""
    counted: dict[tuple[int, date], tuple[int, int]] = {}
    for account_id, called_at, verdict in (
        _of_days().filter(account__in=accounts, called_at__gte=since).values_list("account_id", "called_at", "verdict")
    ):
        key = account_id, called_at.astimezone(UTC).date()
        number, undecided = counted.get(key, (0, 0))
        counted[key] = number + 1, undecided + (not verdict)
    return counted


def is_withdrawals(call: LostCall) -> bool:
    """Whether what it was paid as is how a withdrawal of its account is known: then that one's line counts it."""
    name, its = call.found_as or call.provider_id_given, call.withdrawal
    if its is not None and name and plain_hash(its.tx_id) == plain_hash(name):
        return True
    tied = ProviderRecord.objects.filter(account=call.account, record_id=name).exclude(withdrawal=None)
    known = Withdrawal.objects.filter(account=call.account, provider_id=name).exclude(provider_id="")
    return tied.exists() or known.exists()


def _names(records: Iterable[ProviderRecord]) -> tuple[set[str], set[str]]:
    """The records' ids, and their transactions in each spelling."""
    rows = list(records)
    chain = {plain_hash(row.tx_id) for row in rows} - {""}
    return {row.record_id for row in rows} - {""}, chain | {f"0x{name}" for name in chain}


def _of_customer(account: Account, calls: LostCallQuerySet) -> list[LostCall]:
    """Those of the account, and of other accounts whose customer is or may be the same; mostly there are none."""
    found = list(calls.filter(account__provider=account.provider))
    ours = {account.pk, *(others_of(account.pk) if any(call.account_id != account.pk for call in found) else [])}
    return [call for call in found if call.account_id in ours]


def _of_days() -> LostCallQuerySet:
    """Those that are lines of days: of the others a row of a call or an open withdrawal says what became."""
    waiting = LostCall.objects.to_find_out().values("pk")
    return _with_orders().unaccounted().filter(~Q(verdict="") | Q(pk__in=waiting))


def _with_orders() -> LostCallQuerySet:
    calls = LostCall.objects.select_related("account", "withdrawal__address", "withdrawal__account")
    return calls.prefetch_related("proofs")


def _as_lost(call: LostCall, account: Account) -> Lost:
    is_known = call.outcome == Outcome.ACCEPTED and call.verdict != Verdict.NOT_PAID
    return Lost(
        id=call.pk,
        serial=call.serial,
        called_at=call.called_at,
        found_as=call.found_as if call.verdict == Verdict.PAID else "",
        given=call.provider_id_given if is_known else "",
        order=order_of(call),
        elsewhere="" if call.account_id == account.pk else call.account.name,
    )
