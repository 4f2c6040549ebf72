"""Records across accounts: one payment of a customer is one withdrawal's, in whichever of its accounts it is listed.

Or one lost call's. Each is judged by its own customer, as the database's guards do (guards/sending/customer.sql).
"""

from collections.abc import Callable, Iterable

from django.db import connection
from django.db.models import Q, QuerySet

from payouts.domain.sending.customers import Customer, may_be_one
from payouts.domain.unknown.attestation import spellings, transaction
from payouts.domain.unknown.record import Record
from payouts.models import Account, LostCall, ProviderRecord, Withdrawal
from payouts.models.withdrawals.queries import WithdrawalQuerySet, of_an_earlier_customer

Judged = Callable[[Customer, Customer], bool]


def others_of(account_id: int, judged: Judged = may_be_one, *, own: Customer | None = None) -> list[int]:
    """The ids of the other accounts of the provider whose customer is this account's, or `own`, as it is judged."""
    neighbours = _neighbours(account_id)
    whose = _popped(neighbours, account_id, own)
    return [pk for pk, other in neighbours.items() if judged(whose, other.at_provider())]


def withdrawals_elsewhere(
    account_id: int, judged: Judged = may_be_one, *, own: Customer | None = None
) -> WithdrawalQuerySet[Withdrawal]:
    """Those of other accounts whose customer is this account's, or `own`, as it is judged. One may come several times.

    Whose calls an account made before it became another customer's is not said any more.
    """
    neighbours = _neighbours(account_id)
    whose = _popped(neighbours, account_id, own)
    if not neighbours:
        return Withdrawal.objects.none()
    theirs = Q(account__in=[pk for pk, other in neighbours.items() if judged(whose, other.at_provider())])
    earlier = Q(account__in=[pk for pk, other in neighbours.items() if other.customer_since]) & of_an_earlier_customer
    if judged(whose, Customer(whose.provider, "")):
        return Withdrawal.objects.filter(theirs | earlier)
    return Withdrawal.objects.filter(theirs).of_this_customer()


def lost_calls(account_id: int, names: Iterable[str], judged: Judged = may_be_one, *, own: Customer) -> list[LostCall]:
    """Those known by one of these names: the account's, and those of others whose customer is `own`, as judged."""
    known = LostCall.objects.paid_as(names).filter(account__provider=own.provider)
    calls = known.select_related("account", "withdrawal")
    return [call for call in calls if call.account_id == account_id or judged(own, call.at_provider())]


def elsewhere(
    account_id: int, ids: Iterable[str], judged: Judged = may_be_one, *, own: Customer | None = None
) -> frozenset[str]:
    """Those of the records' ids that are a payment of such another account already."""
    wanted = set(ids) - {""}
    return _of(account_id, judged, wanted, own) if wanted else frozenset()


def of_lost_calls(withdrawal: Withdrawal, records: Iterable[Record]) -> frozenset[str]:
    """Those of the records' ids that tell of what a lost call paid, not one of this withdrawal's own."""
    listed = list(records)
    names = {each.provider_id for each in listed} | spellings(each.tx_id for each in listed)
    found = lost_calls(withdrawal.account_id, names, own=withdrawal.at_provider())
    others = [call for call in found if call.withdrawal_id != withdrawal.pk]
    return frozenset(
        each.provider_id
        for each in listed
        if any(pays(call, each.provider_id, [each.tx_id], withdrawal.recipient_key) for call in others)
    )


def pays(call: LostCall, told: str, transactions: Iterable[str], payee: str) -> bool:
    """Whether it is known as this id, or as one of these transactions and may have paid the same payee."""
    names = call.names()
    if told in names:
        return True
    if call.withdrawal is not None and call.withdrawal.recipient_key != payee:
        return False  # a transaction may pay several, each of them once
    return bool(spellings(names) & spellings(transactions))


def is_taken(withdrawal: Withdrawal, told: str, tx_id: str = "") -> bool:
    """Whether this id, as its account lists it, is known as another payment; until the end it becomes nobody else's.

    Or the transaction that its record tells, unless the provider has answered the withdrawal with this very id. After
    the account's lock and the withdrawal's; for several records in the order of their ids.
    """
    account_id, own = withdrawal.account_id, withdrawal.at_provider()
    hold([account_id], [told, tx_id] if transaction(tx_id) else [told])
    if not transaction(tx_id) and not _is_known(account_id, told):
        return False
    tied = ProviderRecord.objects.filter(account=account_id, record_id=told).exclude(withdrawal=None)
    if tied.exclude(withdrawal=withdrawal).exists() or _of(account_id, may_be_one, {told}, own):
        return True
    is_answered = withdrawal.provider_id == told
    txs = frozenset() if is_answered else spellings([tx_id, *transactions_of(account_id, {told}).get(told, ())])
    found = [call for call in lost_calls(account_id, {told, *txs}, own=own) if call.withdrawal_id != withdrawal.pk]
    paid = withdrawal.of_its_customer().filter(recipient_key=withdrawal.recipient_key, tx_id__in=txs)
    paid = paid.filter(provider_id="", record=None)  # two ids are two payments
    return any(pays(call, told, txs, withdrawal.recipient_key) for call in found) or (bool(txs) and paid.exists())


def transactions_of(account_id: int, ids: Iterable[str]) -> dict[str, set[str]]:
    """Which transactions kept records with these ids tell, in whichever account of the provider; by id."""
    told: dict[str, set[str]] = {}
    accounts = _of_its_provider(account_id).values("pk")
    records = ProviderRecord.objects.filter(account__in=accounts, record_id__in=set(ids) - {""})
    for record_id, tx_id in records.exclude(tx_id="").values_list("record_id", "tx_id"):
        told.setdefault(record_id, set()).add(transaction(tx_id))
    return {record_id: txs - {""} for record_id, txs in told.items()}


def hold(account_ids: Iterable[int], ids: Iterable[str]) -> None:
    """Let nobody else tie records of these ids to anything, in any account, until the transaction ends.

    Nor take one of these transactions, however it is spelled, or one that a kept record of these ids tells. After the
    accounts' locks and the withdrawals'.
    """
    for account_id in sorted(set(account_ids)):
        if _of_its_provider(account_id).exclude(pk=account_id).exists():
            wanted = set(ids)
            wanted = wanted.union(*transactions_of(account_id, wanted).values())
            _hold(account_id, {transaction(told) or told for told in wanted} - {""})


def _neighbours(account_id: int) -> dict[int, Account]:
    """The accounts of the account's provider, itself among them, by id."""
    return {account.pk: account for account in _of_its_provider(account_id)}


def _of_its_provider(account_id: int) -> QuerySet[Account]:
    return Account.objects.filter(provider__in=Account.objects.filter(pk=account_id).values("provider")).order_by()


def _popped(neighbours: dict[int, Account], account_id: int, own: Customer | None) -> Customer:
    account = neighbours.pop(account_id)
    return own or account.at_provider()


def _of(account_id: int, judged: Judged, ids: set[str], own: Customer | None) -> frozenset[str]:
    whose = own or Account.objects.get(pk=account_id).at_provider()
    theirs = withdrawals_elsewhere(account_id, judged, own=whose)
    tied = ProviderRecord.objects.filter(withdrawal__in=theirs.values("pk"), record_id__in=ids)
    given = theirs.filter(provider_id__in=ids)
    lost = [call for call in lost_calls(account_id, ids, judged, own=whose) if call.account_id != account_id]
    return frozenset(tied.values_list("record_id", flat=True)).union(
        given.values_list("provider_id", flat=True), *(call.names() & ids for call in lost)
    )


def _is_known(account_id: int, told: str) -> bool:
    """Whether a record, a withdrawal or a lost call of the account's provider has this id, whosever it is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT countersign_is_known_at_all(%s, %s)", [account_id, told])
        return bool(cursor.fetchone()[0])


def _hold(account_id: int, ids: set[str]) -> None:
    with connection.cursor() as cursor:
        for told in sorted(ids):
            cursor.execute("SELECT countersign_hold_record(%s, %s)", [account_id, told])
