"""Records: what a provider's statement says is kept as it came, each record once, and tied to its withdrawal by id."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.domain.sending.answer import Outcome
from payouts.domain.unknown.looking import RECORDED_WITHIN
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.models import Account, AuditEvent, ProviderRecord, Statement, Withdrawal
from payouts.workflow.alert import raise_alert
from payouts.workflow.unknown import claimed, proving

MOST_NOTED_AT_ONCE = 500


def note(
    account: Account, records: Iterable[Record], *, by: audit.Actor, statement: Statement | None = None
) -> list[ProviderRecord]:
    """Keep new records, and what is new about known ones; their rows in the order given.

    A record whose id is a withdrawal's provider id is linked to that withdrawal. The row of a record that now tells of
    another payment stays as it was; the trail, an alert and the day's review tell of it. Joins the caller's
    transaction.
    """
    rows: list[ProviderRecord] = []
    owned: list[tuple[ProviderRecord, Withdrawal]] = []
    fresh: list[ProviderRecord] = []
    given = list(records)
    with transaction.atomic():
        Account.objects.locked(account.pk)  # before any record, in the order of everybody who ties one to a withdrawal
        for start in range(0, len(given), MOST_NOTED_AT_ONCE):
            batch = given[start : start + MOST_NOTED_AT_ONCE]
            known = _known(account, batch)
            some = _note(account, batch, by=by, statement=statement)
            fresh += {row.pk: row for row in some if row.record_id not in known}.values()
            owned += _owned(account, some)
            rows += some
        for row, owner in sorted(owned, key=lambda pair: pair[0].record_id):  # the order of `claimed.hold`
            link(row, owner)
        proving.try_records(account, fresh, by=by)
    return rows


def link(row: ProviderRecord, withdrawal: Withdrawal) -> bool:
    """Tie an unclaimed record to a withdrawal for good; False when either is tied already.

    So it is where a lost call, or another account whose customer is or may be the same, has taken it for its own, by
    its id or by its transaction. The caller holds the withdrawal's lock, and ties several records in the order of their
    ids.
    """
    if ProviderRecord.objects.filter(withdrawal=withdrawal).exists():
        return False
    if claimed.is_taken(withdrawal, row.record_id, row.tx_id):
        return False
    tied = ProviderRecord.objects.unclaimed().filter(pk=row.pk).update(withdrawal=withdrawal)
    row.withdrawal = withdrawal if tied else row.withdrawal
    return tied == 1


def stretch_of(withdrawal: Withdrawal) -> tuple[datetime, datetime] | None:
    """From the first call until the provider cannot have made a record of any call any more.

    None when there was no call that may have been executed.
    """
    calls = [call for call in withdrawal.submissions.all() if call.outcome != Outcome.NOT_EXECUTED]
    if not calls:
        return None
    until = max((call.answered_at or call.deadline) for call in calls) + RECORDED_WITHIN
    return min(call.claimed_at for call in calls), until


def was_answered(withdrawal: Withdrawal) -> bool:
    """Whether the provider itself accepted a call of the withdrawal.

    A record that was only found to fit may be of an equal payment made elsewhere, while ours comes late: it is no
    reason to let the withdrawal be asked for again before people have looked.
    """
    return any(call.outcome == Outcome.ACCEPTED for call in withdrawal.submissions.all())


def _known(account: Account, records: list[Record]) -> set[str]:
    """The ids of those that are kept already."""
    rows = ProviderRecord.objects.filter(account=account, record_id__in=[record.provider_id for record in records])
    return set(rows.values_list("record_id", flat=True))


def _note(
    account: Account, records: list[Record], *, by: audit.Actor, statement: Statement | None
) -> list[ProviderRecord]:
    ids = [record.provider_id for record in records]
    new = [_row(account, record, statement) for record in records]
    ProviderRecord.objects.bulk_create(new, ignore_conflicts=True)
    found = ProviderRecord.objects.filter(account=account, record_id__in=ids).select_for_update(no_key=True)
    rows = {row.record_id: row for row in found.order_by("pk")}
    for record in records:
        _renew(rows[record.provider_id], record, by=by)
    ProviderRecord.objects.filter(pk__in=[row.pk for row in rows.values()]).update(last_seen_at=Now())
    return [rows[record.provider_id] for record in records]


def _owned(account: Account, rows: list[ProviderRecord]) -> list[tuple[ProviderRecord, Withdrawal]]:
    """Those that are not tied yet although a withdrawal carries their id, with that withdrawal; each once."""
    free = {row.record_id: row for row in rows if row.withdrawal_id is None}
    owners = Withdrawal.objects.filter(account=account, provider_id__in=free).select_related("account")
    return [(free[owner.provider_id], owner) for owner in owners]


def _renew(row: ProviderRecord, record: Record, *, by: audit.Actor) -> None:
    """Write down a new status, fee or transaction id; a record that tells of another payment changes nothing."""
    if _payment(row.as_record()) != _payment(record):
        _tell_of_contradiction(row, by=by)
        return
    changed = {
        name: value
        for name, value in _progress(record).items()
        if getattr(row, name) != value and not (name in ("tx_id", "fee") and value in ("", None))
    }
    if not changed:
        return
    if RecordStatus(row.status).is_final and "status" in changed:
        audit.record(
            Event.RECORD_CHANGED, by=by, about=row.account, record=row.record_id, old=row.status, new=record.status
        )
    ProviderRecord.objects.filter(pk=row.pk).update(raw=record.raw, **changed)
    for name, value in changed.items():
        setattr(row, name, value)


def _tell_of_contradiction(row: ProviderRecord, *, by: audit.Actor) -> None:
    """Audit and alert, once for each record, that it now names another recipient, coin, amount or time."""
    facts = {"record": row.record_id, "what": "payment"}
    told = AuditEvent.objects.about(row.account).filter(event=Event.RECORD_CHANGED)
    if told.filter(facts__record=row.record_id, facts__what="payment").exists():
        return
    audit.record(Event.RECORD_CHANGED, by=by, about=row.account, **facts)
    sentence = f"Account {row.account.name}: record {row.record_id} is not of the payment any more that it was of."
    raise_alert(Alert.ORPHAN_FOUND, about=row.account, sentence=sentence, by=by)


def _payment(record: Record) -> tuple[object, ...]:
    """The fields of a record that never change: whom it paid what, and when."""
    return record.coin, record.amount, record.address, record.created_at


def _progress(record: Record) -> dict[str, object]:
    return {
        "tx_id": record.tx_id,
        "fee": record.fee,
        "status": record.status.value,
        "status_text": record.status_text,
        "known": record.known,
    }


def _row(account: Account, record: Record, statement: Statement | None) -> ProviderRecord:
    return ProviderRecord(
        account=account,
        record_id=record.provider_id,
        coin=record.coin,
        amount=record.amount,
        address=record.address,
        created_at=record.created_at,
        raw=record.raw,
        statement=statement,
        **_progress(record),
    )
