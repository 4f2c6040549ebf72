"""Records across accounts: one payment of a customer is one withdrawal's, in whichever of its accounts it is listed."""

from collections.abc import Callable, Iterable

from django.db import connection
from django.db.models import Q

from payouts.domain.sending.customers import Customer, may_be_one
from payouts.models import Account, LostCall, ProviderRecord, Withdrawal
from payouts.models.withdrawals.queries import WithdrawalQuerySet, of_an_earlier_customer

Judged = Callable[[Customer, Customer], bool]


def others_of(account_id: int, judged: Judged = may_be_one) -> list[int]:
    """The ids of the other accounts of the provider whose customer is this account's, as it is judged."""
    neighbours = _neighbours(account_id)
    own = neighbours.pop(account_id).at_provider()
    return [pk for pk, other in neighbours.items() if judged(own, other.at_provider())]


def withdrawals_elsewhere(account_id: int, judged: Judged = may_be_one) -> WithdrawalQuerySet[Withdrawal]:
    """Those of other accounts whose customer is this account's, as it is judged. One may come several times.

    Whose calls an account made before it became another customer's is not said any more.
    """
    neighbours = _neighbours(account_id)
    own = neighbours.pop(account_id).at_provider()
    if not neighbours:
        return Withdrawal.objects.none()
    theirs = Q(account__in=[pk for pk, other in neighbours.items() if judged(own, other.at_provider())])
    earlier = Q(account__in=[pk for pk, other in neighbours.items() if other.customer_since]) & of_an_earlier_customer
    if judged(own, Customer(own.provider, "")):
        return Withdrawal.objects.filter(theirs | earlier)
    return Withdrawal.objects.filter(theirs).of_this_customer()


def elsewhere(account_id: int, ids: Iterable[str], judged: Judged = may_be_one) -> frozenset[str]:
    """Those of the records' ids that are a withdrawal's of such another account already."""
    wanted = set(ids) - {""}
    return _of(account_id, judged, wanted) if wanted else frozenset()


def is_taken(account_id: int, told: str) -> bool:
    """Whether a record is another account's withdrawal's already; until the transaction ends it becomes nobody else's.

    After the account's lock and the withdrawal's; for several records in the order of their ids.
    """
    hold([account_id], [told])
    return bool(_of(account_id, may_be_one, {told})) or LostCall.objects.paid_as([account_id], [told]).exists()


def is_another_payment(accounts: Iterable[int], told: str, *, but: LostCall) -> bool:
    """Whether one of the accounts knows this id as a payment of something else than the lost call's reference."""
    tied = ProviderRecord.objects.filter(account__in=accounts, record_id=told).exclude(withdrawal=None)
    given = Withdrawal.objects.filter(account__in=accounts, provider_id=told).exclude(provider_id="")
    found = LostCall.objects.paid_as(accounts, [told]).exclude(reference=but.reference)
    if but.withdrawal_id is not None:
        tied, given = tied.exclude(withdrawal=but.withdrawal_id), given.exclude(pk=but.withdrawal_id)
    return tied.exists() or given.exists() or found.exists()


def hold(account_ids: Iterable[int], ids: Iterable[str]) -> None:
    """Let nobody else tie records of these ids to anything, in any account, until the transaction ends.

    After the accounts' locks and the withdrawals'.
    """
    for account_id in sorted(set(account_ids)):
        if len(_neighbours(account_id)) > 1:
            _hold(account_id, set(ids) - {""})


def _neighbours(account_id: int) -> dict[int, Account]:
    """The accounts of the account's provider, itself among them, by id."""
    provider = Account.objects.filter(pk=account_id).values("provider")
    return {account.pk: account for account in Account.objects.filter(provider__in=provider)}


def _of(account_id: int, judged: Judged, ids: set[str]) -> frozenset[str]:
    theirs = withdrawals_elsewhere(account_id, judged)
    tied = ProviderRecord.objects.filter(withdrawal__in=theirs.values("pk"), record_id__in=ids)
    given = theirs.filter(provider_id__in=ids)
    lost = LostCall.objects.paid_as(others_of(account_id, judged), ids)
    return frozenset(tied.values_list("record_id", flat=True)).union(
        given.values_list("provider_id", flat=True), lost.values_list("found_as", flat=True)
    )


def _hold(account_id: int, ids: set[str]) -> None:
    with connection.cursor() as cursor:
        for told in sorted(ids):
            cursor.execute("SELECT countersign_hold_record(%s, %s)", [account_id, told])
