"""Days that are over: withdrawals that were sent, and what a provider recorded, at times of a test's choosing."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.people.roles import Act
from payouts.domain.sending.answer import Outcome
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.models import (
    Account,
    Address,
    Approval,
    AuditEvent,
    Orphan,
    ProviderRecord,
    Statement,
    Submission,
    Withdrawal,
)
from payouts.models.sending.submission import OPEN
from payouts.workflow.days import review
from payouts.workflow.sending.witnessed import last_call
from payouts.workflow.unknown import evidence
from payouts.workflow.unknown.records import note
from tests.props.cast import Cast, raised
from tests.props.decisions import proof_of
from tests.props.rows.guards import forge, guards_off

_ids = itertools.count(20_001)
_OUTCOMES = {"submitting": OPEN, "unknown": Outcome.UNKNOWN, "refused": Outcome.REFUSED}


def days_ago(number: int) -> date:
    """The UTC day so many days before today."""
    return timezone.now().astimezone(UTC).date() - timedelta(days=number)


def at(day: date, clock: str = "12:00:00") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=UTC)


def sent(cast: Cast, payee: Address, moment: datetime, *, status: str = "completed", **changes: Any) -> Withdrawal:
    """A withdrawal that was asked for, approved by two people and sent at that moment, past every guard."""
    columns = {name: changes.pop(name) for name in ("provider_id", "tx_id", "fee") if name in changes}
    withdrawal = raised(cast, payee, **changes)
    code = {"error_code": "10001"} if status == "refused" else {}
    forge(withdrawal, status=status, requested_at=moment, status_changed_at=moment, **columns, **code)
    for approver in (cast.first_approver, cast.second_approver):
        _approval(withdrawal, approver, moment)
    with guards_off():
        Submission.objects.create(
            withdrawal=withdrawal,
            account=withdrawal.account,
            serial=last_call(withdrawal.account)[0] + 1,
            number=1,
            reference=withdrawal.reference,
            body="{}",
            digest=withdrawal.digest,
            worker="by hand",
            key_fingerprint=withdrawal.account.key_fingerprint,
            claimed_at=moment,
            deadline=moment + timedelta(seconds=90),
            outcome=_OUTCOMES.get(status, Outcome.ACCEPTED),
            answered_at=None if status == "submitting" else moment + timedelta(seconds=1),
        )
    return withdrawal


def _approval(withdrawal: Withdrawal, approver: User, moment: datetime) -> None:

    with guards_off():
        Approval.objects.create(
            proposal=withdrawal.proposal,
            approver=approver,
            digest=withdrawal.proposal.digest,
            proof=proof_of(approver, Act.APPROVE, withdrawal.proposal.digest),
            approved_at=moment,
        )


def record_of(withdrawal: Withdrawal, **changes: Any) -> Record:
    """The provider's record of that withdrawal, two seconds after it was sent."""
    facts: dict[str, Any] = {
        "provider_id": withdrawal.provider_id or f"line-{next(_ids)}",
        "tx_id": "",
        "coin": withdrawal.coin,
        "amount": withdrawal.amount,
        "fee": Decimal(1),
        "address": withdrawal.address.address,
        "status": RecordStatus.COMPLETED,
        "status_text": "Success",
        "known": True,
        "created_at": withdrawal.requested_at + timedelta(seconds=2),
        "raw": "{}",
    }
    return Record(**(facts | changes))


def stranger(moment: datetime, **changes: Any) -> Record:
    """A record of a payment that nobody here asked for."""
    facts: dict[str, Any] = {
        "provider_id": str(next(_ids)),
        "tx_id": "",
        "coin": "USDT",
        "amount": Decimal("9000"),
        "fee": None,
        "address": "666",
        "status": RecordStatus.COMPLETED,
        "status_text": "Success",
        "known": True,
        "created_at": moment,
        "raw": "{}",
    }
    return Record(**(facts | changes))


def row_of(account: Account, record: Record) -> ProviderRecord:
    """The stored row of a record."""
    return ProviderRecord.objects.get(account=account, record_id=record.provider_id)


def compared(account: Account, until: datetime | None = None) -> Account:
    """The account, set up a month ago; its provider's records were read and compared until then, or until now."""
    forge(account, created_at=at(days_ago(31)), reviewed_until=until or timezone.now())
    return account


def look_back(account: Account) -> list[Orphan]:
    """A review of what is to be read next, of which the rows hold the records already; its new orphans."""
    return review.review_recent(account, account.next_reading(), by=Worker("tests"))


def covering(account: Account, by: User, day: date) -> Statement:
    """An uploaded statement that is complete for the day, without a line."""
    file = evidence.keep("export.csv", b"x", by=by)
    since, until = at(day, "00:00"), at(day, "23:59:59")
    return Statement.objects.create(
        account=account, evidence=file, columns={}, since=since, until=until, lines=0, added_by=by
    )


def orphan_of(account: Account, moment: datetime | None = None) -> Orphan:
    """A record that a review found to be nobody's, yesterday unless told otherwise."""
    moment = moment or at(days_ago(1))
    record = stranger(moment)
    note(account, [record], by=Worker("tests"))
    review.review(account, moment.date(), by=Worker("tests"))
    return Orphan.objects.get(record__record_id=record.provider_id)


def kinds(account: Account) -> list[str]:
    """What a review of the day three days ago finds, twice looked: the second look finds nothing new."""
    day, by = days_ago(3), Worker("tests")
    review.review(account, day, by=by)
    before = list(Orphan.objects.values_list("pk", "closed_at"))
    assert review.review(account, day, by=by) == []
    assert list(Orphan.objects.values_list("pk", "closed_at")) == before
    return [orphan.kind for orphan in Orphan.objects.filter(account=account).order_by("pk")]


def reviewed(account: Account, ago: timedelta | None) -> Account:
    """The account, last reviewed so long ago; None is never."""
    account.reviewed_until = None if ago is None else timezone.now() - ago
    account.save(update_fields=["reviewed_until"])
    return account


def alerts(alert: Alert, about: Account | Orphan) -> list[str]:
    """What each such alert about it says, in turn."""
    rows = AuditEvent.objects.about(about).filter(event=Event.ALERT_RAISED, facts__alert=alert)
    return [row.facts["sentence"] for row in rows.order_by("id")]
