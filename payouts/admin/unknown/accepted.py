"""Accepted, not confirmed: withdrawals of providers that cannot be asked whether they arrived; people attest that."""

from dataclasses import dataclass
from itertools import groupby

from payouts.admin.shell.promises import filed_accounts
from payouts.domain.unknown.resolving import MOST_AT_ONCE
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, ResolutionLine, Withdrawal
from payouts.preview import title


@dataclass(frozen=True)
class Sheaf:
    """Withdrawals of one account, the oldest first."""

    account: Account
    provider: str
    withdrawals: list[Withdrawal]


def sheaves() -> tuple[list[Sheaf], bool]:
    """A sheaf for each account, and whether there are more than MOST_AT_ONCE withdrawals in all.

    Withdrawals of an open proposal are left out.
    """
    rows = list(
        Withdrawal.objects.filter(status=Status.SUBMITTED, account__in=filed_accounts())
        .exclude(resolution_lines__in=ResolutionLine.objects.filter(is_open=True))
        .select_related("address", "account", "requested_by")
        .order_by("account__name", "status_changed_at", "id")[: MOST_AT_ONCE + 1]
    )
    by_account = groupby(rows[:MOST_AT_ONCE], key=lambda withdrawal: withdrawal.account)
    found = [Sheaf(account, title(account.provider), list(group)) for account, group in by_account]
    return found, len(rows) > MOST_AT_ONCE
