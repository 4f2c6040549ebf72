"""One payment, one thing: whose what people found is already, be it a withdrawal's or a lost call's. Writes nothing.

A provider's id is of one payment, and two ids are two. A transaction may pay several recipients, but each of them once;
whoever names it without an id may mean any payment whose record tells it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from payouts.domain.errors import Objection
from payouts.domain.sending.customers import Customer
from payouts.domain.unknown import attestation
from payouts.models import Account, LostCall, ProviderRecord, Withdrawal
from payouts.models.withdrawals.queries import WithdrawalQuerySet
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown.claimed import lost_calls, others_of, transactions_of, withdrawals_elsewhere


class Known(StrEnum):
    """By what a payment is known."""

    ID = "id"
    TRANSACTION = "transaction"
    ALONE = "transaction alone"  # named without an id


Payment = tuple[Known, str, str]  # the name, and whom it paid where that is a transaction
Owners = dict[Payment, set[str]]  # whose each is
ANYBODY = "anybody"  # whom a lost call paid whose withdrawal is gone is not known


@dataclass(frozen=True)
class Book:
    """What is known of what was found, to a withdrawal or a lost call of one customer."""

    owners: Owners
    transactions: Mapping[str, set[str]]  # that kept records tell, by the records' ids
    given: set[str]  # what the provider has told as an id


def taken(found_as: Mapping[UUID, str], withdrawals: Sequence[Withdrawal]) -> Objection | None:
    """What was found is how another payment is known, or is to be two of these at once; None when it is not.

    Another one of the account, or of any whose customer is or may be the withdrawal's.
    """
    found = set(found_as.values()) - {""}
    books: dict[tuple[int, Customer], Book] = {}
    at_once: Owners = defaultdict(set)
    for withdrawal in withdrawals:
        whose = withdrawal.account_id, withdrawal.at_provider()
        book = books[whose] if whose in books else books.setdefault(whose, _book(*whose, found))
        told, me = found_as[withdrawal.pk], withdrawal.pk.hex
        asks, has = _of_withdrawal(told, withdrawal, book)
        if (_whose(book.owners, asks) | _whose(at_once, asks)) - {me}:
            message = f"{told} is how another withdrawal was paid. Look again for withdrawal {me[:8]}."
            return Objection("found_elsewhere", message)
        for payment in has:
            at_once[payment].add(me)
        objection = _named_by_its_id(withdrawal.account, whose[1], told, withdrawal)
        if objection is not None:
            return objection
    return None


def taken_from(call: LostCall, found_as: str) -> Objection | None:
    """What was found is how another payment than the lost call's is known; None when it is not."""
    own = call.at_provider()
    book = _book(call.account_id, own, {found_as})
    payee = call.withdrawal.recipient_key if call.withdrawal else ANYBODY
    is_alone = attestation.is_transaction(found_as)
    asks, _ = _by_transaction(found_as, payee) if is_alone else _by_id(found_as, book.transactions, payee)
    if _whose(book.owners, asks) - {_lost(call)}:
        return Objection("found_elsewhere", f"{found_as} is how another payment is known. Look again.")
    return _named_by_its_id(call.account, own, found_as, call.withdrawal)


def is_id(found_as: str, withdrawal: Withdrawal) -> bool:
    """Whether it is the provider's own id: only those that can be asked give any."""
    return not is_filed(withdrawal.account) and attestation.is_provider_id(found_as)


def given_ids(found: set[str], accounts: set[int]) -> set[str]:
    """What was found that the provider has told as an id, in a record or in an answer."""
    told = ProviderRecord.objects.filter(account__in=accounts, record_id__in=found)
    answered = Withdrawal.objects.filter(account__in=accounts, provider_id__in=found)
    return {*told.values_list("record_id", flat=True), *answered.values_list("provider_id", flat=True)}


def _of_withdrawal(found_as: str, withdrawal: Withdrawal, book: Book) -> tuple[list[Payment], list[Payment]]:
    """What must be nobody else's, and what it is known by then; nothing for a place, which may name many."""
    payee = withdrawal.recipient_key
    is_given = found_as in book.given and not is_filed(withdrawal.account)
    if is_given or is_id(found_as, withdrawal):  # an id, however it looks
        is_answered = found_as == withdrawal.provider_id  # by the provider, who knows more than who names a transaction
        return _by_id(found_as, {} if is_answered else book.transactions, payee)
    return _by_transaction(found_as, payee) if attestation.is_transaction(found_as) else ([], [])


def _by_id(found_as: str, told: Mapping[str, set[str]], payee: str) -> tuple[list[Payment], list[Payment]]:
    its_id, txs = (Known.ID, found_as, ""), sorted(told.get(found_as, ()))
    asks = [its_id, *((Known.ALONE, tx, payee) for tx in txs)]
    return asks, [its_id, *((Known.TRANSACTION, tx, payee) for tx in txs)]


def _by_transaction(found_as: str, payee: str) -> tuple[list[Payment], list[Payment]]:
    tx = attestation.transaction(found_as)
    asks: list[Payment] = [(Known.TRANSACTION, tx, payee)]
    return asks, [*asks, (Known.ALONE, tx, payee)]


def _whose(owners: Owners, payments: Iterable[Payment]) -> set[str]:
    found: set[str] = set()
    for known, name, payee in payments:
        found |= owners.get((known, name, payee), set())
        for (how, other, paid), whose in owners.items():
            if known is not Known.ID and (how, other) == (known, name) and ANYBODY in (payee, paid):
                found |= whose
    return found


def _book(account_id: int, own: Customer, found: set[str]) -> Book:
    """Which withdrawals and lost calls are known by one of these already, and by which payment."""
    spelled = found | attestation.spellings(found)
    accounts = Account.objects.filter(provider=own.provider)
    telling = ProviderRecord.objects.filter(account__in=accounts, tx_id__in=spelled).exclude(tx_id="")
    ids = found | set(telling.values_list("record_id", flat=True))
    told = transactions_of(account_id, ids)
    txs = spelled | attestation.spellings(tx for some in told.values() for tx in some)
    owners: Owners = defaultdict(set)
    for known in (Withdrawal.objects.filter(account=account_id), withdrawals_elsewhere(account_id, own=own)):
        _add_withdrawals(owners, known, ids, txs, told)
    for call in lost_calls(account_id, ids | txs, own=own):
        payee = call.withdrawal.recipient_key if call.withdrawal else ANYBODY
        for name in call.names():
            is_alone = attestation.is_transaction(name) and name != call.provider_id_given
            for payment in (_by_transaction(name, payee) if is_alone else _by_id(name, told, payee))[1]:
                owners[payment].add(_lost(call))
    return Book(owners, told, given_ids(found, {account_id, *others_of(account_id, own=own)}))


def _add_withdrawals(
    owners: Owners,
    known: WithdrawalQuerySet[Withdrawal],
    ids: set[str],
    txs: set[str],
    told: Mapping[str, set[str]],
) -> None:
    tied = ProviderRecord.objects.filter(withdrawal__in=known.values("pk"), record_id__in=ids)
    by_id = [
        *tied.values_list("record_id", "withdrawal_id", "withdrawal__recipient_key"),
        *known.filter(provider_id__in=ids).values_list("provider_id", "pk", "recipient_key"),
    ]
    for name, pk, payee in by_id:
        for payment in _by_id(name, told, payee)[1]:
            owners[payment].add(pk.hex)
    columns = "tx_id", "pk", "recipient_key", "provider_id", "record"
    for tx_id, pk, payee, provider_id, record in known.filter(tx_id__in=txs).values_list(*columns):
        asks, has = _by_transaction(tx_id, payee)
        for payment in asks if provider_id or record else has:
            owners[payment].add(pk.hex)


def _named_by_its_id(account: Account, own: Customer, told: str, withdrawal: Withdrawal | None) -> Objection | None:
    """A transaction of which a record is kept that is nobody's yet: by its id it is told from all others."""
    if not attestation.is_transaction(told) or is_filed(account):
        return None
    accounts = [account.pk, *others_of(account.pk, own=own)]
    telling = ProviderRecord.objects.filter(account__in=accounts, tx_id__in={told, *attestation.spellings([told])})
    if withdrawal is not None and telling.filter(withdrawal=withdrawal).exists():
        return None
    record = telling.unclaimed().exclude(record_id=told).first()
    if record is None:
        return None
    message = f"The provider’s record {record.record_id} is this transaction: name it by its id."
    return Objection("named_by_its_id", message)


def _lost(call: LostCall) -> str:
    """The same for all lost calls of one reference, and for the withdrawal whose they are."""
    return call.withdrawal_id.hex if call.withdrawal_id else f"lost {call.reference}"
