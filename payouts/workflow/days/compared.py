"""Whether a day of an account was compared: everything that its provider recorded of it was read. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from payouts.domain.days.reading import TOO_YOUNG, Stretch
from payouts.domain.days.reviewing import is_covered
from payouts.models import Account, Statement
from payouts.workflow.days.day import stretch


def was_compared(account: Account, day: date) -> bool:
    """Whether everything that the provider recorded of the day was read, and compared with what was sent.

    Asked of every day, also of one on which nothing was sent: what the signature says is that the provider paid nothing
    else, and a day of which nobody has read the records says nothing about that. A statement without a line does.
    """
    since, _ = stretch(day)
    return is_compared(account, day, told_by_statements([account], since).get(account.pk, []))


def is_compared(account: Account, day: date, told: Iterable[Stretch]) -> bool:
    """As was_compared, for whoever has the account's `told_by_statements` already."""
    since, until = stretch(day)
    if not account.can_look_up:
        return is_covered(since, until, told)
    return account.created_at < until and account.reviewed_until is not None and account.reviewed_until >= until


def told_by_statements(accounts: Sequence[Account], since: datetime) -> dict[int, list[Stretch]]:
    """What the accounts' uploaded statements have told of the time since then, by account.

    Nothing is told by a file of what was still on its way when it was added.
    """
    rows = Statement.objects.filter(account__in=accounts, until__gte=since)
    told: dict[int, list[Stretch]] = defaultdict(list)
    for account_id, begin, end, added_at in rows.values_list("account_id", "since", "until", "added_at"):
        told[account_id].append((begin, min(end, added_at - TOO_YOUNG)))
    return told
