"""A day of an account, read from the rows: what was sent, what was recorded, and which belong together. Writes nothing.

A withdrawal is of the day on which the call that may have paid it began; a record, of the day on which the provider
made it. Days are UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from payouts.domain.days.day import DayStatement, LostLine
from payouts.domain.days.lost import Lost
from payouts.domain.days.pairing import Pairing, pair
from payouts.domain.days.partners import Entry, Payment
from payouts.domain.days.reading import Stretch
from payouts.domain.sending.pace import LONGEST_CALL
from payouts.domain.unknown.looking import RECORDED_WITHIN
from payouts.models import (
    Account,
    Approval,
    LostCall,
    LostFinding,
    Orphan,
    ProviderRecord,
    Resolution,
    Statement,
    Submission,
    Withdrawal,
)
from payouts.workflow.days.elsewhere import first_calls, payment_of, sent_elsewhere
from payouts.workflow.days.lines import elsewhere_line, lost_line, orphan_line, payment_line, record_line
from payouts.workflow.days.lost import is_withdrawals, lost_calls, named_in, records_named
from payouts.workflow.sending.promised import is_filed

# A file may tell when a payment was worked on instead of when it was asked for.
FILED_WITHIN = timedelta(hours=1)
# Around midnight: a withdrawal and its record may fall on two days.
MARGIN = timedelta(hours=2)


@dataclass(frozen=True)
class Rows:
    """Calls that may have paid and records of a stretch of time, with their partners beyond its ends."""

    account: Account
    calls: dict[UUID, Submission]  # by withdrawal
    records: dict[str, ProviderRecord]  # by the provider's id
    others: list[Payment]  # what other accounts of the customer sent, and may have paid with one of these records
    made: list[LostCall]  # calls that were lost, of which people say what became of them
    lost: list[Lost]  # calls whose payment one of these records is known to be; other accounts' as well

    @property
    def within(self) -> timedelta:
        """How long after a call began the provider may say that it made its record."""
        return FILED_WITHIN if is_filed(self.account) else LONGEST_CALL + RECORDED_WITHIN

    def entries(self) -> list[Entry]:
        """The records, as pairing wants them."""
        return [Entry(row.as_record(), row.withdrawal_id) for row in self.records.values()]

    def payments(self) -> list[Payment]:
        """The withdrawals, as pairing wants them; other accounts' as well."""
        return [*(payment_of(call) for call in self.calls.values()), *self.others]

    def pairing(self) -> Pairing:
        """Which of them belong together."""
        return pair(self.entries(), self.payments(), self.lost, within=self.within)


def stretch(day: date) -> Stretch:
    """The day's first moment and the next day's."""
    start = datetime.combine(day, time(), tzinfo=UTC)
    return start, start + timedelta(days=1)


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def rows_of(account: Account, since: datetime, until: datetime) -> Rows:
    """What the account sent and what its provider recorded in that time, and what may belong to it just beyond."""
    since, until = since - MARGIN, until + MARGIN
    calls = {call.withdrawal_id: call for call in _calls(account).filter(claimed_at__gte=since, claimed_at__lt=until)}
    near = ProviderRecord.objects.filter(account=account, created_at__gte=since, created_at__lt=until)
    records = {row.record_id: row for row in near}
    beyond = {row.withdrawal_id for row in records.values()} - calls.keys() - {None}
    if beyond:
        calls |= {call.withdrawal_id: call for call in _calls(account).filter(withdrawal__in=beyond)}
    linked = [call.withdrawal.record for call in calls.values() if hasattr(call.withdrawal, "record")]
    records = {row.record_id: row for row in linked} | records
    made = lost_calls(account, since, until)
    records = records_named(account, made) | records
    others = sent_elsewhere(account, since, until, records.keys())
    return Rows(account, calls, records, others, made, named_in(account, records.values()))


def statement_of(account: Account, day: date) -> DayStatement:
    """The day as it stands now: what its page shows and what a sign-off signs."""
    since, until = stretch(day)
    rows = rows_of(account, since, until)
    pairing = rows.pairing()
    partners = {payment.id: entry.record.provider_id for entry, payment in partners_of(pairing)}
    others = [*((pair, True) for pair in pairing.others), *((pair, False) for pair in pairing.maybe_others)]
    whose: dict[str, tuple[Payment | Lost, bool]] = {
        pair.entry.record.provider_id: (pair.payment, is_sure) for pair, is_sure in others
    }
    whose |= {pair.entry.record.provider_id: (pair.call, True) for pair in pairing.lost if pair.call.elsewhere}
    own = {pair.entry.record.provider_id: pair.call.id for pair in pairing.lost if not pair.call.elsewhere}
    paired = {*partners.values(), *whose, *own, *(entry.record.provider_id for entry in pairing.elsewhere)}
    calls = sorted(rows.calls.values(), key=lambda call: (call.claimed_at, call.pk))
    records = sorted(rows.records.values(), key=lambda row: (row.created_at, row.pk))
    of_the_day = [row for row in records if since <= row.created_at < until]
    return DayStatement(
        account=account.name,
        provider=account.provider,
        day=day,
        payments=tuple(
            payment_line(call.withdrawal, call.claimed_at, rows.records.get(partners.get(call.withdrawal_id, "")))
            for call in calls
            if since <= call.claimed_at < until
        ),
        alone=tuple(record_line(row) for row in of_the_day if row.record_id not in paired),
        orphans=tuple(orphan_line(row) for row in _orphans(account, day)),
        elsewhere=tuple(elsewhere_line(row, *whose[row.record_id]) for row in of_the_day if row.record_id in whose),
        lost=_lost_lines(
            [call for call in rows.made if since <= call.called_at < until],
            {own[name]: rows.records[name] for name in reversed(own)},
        ),
    )


def _lost_lines(calls: Sequence[LostCall], records: Mapping[UUID, ProviderRecord]) -> tuple[LostLine, ...]:
    """The day's lost calls; each payment is counted once, and by a withdrawal before a lost call."""
    counted: set[tuple[str, str]] = set()
    lines = []
    for call in calls:
        payment = (call.reference, call.found_as or call.provider_id_given)
        is_another = bool(payment[1]) and (payment in counted or is_withdrawals(call))
        counted.add(payment)
        lines.append(lost_line(call, records.get(call.pk), is_counted=call.pk in records or not is_another))
    return tuple(lines)


def partners_of(pairing: Pairing) -> list[tuple[Entry, Payment]]:
    """Who belongs to whom, those that differ included."""
    differing = [(each.entry, each.payment) for each in pairing.orphans if each.entry and each.payment]
    return [*((pair.entry, pair.payment) for pair in pairing.pairs), *differing]


def participants(account: Account, day: date) -> frozenset[int]:
    """The people who made or checked anything of the day: asked, approved, found out, uploaded or explained."""
    since, until = stretch(day)
    sent = _calls(account).filter(claimed_at__gte=since, claimed_at__lt=until).prefetch_related(None)
    resolved = Resolution.objects.filter(lines__withdrawal__account=account)
    asked = Withdrawal.objects.filter(account=account, requested_at__gte=since, requested_at__lt=until)
    approved = Approval.objects.filter(
        approved_at__gte=since, approved_at__lt=until, proposal__withdrawal__account=account
    )
    found = "withdrawal__resolution_lines__resolution__"
    behind_what_was_sent = sent.values_list(
        "withdrawal__requested_by",
        "withdrawal__proposal__approvals__approver",
        f"{found}proposed_by",
        f"{found}proposal__decided_by",
    )
    lost = LostCall.objects.filter(account=account, called_at__gte=since, called_at__lt=until)
    behind_what_was_lost = lost.values_list(
        "withdrawal__requested_by",
        "withdrawal__proposal__approvals__approver",
        "findings__proposed_by",
        "findings__proposal__decided_by",
        "findings__proposal__approvals__approver",
    )
    said = LostFinding.objects.filter(call__account=account)
    parts = [
        behind_what_was_sent,
        behind_what_was_lost,
        said.filter(proposed_at__gte=since, proposed_at__lt=until).values_list("proposed_by"),
        said.filter(proposal__decided_at__gte=since, proposal__decided_at__lt=until).values_list(
            "proposal__decided_by"
        ),
        asked.values_list("requested_by"),
        approved.values_list("approver"),
        resolved.filter(proposed_at__gte=since, proposed_at__lt=until).values_list("proposed_by"),
        resolved.filter(proposal__decided_at__gte=since, proposal__decided_at__lt=until).values_list(
            "proposal__decided_by"
        ),
        Statement.objects.filter(account=account, since__lt=until, until__gte=since).values_list("added_by"),
        Orphan.objects.filter(account=account, day=day).values_list("closed_by"),
    ]
    people = {who for rows in parts for row in rows.order_by().distinct() for who in row}
    return frozenset(people - {None})


def _calls(account: Account) -> QuerySet[Submission]:
    """The one call of each withdrawal that may have paid it."""
    return (
        first_calls()
        .filter(account=account)
        .select_related("withdrawal__address", "withdrawal__account", "withdrawal__requested_by", "withdrawal__record")
        .prefetch_related(
            "withdrawal__proposal__approvals__approver",
            "withdrawal__resolution_lines__resolution__proposed_by",
            "withdrawal__resolution_lines__resolution__proposal__decided_by",
        )
    )


def _orphans(account: Account, day: date) -> QuerySet[Orphan]:
    return Orphan.objects.filter(account=account, day=day).select_related("record", "closed_by").order_by("id")
