"""Looking: what a provider's records tell of withdrawals that are unknown or accepted, written down one by one."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Min
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.sending.backoff import LONGEST_WAIT, look_again_in, poll_again_in
from payouts.domain.sending.customers import are_one
from payouts.domain.sending.promises import Promises
from payouts.domain.unknown.looking import may_resend, needs_a_person
from payouts.domain.unknown.matching import Absent, Ambiguous, Found, find, same_payment
from payouts.domain.unknown.record import Listed, Record, Records, RecordStatus, Unavailable
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, AuditEvent, Look, LostCall, ProviderRecord, Withdrawal
from payouts.models.unknown.record import LookResult
from payouts.workflow import queue
from payouts.workflow.alert import raise_alert
from payouts.workflow.unknown import claimed, resolution
from payouts.workflow.unknown.records import link, note, stretch_of, was_answered
from payouts.workflow.unknown.resend import looks_of
from payouts.workflow.withdrawals.transition import move

log = logging.getLogger(__name__)

MOST_LOOKED_FOR_AT_ONCE = 200
FAILED_LOOKS_UNTIL_TOLD = 3  # looks in a row that may fail before people are told
FOLLOWED_LONG = 8  # looks at something accepted, about an hour, before people are told that no record shows it


@dataclass(frozen=True)
class Due:
    """A withdrawal to be looked up, and the stretch of time in which the provider may have made its record."""

    id: UUID
    since: datetime
    until: datetime
    asked_at: datetime  # by the database's clock: before the provider is asked


def due(account: Account) -> list[Due]:
    """The account's withdrawals to be looked up now, the most overdue first; MOST_LOOKED_FOR_AT_ONCE at most."""
    rows = Withdrawal.objects.to_look_up().filter(account=account).annotate(asked_at=Now())
    found = rows.prefetch_related("submissions")[:MOST_LOOKED_FOR_AT_ONCE]
    stretches = [(row, stretch_of(row)) for row in found]
    return [Due(row.pk, *stretch, row.asked_at) for row, stretch in stretches if stretch]


def accounts_due() -> list[str]:
    """Names of the accounts that have something to be looked up now."""
    rows = Withdrawal.objects.to_look_up().order_by().values_list("account__name", flat=True)
    return sorted({*rows, *LostCall.objects.to_look_up().order_by().values_list("account__name", flat=True)})


def settle(account: Account, said: Records, looked_up: Iterable[Due], *, promises: Promises, by: Worker) -> None:
    """Write down what the provider's records say of each withdrawal, each in a transaction of its own.

    `promises` are those of the code that asked.
    """
    if isinstance(said, Listed):
        note(account, said.records, by=by)
    for one in looked_up:
        try:
            _settle_one(account, said, one, promises, by=by)
        except IntegrityError:  # a guard of the database refused it: our fault, and no other withdrawal's
            log.exception("look not settled", extra={"reference": one.id.hex})
            _again(Withdrawal.objects.get(pk=one.id), LONGEST_WAIT)


def _settle_one(account: Account, said: Records, one: Due, promises: Promises, *, by: Worker) -> None:
    with transaction.atomic(durable=True):
        Account.objects.locked(account.pk)
        withdrawal = Withdrawal.objects.locked(one.id)
        if not withdrawal.submissions.open().exists():
            _settle(withdrawal, said, one, promises, by=by)


def _settle(withdrawal: Withdrawal, said: Records, one: Due, promises: Promises, *, by: Worker) -> None:
    match Status(withdrawal.status), said:
        case Status.UNKNOWN, Listed(records=records):
            _find(withdrawal, records, one, promises, by=by)
        case Status.UNKNOWN, Unavailable(code=code, retry_after=wait):
            _look(withdrawal, one, LookResult.UNAVAILABLE, code=code)
            if withdrawal.looks_taken >= FAILED_LOOKS_UNTIL_TOLD:
                _call_people(withdrawal, f"The provider's records cannot be read ({code}).", by=by)
            _again(withdrawal, look_again_in(withdrawal.looks_taken, at_least=settings.LOOK_AGAIN_AFTER), wait)
        case Status.SUBMITTED, Listed():
            _follow(withdrawal, by=by)
        case Status.SUBMITTED, Unavailable(code=code, retry_after=wait):
            if withdrawal.looks_taken >= FOLLOWED_LONG:
                _call_people(withdrawal, f"It was accepted, and the provider's records cannot be read ({code}).", by=by)
            _again(withdrawal, poll_again_in(withdrawal.looks_taken), wait)
        case _:
            pass  # it ended while the provider was asked


def _find(withdrawal: Withdrawal, records: Sequence[Record], one: Due, promises: Promises, *, by: Worker) -> None:
    order = withdrawal.order()
    same = [each for each in records if same_payment(order, each)]
    others = _claimed(withdrawal) | claimed.of_lost_calls(withdrawal, same)
    others |= claimed.elsewhere(
        withdrawal.account_id, [each.provider_id for each in same], are_one, own=withdrawal.at_provider()
    )
    match find(order, records, claimed_ids=others, sent_after=one.since, sent_before=one.until):
        case Found(record=record) if record.status is RecordStatus.FAILED:
            # It may be of an equal payment made elsewhere, while ours comes late: tied to it, ours could never be said.
            _leave_to_people(withdrawal, one, 1, "A record that fits it says that it was not paid.", by=by)
        case Found(record=record):
            _found(withdrawal, record, one, by=by)
        case Ambiguous(count=count):
            _leave_to_people(withdrawal, one, count, f"{count} records of the provider fit it.", by=by)
        case Absent() if withdrawal.looks.filter(looked_at__gt=one.asked_at).exists():
            # This worker was held up: what it read is older than a look that is dated before it. Nor are the two apart.
            _look(withdrawal, one, LookResult.UNAVAILABLE, code="stale")
            _again(withdrawal, look_again_in(withdrawal.looks_taken, at_least=settings.LOOK_AGAIN_AFTER))
        case Absent():
            _look(withdrawal, one, LookResult.ABSENT)
            again = look_again_in(withdrawal.looks_taken, at_least=settings.LOOK_AGAIN_AFTER)
            _again(withdrawal, max(again, settings.LOOK_AGAIN_AFTER))  # asked no sooner, so that two are always apart
            _absent(withdrawal, promises, by=by)
        case nothing_else:
            assert_never(nothing_else)


def _found(withdrawal: Withdrawal, record: Record, one: Due, *, by: Worker) -> None:
    row = ProviderRecord.objects.get(account=withdrawal.account, record_id=record.provider_id)
    if not same_payment(withdrawal.order(), row.as_record()) or not link(row, withdrawal):
        # It told of another payment before, or is another withdrawal's by now, be it in another account.
        _leave_to_people(withdrawal, one, 1, "A record fits that is or was another payment's.", by=by)
        return
    _look(withdrawal, one, LookResult.FOUND, fitting=1)
    move(
        withdrawal,
        Status.SUBMITTED,
        by=by,
        why="found in the provider's records",
        provider_id=record.provider_id,
        looks_taken=0,
        next_look_at=Now() + poll_again_in(0),
    )
    resolution.overtaken(withdrawal, by=by)
    _follow(withdrawal, by=by)


def _leave_to_people(withdrawal: Withdrawal, one: Due, count: int, sentence: str, *, by: Worker) -> None:
    _look(withdrawal, one, LookResult.AMBIGUOUS, fitting=count)
    _call_people(withdrawal, sentence, by=by)
    _again(withdrawal, look_again_in(withdrawal.looks_taken, at_least=settings.LOOK_AGAIN_AFTER))


def _absent(withdrawal: Withdrawal, promises: Promises, *, by: Worker) -> None:
    looks = looks_of(withdrawal, promises)
    if may_resend(looks, apart=settings.LOOK_AGAIN_AFTER):
        if withdrawal.equals_in_flight().exists():
            _call_people(withdrawal, "An equal payment of the same customer is not known: it is not sent again.", by=by)
        queue.nudge(withdrawal.account.name)
    elif needs_a_person(looks, apart=settings.LOOK_AGAIN_AFTER):
        _call_people(withdrawal, "The provider's records do not show it.", by=by)


def _call_people(withdrawal: Withdrawal, sentence: str, *, by: Worker) -> None:
    """Raise the alert for people, once per status: looking will most likely not settle the withdrawal."""
    called = AuditEvent.objects.about(withdrawal).filter(event=Event.ALERT_RAISED, at__gte=withdrawal.status_changed_at)
    if not called.filter(facts__alert=Alert.UNKNOWN_NEEDS_A_PERSON).exists():
        raise_alert(Alert.UNKNOWN_NEEDS_A_PERSON, about=withdrawal, sentence=sentence, by=by)


def _follow(withdrawal: Withdrawal, *, by: Worker) -> None:
    """Move a SUBMITTED withdrawal when its record is final; else keep what the record says, and look again later."""
    row = ProviderRecord.objects.filter(withdrawal=withdrawal).first()
    if row is None and withdrawal.looks_taken >= FOLLOWED_LONG:
        _call_people(withdrawal, "The provider accepted it, and its records do not show it.", by=by)
    if row is None or not same_payment(withdrawal.order(), row.as_record()):
        _again(withdrawal, poll_again_in(withdrawal.looks_taken))  # the day's review tells people
        return
    facts = {"tx_id": row.tx_id, "fee": row.fee, "record_status": row.status_text}
    match RecordStatus(row.status):
        case RecordStatus.COMPLETED:
            move(withdrawal, Status.COMPLETED, by=by, why=row.status_text, **facts)
            resolution.overtaken(withdrawal, by=by)
        case RecordStatus.FAILED if not was_answered(withdrawal):
            _call_people(withdrawal, "A record that fits it says that it was not paid.", by=by)
            Withdrawal.objects.filter(pk=withdrawal.pk).update(record_status=row.status_text)
            _again(withdrawal, poll_again_in(withdrawal.looks_taken))
        case RecordStatus.FAILED:
            because = f"The provider's record says: {row.status_text}."
            move(withdrawal, Status.FAILED, by=by, why=row.status_text, closed_because=because, **facts)
            resolution.overtaken(withdrawal, by=by)
        case RecordStatus.PENDING:
            _still_pending(withdrawal, row, by=by)


def _still_pending(withdrawal: Withdrawal, row: ProviderRecord, *, by: Worker) -> None:
    if row.status_text != withdrawal.record_status:
        Withdrawal.objects.filter(pk=withdrawal.pk).update(record_status=row.status_text)
        audit.record(Event.RECORD_CHANGED, by=by, about=withdrawal, record=row.record_id, new=row.status_text)
        if not row.known:
            sentence = f"{withdrawal.reference}: what its record says now stands on its page."
            raise_alert(Alert.UNDOCUMENTED_STATUS, about=withdrawal, sentence=sentence, by=by)
    _again(withdrawal, poll_again_in(withdrawal.looks_taken))


def _look(withdrawal: Withdrawal, one: Due, result: LookResult, *, fitting: int = 0, code: str = "") -> None:
    Look.objects.create(
        withdrawal=withdrawal, since=one.since, until=one.until, result=result, fitting=fitting, code=code[:32]
    )


def _again(withdrawal: Withdrawal, wait: timedelta, at_least: float = 0.0) -> None:
    later = Now() + max(wait, timedelta(seconds=at_least))
    taken = withdrawal.looks_taken + 1
    Withdrawal.objects.filter(pk=withdrawal.pk).update(next_look_at=later, looks_taken=taken)


def _claimed(withdrawal: Withdrawal) -> frozenset[str]:
    """The ids of the account's records of other withdrawals, of the time since an hour before the first call."""
    first = withdrawal.submissions.aggregate(at=Min("claimed_at"))["at"]
    tied = ProviderRecord.objects.filter(account=withdrawal.account, created_at__gte=first - timedelta(hours=1))
    others = tied.exclude(withdrawal=None).exclude(withdrawal=withdrawal)
    return frozenset(others.values_list("record_id", flat=True))
