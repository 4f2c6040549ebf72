"""Reviews: orphans are written down, told and stop the account; later their partner is found or a person explains."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.alert import Alert
from payouts.domain.days import pairing, reviewing
from payouts.domain.days.exactness import exact
from payouts.domain.days.pairing import OrphanKind, Pairing
from payouts.domain.days.reading import TOO_YOUNG, Came, Reading
from payouts.domain.decisions.proposal import State
from payouts.domain.people.roles import Act
from payouts.domain.sending.answer import Outcome
from payouts.domain.stopping.pausing import Cause
from payouts.domain.texts import check_reason
from payouts.models import Account, AuditEvent, Orphan, Statement, Submission, Withdrawal, person
from payouts.workflow.alert import raise_alert
from payouts.workflow.attempt import attempt
from payouts.workflow.days.day import Rows, day_of, partners_of, rows_of, stretch
from payouts.workflow.days.lost import decided_since
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.stopping import pause
from payouts.workflow.unknown.records import link

UNREVIEWED_FOR = timedelta(hours=6)
TOLD_AGAIN_AFTER = timedelta(days=1)
FOUND = "Its partner was found."

OrphanKey = tuple[str, int | UUID | None]


@dataclass(frozen=True)
class FoundOrphan:
    """An orphan as the comparison shows it now, written already or not."""

    orphan: pairing.Mismatch
    day: date
    record: int | None  # of the table

    @property
    def key(self) -> OrphanKey:
        """What tells it from other orphans: its kind, and its record or else its withdrawal."""
        payment = self.orphan.payment
        return _key(self.orphan.kind.value, self.record, payment.id if payment else None)


def review(account: Account, day: date, *, by: Actor) -> list[Orphan]:
    """Compare a day with the records that are known of it, both ways; the orphans that are new.

    Each is written and told once; unless a setting says otherwise they pause the account in the same transaction.
    """
    with transaction.atomic(durable=True):
        return find_orphans(account, day, day, known_until=timezone.now(), by=by)


def review_recent(account: Account, reading: Reading, *, came_of_it: Came = Came.READ, by: Actor) -> list[Orphan]:
    """Compare every day of `reading`; the orphans that are new. Commits month by month.

    Earlier days are compared again when people have said since what became of a withdrawal or a lost call of theirs,
    because it may not be what was recorded. Records that could not be read prove nothing missing: people are told when
    that has gone on for hours.
    """
    found = []
    if reading.is_whole and reading.since <= (account.reviewed_until or account.created_at):  # else it may be unread
        for day in _resolved_since(account, reading.since):
            found += review(account, day, by=by)
    for first, last, until in reading.parts():
        with transaction.atomic(durable=True):
            found += find_orphans(account, first, last, known_until=reading.until, by=by)
            Account.objects.mark_reviewed(account.pk, since=reading.since, until=until)
    if came_of_it is not Came.READ:
        account.refresh_from_db()
        tell_when_unreviewed(account, came_of_it=came_of_it, by=by)
    return found


def tell_when_unreviewed(account: Account, *, came_of_it: Came = Came.UNREADABLE, by: Actor) -> None:
    """Raise an alert, one a day, when the account's records could not be read for UNREVIEWED_FOR. Commits.

    An account whose key is gone and whose withdrawals are all final is not used any more: one alert until its next
    review.
    """
    now = timezone.now()
    last = account.reviewed_until or account.created_at
    is_used = came_of_it is not Came.NOT_CONFIGURED or account.withdrawals.not_final().exists()
    since = now - TOLD_AGAIN_AFTER if is_used else last
    told = AuditEvent.objects.about(account).filter(event=Event.ALERT_RAISED, at__gt=since)
    if last > now - UNREVIEWED_FOR or told.filter(facts__alert=Alert.RECORDS_UNREADABLE).exists():
        return
    with transaction.atomic(durable=True):
        sentence = f"Account {account.name}: not since {last:%Y-%m-%d %H:%M} UTC."
        raise_alert(Alert.RECORDS_UNREADABLE, about=account, sentence=sentence, by=by)


def _resolved_since(account: Account, since: datetime) -> list[date]:
    """The earlier days on which something was sent of which people have said since `since` what became of it."""
    sent = Submission.objects.filter(account=account, is_resend=False, claimed_at__lt=since)
    said = sent.exclude(outcome=Outcome.NOT_EXECUTED).filter(
        withdrawal__resolution_lines__resolution__proposal__state=State.CARRIED,
        withdrawal__resolution_lines__resolution__proposal__decided_at__gte=since,
    )
    lost = decided_since(account, since)
    return sorted({day_of(moment) for moment in (*said.values_list("claimed_at", flat=True), *lost)})


def find_orphans(account: Account, first: date, last: date, *, known_until: datetime, by: Actor) -> list[Orphan]:
    """As review, for all days from first to last, in the caller's transaction.

    `known_until` is when the records were asked for: a withdrawal sent later is no orphan for having no record.
    """
    account = Account.objects.locked(account.pk)  # before any withdrawal: a claim waits, and then meets the pause
    since, until = stretch(first)[0], stretch(last)[1]
    rows = rows_of(account, since, until)
    told = rows.pairing()
    _link_exact(rows, told)
    found = [each for each in _orphans(rows, told, known_until) if since <= _moment(each.orphan) < until]
    known = _known(account, found)
    _close_found(rows, told, since=first, until=last, by=by)
    new = [_write(account, each, by=by) for each in found if each.key not in known]
    _tell(account, new, by=by)
    if new and settings.FREEZE_ON_ORPHAN:
        count = "A payment and the records disagree" if len(new) == 1 else f"{len(new)} payments and records disagree"
        pause.begin(account, Cause.ORPHAN, reason=f"{count}, the first on {new[0].day}: {new[0].what}", by=by)
    return new


def close_orphan(orphan_id: int, *, reason: str, by: User) -> Orphan:
    """Close an orphan with a person's explanation. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with attempt(Event.REVIEW_OBJECTED, by=by, act=Act.CLOSE_ORPHAN) as trying:
        orphan = Orphan.objects.locked(orphan_id)
        trying.on(orphan)
        trying.unless(reviewing.may_close_orphan(orphan.facts(), person(by)))
        _close(orphan, reason, closed_by=by, by=by)
    return orphan


def _orphans(rows: Rows, told: Pairing, known_until: datetime) -> Iterable[FoundOrphan]:
    """The orphans that the rows show, without those whose partner may still come by itself."""
    settled_before = known_until - TOO_YOUNG
    covered = list(Statement.objects.filter(account=rows.account).values_list("since", "until"))
    for orphan in told.orphans:
        moment = _moment(orphan)
        is_late = max(_moments(orphan)) <= settled_before
        # Without look-ups, nothing is missing until a file says what there is.
        is_told = not is_filed(rows.account) or any(since <= moment <= until for since, until in covered)
        if is_late and (is_told or orphan.kind is not OrphanKind.WITHDRAWAL_WITHOUT_RECORD):
            record = rows.records[orphan.entry.record.provider_id].pk if orphan.entry else None
            yield FoundOrphan(orphan, day_of(moment), record)


def _moment(orphan: pairing.Mismatch) -> datetime:
    """When the withdrawal was sent; when the record was made where nothing was sent."""
    return _moments(orphan)[0]


def _moments(orphan: pairing.Mismatch) -> list[datetime]:
    """When the withdrawal was sent and when the record was made, as far as there are both."""
    sent = [orphan.payment.sent_at] if orphan.payment else []
    return sent + ([orphan.entry.record.created_at] if orphan.entry else [])


def _link_exact(rows: Rows, told: Pairing) -> None:
    """Link the pairs that are beyond doubt, for good, so that no other withdrawal can claim the record."""
    lost = [pair.entry for pair in told.lost]
    free = [entry for entry in rows.entries() if entry not in lost]
    sure = exact(told.pairs, free, rows.payments(), within=rows.within)
    ids = sorted(pair.payment.id for pair in sure)
    held = {row.pk: row for row in Withdrawal.objects.filter(pk__in=ids).select_for_update().order_by("pk")}
    for pair in sorted(sure, key=lambda pair: pair.entry.record.provider_id):
        link(rows.records[pair.entry.record.provider_id], held[pair.payment.id])


def _key(kind: str, record: int | None, withdrawal: UUID | None) -> OrphanKey:
    """The kind, and the record where there is one: the withdrawal that it is compared with may change."""
    return kind, record or withdrawal


def _known(account: Account, found: list[FoundOrphan]) -> set[OrphanKey]:
    records = [each.record for each in found if each.record]
    payments = [each.orphan.payment.id for each in found if each.orphan.payment]
    rows = Orphan.objects.filter(Q(record__in=records) | Q(withdrawal__in=payments), account=account)
    # One that closed by itself, and is there again, is told again; one that somebody explained is not.
    rows = rows.filter(Q(closed_at=None) | Q(closed_by__isnull=False))
    return {_key(*row) for row in rows.values_list("kind", "record_id", "withdrawal_id")}


def _write(account: Account, found: FoundOrphan, *, by: Actor) -> Orphan:
    orphan = Orphan.objects.create(
        account=account,
        day=found.day,
        kind=found.orphan.kind.value,
        record_id=found.record,
        withdrawal_id=found.orphan.payment.id if found.orphan.payment else None,
        what=found.orphan.what[:300],
        found_at=timezone.now(),
    )
    facts = {"account": account.name, "day": str(found.day), "kind": orphan.kind}
    audit.record(Event.ORPHAN_FOUND, by=by, about=orphan, what=orphan.what, **facts)
    return orphan


def _tell(account: Account, new: list[Orphan], *, by: Actor) -> None:
    """One alert for all of a review: a statement that belongs to another account would raise thousands."""
    if len(new) == 1:
        sentence = f"Account {account.name}, {new[0].day}: {OrphanKind(new[0].kind).label.lower()}."
        raise_alert(Alert.ORPHAN_FOUND, about=new[0], sentence=sentence, by=by)
    elif new:
        sentence = f"Account {account.name}: {len(new)} payments and records, the first on {new[0].day}."
        raise_alert(Alert.ORPHAN_FOUND, about=account, sentence=sentence, by=by)


def _close_found(rows: Rows, told: Pairing, *, since: date, until: date, by: Actor) -> None:
    """Close the open orphans that have their partner by now, or do not differ any more."""
    agreeing = {(rows.records[each.entry.record.provider_id].pk, each.payment.id) for each in told.pairs}
    both = partners_of(told)
    entries = [*(entry for entry, _ in both), *told.elsewhere, *(pair.entry for pair in told.others)]
    entries += [pair.entry for pair in told.lost]
    records = {rows.records[entry.record.provider_id].pk for entry in entries}
    payments = {payment.id for _, payment in both}
    still_open = Orphan.objects.open().filter(account=rows.account, day__range=(since, until))
    for orphan in still_open.select_for_update(of=("self",)).order_by("pk"):  # somebody may be explaining one
        match OrphanKind(orphan.kind):
            case OrphanKind.RECORD_WITHOUT_WITHDRAWAL:
                is_over = orphan.record_id in records
            case OrphanKind.WITHDRAWAL_WITHOUT_RECORD:
                is_over = orphan.withdrawal_id in payments
            case OrphanKind.DIFFERS:
                is_over = (orphan.record_id, orphan.withdrawal_id) in agreeing
        if is_over:
            _close(orphan, FOUND, closed_by=None, by=by)


def _close(orphan: Orphan, reason: str, *, closed_by: User | None, by: Actor) -> None:
    orphan.closed_at = timezone.now()
    orphan.closed_by = closed_by
    orphan.closed_because = reason
    orphan.save(update_fields=["closed_at", "closed_by", "closed_because"])
    audit.record(Event.ORPHAN_CLOSED, by=by, about=orphan, why=reason)
