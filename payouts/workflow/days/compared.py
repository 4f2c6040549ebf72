"""Whether a day of an account was compared: everything that its provider recorded of it was read. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from payouts.domain.days.reading import TOO_YOUNG, Stretch
from payouts.domain.days.reviewing import is_covered
from payouts.models import Account, Statement
from payouts.workflow.days.day import stretch
from payouts.workflow.sending.promised import is_asked, is_filed


def was_compared(account: Account, day: date) -> bool:
    """Whether everything that the provider recorded of the day was read, and compared with what was sent.

    Needed also for a day on which nothing was sent: a sign-off says that the provider paid nothing else, which only the
    day's records can tell. A statement without lines counts.
    """
    since, _ = stretch(day)
    return is_compared(account, day, told_by_statements([account], since).get(account.pk, []))


def is_compared(account: Account, day: date, told: Iterable[Stretch]) -> bool:
    """As was_compared, given the account's part of `told_by_statements`.

    A row that forbids asking makes no day compared: neither was it read, nor does a file count.
    """
    since, until = stretch(day)
    if is_filed(account):
        return is_covered(since, until, told)
    if not is_asked(account):
        return False
    return account.created_at < until and account.reviewed_until is not None and account.reviewed_until >= until


def told_by_statements(accounts: Sequence[Account], since: datetime) -> dict[int, list[Stretch]]:
    """The stretches of time that uploaded statements tell of, by account id, from statements that reach `since`.

    A file tells nothing of the last TOO_YOUNG before it was added: a record may still have been on its way.
    """
    rows = Statement.objects.filter(account__in=accounts, until__gte=since)
    told: dict[int, list[Stretch]] = defaultdict(list)
    for account_id, begin, end, added_at in rows.values_list("account_id", "since", "until", "added_at"):
        told[account_id].append((begin, min(end, added_at - TOO_YOUNG)))
    return told
