"""The last days of accounts, counted in a few queries, each bounded by time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from payouts.domain.days.day import UNSETTLED
from payouts.domain.sending.answer import Outcome
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Orphan, ProviderRecord, SignOff, Submission
from payouts.workflow.days.compared import is_compared, told_by_statements
from payouts.workflow.days.day import day_of, stretch
from payouts.workflow.days.lost import to_settle

DAYS = 31

AccountDay = tuple[int, date]


@dataclass(frozen=True)
class RecentDay:
    """How one day of an account stands."""

    account: Account
    day: date
    sent: int
    lost: int  # calls
    unsettled: int
    unrecorded: int  # completed, and without a record
    records: int
    open_orphans: int
    explained: int
    signed: SignOff | None
    is_over: bool
    was_compared: bool

    @property
    def pk(self) -> str:
        """The day's place below /reconciliation/."""
        return f"{self.account.name}/{self.day.isoformat()}"

    @property
    def is_quiet(self) -> bool:
        """Whether nothing happened and nobody signed that."""
        return not (self.sent or self.lost or self.records or self.open_orphans or self.explained or self.signed)

    @property
    def state(self) -> tuple[str, str]:
        """The kind of the day's pill, and its text."""
        orphans = f"{self.open_orphans} without partner" if self.open_orphans else ""
        if self.signed:
            return ("differs", f"Signed off, {orphans} since") if orphans else ("completed", "Signed off")
        if orphans:
            return "orphan", orphans
        if self.unsettled:
            return "submitted", f"{self.unsettled} not settled"
        if self.unrecorded:
            return "awaiting_approval", f"{self.unrecorded} without record yet"
        if not self.is_over:
            return "open", "Not over yet"
        if not self.was_compared:
            return "open", "Not compared yet"
        return ("quiet", "Nothing happened") if self.is_quiet else ("accepted", "All matched, to be signed off")


def recent(accounts: Sequence[Account], *, quiet_too: bool) -> list[RecentDay]:
    """The last DAYS days, the newest first; days on which nothing happened only with `quiet_too`."""
    today = day_of(timezone.now())
    first = today - timedelta(days=DAYS - 1)
    since = stretch(first)[0]
    sent, records = _sent(accounts, since), _records(accounts, since)
    orphans, signed = _orphans(accounts, first), _signed(accounts, first)
    told, lost = told_by_statements(accounts, since), to_settle(accounts, since)
    rows = []
    for day in (today - timedelta(days=number) for number in range(DAYS)):
        for account in accounts:
            key = (account.pk, day)
            calls, found = sent.get(key, {}), orphans.get(key, {})
            row = RecentDay(
                account=account,
                day=day,
                sent=calls.get("sent", 0),
                lost=lost.get(key, (0, 0))[0],
                unsettled=calls.get("unsettled", 0) + lost.get(key, (0, 0))[1],
                unrecorded=calls.get("unrecorded", 0),
                records=records.get(key, {}).get("records", 0),
                open_orphans=found.get("open", 0),
                explained=found.get("explained", 0),
                signed=signed.get(key),
                is_over=day < today,
                was_compared=is_compared(account, day, told.get(account.pk, [])),
            )
            if quiet_too or not row.is_quiet:
                rows.append(row)
    return rows


def _sent(accounts: Sequence[Account], since: datetime) -> dict[AccountDay, dict[str, Any]]:
    calls = Submission.objects.filter(account__in=accounts, claimed_at__gte=since, is_resend=False)
    unsettled = Q(withdrawal__status__in=[status.value for status in UNSETTLED])
    unrecorded = Q(withdrawal__status=Status.COMPLETED, withdrawal__record__isnull=True)
    grouped = (
        calls.exclude(outcome=Outcome.NOT_EXECUTED)
        .annotate(day=TruncDate("claimed_at", tzinfo=UTC))
        .values("account_id", "day")
        .annotate(
            sent=Count("pk"),
            unsettled=Count("pk", filter=unsettled),
            unrecorded=Count("pk", filter=unrecorded),
        )
    )
    return {(each["account_id"], each["day"]): dict(each) for each in grouped}


def _records(accounts: Sequence[Account], since: datetime) -> dict[AccountDay, dict[str, Any]]:
    rows = ProviderRecord.objects.filter(account__in=accounts, created_at__gte=since)
    days = rows.annotate(on=TruncDate("created_at", tzinfo=UTC)).values("account_id", "on")
    return {(each["account_id"], each["on"]): dict(each) for each in days.annotate(records=Count("pk"))}


def _orphans(accounts: Sequence[Account], first: date) -> dict[AccountDay, dict[str, Any]]:
    rows = Orphan.objects.filter(account__in=accounts, day__gte=first).values("account_id", "day")
    counted = rows.annotate(
        open=Count("pk", filter=Q(closed_at__isnull=True)), explained=Count("pk", filter=Q(closed_at__isnull=False))
    )
    return {(each["account_id"], each["day"]): dict(each) for each in counted}


def _signed(accounts: Sequence[Account], first: date) -> dict[AccountDay, SignOff]:
    rows = SignOff.objects.filter(account__in=accounts, day__gte=first).select_related("proposal__decided_by")
    return {(row.account_id, row.day): row for row in rows.defer("proposal__content")}
