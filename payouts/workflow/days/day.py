"""A day of an account, read from the rows: what was sent, what was recorded, and which belong together. Writes nothing.

A withdrawal is of the day on which the call that may have paid it began; a record, of the day on which the provider
made it. Days are UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from payouts.domain.days.day import DayStatement, ElsewhereLine, OrphanLine, PaymentLine, RecordLine
from payouts.domain.days.pairing import Pairing, pair
from payouts.domain.days.partners import Entry, Payment
from payouts.domain.days.reading import Stretch
from payouts.domain.decisions.proposal import State
from payouts.domain.sending.pace import LONGEST_CALL
from payouts.domain.unknown.looking import RECORDED_WITHIN
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Approval, Orphan, ProviderRecord, Resolution, Statement, Submission, Withdrawal
from payouts.workflow.days.elsewhere import first_calls, payment_of, sent_elsewhere
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
        return pair(self.entries(), self.payments(), within=self.within)


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
    return Rows(account, calls, records, sent_elsewhere(account, since, until, records.keys()))


def statement_of(account: Account, day: date) -> DayStatement:
    """The day as it stands now: what its page shows and what a sign-off signs."""
    since, until = stretch(day)
    rows = rows_of(account, since, until)
    pairing = rows.pairing()
    partners = {payment.id: entry.record.provider_id for entry, payment in partners_of(pairing)}
    others = [*((pair, True) for pair in pairing.others), *((pair, False) for pair in pairing.maybe_others)]
    whose = {pair.entry.record.provider_id: (pair.payment, is_sure) for pair, is_sure in others}
    paired = {*partners.values(), *whose, *(entry.record.provider_id for entry in pairing.elsewhere)}
    calls = sorted(rows.calls.values(), key=lambda call: (call.claimed_at, call.pk))
    records = sorted(rows.records.values(), key=lambda row: (row.created_at, row.pk))
    of_the_day = [row for row in records if since <= row.created_at < until]
    return DayStatement(
        account=account.name,
        provider=account.provider,
        day=day,
        payments=tuple(
            _payment_line(call.withdrawal, call.claimed_at, rows.records.get(partners.get(call.withdrawal_id, "")))
            for call in calls
            if since <= call.claimed_at < until
        ),
        alone=tuple(record_line(row) for row in of_the_day if row.record_id not in paired),
        orphans=tuple(_orphan_line(row) for row in _orphans(account, day)),
        elsewhere=tuple(_elsewhere_line(row, *whose[row.record_id]) for row in of_the_day if row.record_id in whose),
    )


def partners_of(pairing: Pairing) -> list[tuple[Entry, Payment]]:
    """Who belongs to whom, those that differ included."""
    differing = [(each.entry, each.payment) for each in pairing.orphans if each.entry and each.payment]
    return [*((pair.entry, pair.payment) for pair in pairing.pairs), *differing]


def participants(account: Account, day: date) -> frozenset[int]:
    """The people who made or checked anything of the day: asked, approved, resolved, uploaded or explained."""
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
    parts = [
        behind_what_was_sent,
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


def record_line(row: ProviderRecord) -> RecordLine:
    """The record as statements show it."""
    return RecordLine(
        record_id=row.record_id,
        tx_id=row.tx_id,
        coin=row.coin,
        amount=row.amount,
        fee=row.fee,
        address=row.address,
        status=row.status,
        status_text=row.status_text,
        created_at=row.created_at,
    )


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


def _payment_line(withdrawal: Withdrawal, sent_at: datetime, record: ProviderRecord | None) -> PaymentLine:
    found = [line.resolution for line in withdrawal.resolution_lines.all()]
    confirmed = [each for each in found if each.proposal.state == State.CARRIED]
    people = [person for each in confirmed for person in (each.proposed_by, each.proposal.decided_by) if person]
    address = withdrawal.address
    return PaymentLine(
        id=withdrawal.pk,
        payee=f"{address.label}, {address.owner}",
        address=f"+{address.area_code} {address.address}" if address.area_code else address.address,
        coin=withdrawal.coin,
        amount=withdrawal.amount,
        status=Status(withdrawal.status),
        sent_at=sent_at,
        provider_id=withdrawal.provider_id,
        tx_id=withdrawal.tx_id,
        fee=withdrawal.fee if withdrawal.fee is not None or record is None else record.fee,
        requested_by=withdrawal.requested_by.get_username(),
        approved_by=tuple(approval.approver.get_username() for approval in withdrawal.proposal.approvals.all()),
        resolved_by=tuple(person.get_username() for person in people),
        record=record_line(record) if record else None,
    )


def _elsewhere_line(row: ProviderRecord, payment: Payment, is_sure: bool) -> ElsewhereLine:
    return ElsewhereLine(record_line(row), payment.elsewhere, payment.id, is_sure)


def _orphan_line(orphan: Orphan) -> OrphanLine:
    return OrphanLine(
        id=orphan.pk,
        kind=orphan.get_kind_display(),
        what=orphan.what,
        payment=orphan.withdrawal_id,
        record=record_line(orphan.record) if orphan.record else None,
        closed_by=orphan.closed_by.get_username() if orphan.closed_by else "",
        closed_because=orphan.closed_because,
    )
