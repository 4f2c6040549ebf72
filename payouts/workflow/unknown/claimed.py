"""Records across accounts: one payment of a customer is one withdrawal's, in whichever of its accounts it is listed."""

from collections.abc import Callable, Iterable

from django.db import connection

from payouts.domain.sending.customers import Customer, may_be_one
from payouts.models import Account, LostCall, ProviderRecord, Withdrawal

Judged = Callable[[Customer, Customer], bool]


def others_of(account_id: int, judged: Judged = may_be_one) -> list[int]:
    """The ids of the other accounts of the provider whose customer is this account's, as it is judged."""
    provider = Account.objects.filter(pk=account_id).values("provider")
    accounts = {account.pk: account for account in Account.objects.filter(provider__in=provider)}
    own = accounts[account_id].at_provider()
    return [pk for pk, other in accounts.items() if pk != account_id and judged(own, other.at_provider())]


def elsewhere(account_id: int, ids: Iterable[str], judged: Judged = may_be_one) -> frozenset[str]:
    """Those of the records' ids that are a withdrawal's of such another account already."""
    wanted = set(ids) - {""}
    return _of(others_of(account_id, judged), wanted) if wanted else frozenset()


def is_taken(account_id: int, told: str) -> bool:
    """Whether a record is another account's withdrawal's already; until the transaction ends it becomes nobody else's.

    After the account's lock and the withdrawal's; for several records in the order of their ids.
    """
    others = others_of(account_id)
    if others:
        _hold(account_id, {told})
    return bool(_of(others, {told})) or LostCall.objects.paid_as([account_id], [told]).exists()


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
        if others_of(account_id):
            _hold(account_id, set(ids) - {""})


def _of(accounts: list[int], ids: set[str]) -> frozenset[str]:
    if not accounts:
        return frozenset()
    tied = ProviderRecord.objects.filter(account__in=accounts, record_id__in=ids).exclude(withdrawal=None)
    given = Withdrawal.objects.filter(account__in=accounts, provider_id__in=ids)
    lost = LostCall.objects.paid_as(accounts, ids)
    return frozenset(tied.values_list("record_id", flat=True)).union(
        given.values_list("provider_id", flat=True), lost.values_list("found_as", flat=True)
    )


def _hold(account_id: int, ids: set[str]) -> None:
    with connection.cursor() as cursor:
        for told in sorted(ids):
            cursor.execute("SELECT countersign_hold_record(%s, %s)", [account_id, told])
