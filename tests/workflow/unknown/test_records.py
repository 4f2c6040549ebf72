"""Records that are kept: what one said first stays, and people are told once when it says something else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.unknown.record import RecordStatus
from payouts.models import Account, ProviderRecord
from payouts.workflow.unknown.records import note
from tests.props.days import at, days_ago, row_of, stranger
from tests.props.trail import told

BY = Worker("tests")
NOON = at(days_ago(3))
FIRST = stranger(NOON, provider_id="777", status=RecordStatus.PENDING, status_text="Pending Review")


@pytest.mark.parametrize(
    "changes",
    [{"coin": "BTC"}, {"amount": Decimal(9001)}, {"address": "667"}, {"created_at": NOON + timedelta(seconds=1)}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_record_goes_on_saying_whom_it_paid_what_and_people_are_told_once(
    treasury: Account, changes: dict[str, Any]
) -> None:
    note(treasury, [FIRST], by=BY)
    contrary = replace(FIRST, status=RecordStatus.COMPLETED, **changes)
    with told() as events:
        for _ in range(3):
            assert [row.as_record() for row in note(treasury, [contrary], by=BY)] == [FIRST]
    assert ProviderRecord.objects.get().as_record() == FIRST
    changed, alert = events
    assert (changed.event, changed.facts) == (Event.RECORD_CHANGED, {"record": "777", "what": "payment"})
    assert (alert.event, alert.facts["alert"]) == (Event.ALERT_RAISED, Alert.ORPHAN_FOUND)
    assert alert.subject_id == changed.subject_id == str(treasury.pk)
    assert alert.facts["sentence"].startswith("Account treasury: record 777 ")


def test_each_record_and_each_account_is_told_of_for_itself(treasury: Account, merchant: Account) -> None:
    records = [FIRST, replace(FIRST, provider_id="778")]
    contrary = [replace(record, amount=Decimal(1)) for record in records]
    with told() as events:
        for account in (treasury, merchant):
            note(account, records, by=BY)
            note(account, contrary, by=BY)
    alerts = [event.facts["sentence"].split()[1:4] for event in events if event.event == Event.ALERT_RAISED]
    assert alerts == [[f"{name}:", "record", number] for name in ("treasury", "merchant") for number in ("777", "778")]


def test_what_changed_before_its_payment_did_keeps_nobody_from_being_told(treasury: Account) -> None:
    note(treasury, [replace(FIRST, status=RecordStatus.COMPLETED)], by=BY)
    note(treasury, [replace(FIRST, status=RecordStatus.FAILED)], by=BY)
    with told() as events:
        note(treasury, [replace(FIRST, amount=Decimal(1))], by=BY)
    assert [event.event for event in events] == [Event.RECORD_CHANGED, Event.ALERT_RAISED]


def test_progress_is_written_down_and_contradicts_nothing(treasury: Account) -> None:
    later = replace(FIRST, status=RecordStatus.COMPLETED, status_text="Success", tx_id="0xa1", fee=Decimal(1))
    with told() as events:
        note(treasury, [FIRST], by=BY)
        note(treasury, [later], by=BY)
    assert row_of(treasury, FIRST).as_record() == later
    assert events == []
