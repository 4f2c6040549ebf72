"""Raw SQL against records and looks: what a provider said is kept, belongs to one payment, and is dated by nobody."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Look, ProviderRecord, Withdrawal
from tests.props.cast import Cast, raised
from tests.props.rows.guards import forge
from tests.props.rows.rows import GIVEN, accepted, look_row, record_of, record_row, unknown
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

NOW = timezone.now()


@pytest.fixture
def taken(cast: Cast, payee: Address) -> Withdrawal:
    """The provider took it, under the id GIVEN."""
    return accepted(cast, payee)


@pytest.fixture
def record(taken: Withdrawal) -> ProviderRecord:
    """It belongs to the withdrawal that was taken."""
    insert("providerrecord", **record_of(taken, status="pending"))
    return ProviderRecord.objects.get()


# -- records --


def test_a_record_has_one_row_in_an_account(treasury: Account, merchant: Account) -> None:
    insert("providerrecord", **record_row(treasury))
    insert("providerrecord", **record_row(merchant))
    with refused_by("one_row_per_provider_record"):
        insert("providerrecord", **record_row(treasury))


def test_a_record_has_a_known_status(treasury: Account) -> None:
    with refused_by("record_status_is_known"):
        insert("providerrecord", **record_row(treasury, status="perhaps"))


def test_a_withdrawal_has_one_record(taken: Withdrawal, record: ProviderRecord) -> None:
    with refused_by("payouts_providerrecord_withdrawal_id_key"):
        insert("providerrecord", **record_of(taken, record_id="10196"))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("record_id", "10196"),
        ("coin", "USDC"),
        ("amount", "1250.01"),
        ("address", "54321"),
        ("created_at", NOW - timedelta(days=1)),
    ],
)
def test_what_a_record_says_never_changes(record: ProviderRecord, column: str, value: Any) -> None:
    with refused_by("what_a_record_says_never_changes"):
        update(record, **{column: value})


def test_a_record_stays_in_its_account(record: ProviderRecord, merchant: Account) -> None:
    with refused_by("what_a_record_says_never_changes"):
        update(record, account_id=merchant.pk)


def test_how_far_a_record_has_come_may_change(record: ProviderRecord) -> None:
    update(record, status="completed", status_text="Transferred successfully", fee="1", tx_id="ab", raw="[]")


def test_a_record_keeps_its_withdrawal(cast: Cast, record: ProviderRecord, payee: Address) -> None:
    for other in (unknown(cast, payee, amount=Decimal("7")).pk, None):
        with refused_by("a_record_keeps_its_withdrawal"):
            update(record, withdrawal_id=other)


def test_a_record_belongs_to_a_withdrawal_of_its_own_account(taken: Withdrawal, merchant: Account) -> None:
    with refused_by("a_record_is_of_its_own_account"):
        insert("providerrecord", **record_of(taken, account_id=merchant.pk))


@pytest.mark.parametrize("status", ["awaiting_approval", "approved", "rejected", "cancelled", "expired"])
def test_no_record_is_hidden_behind_what_was_never_sent(cast: Cast, payee: Address, status: Status) -> None:
    asked = raised(cast, payee)
    forge(asked, status=status)
    insert("providerrecord", **record_row(payee.account))
    with refused_by("only_what_was_sent_has_a_record"):
        update(ProviderRecord.objects.get(), withdrawal_id=asked.pk)
    with refused_by("only_what_was_sent_has_a_record"):
        insert("providerrecord", **record_of(asked, record_id="10196"))


def test_records_are_never_deleted(record: ProviderRecord) -> None:
    with refused_by("records_are_never_deleted"):
        delete(record)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("records_are_never_deleted"):
        truncate("providerrecord")


# -- what a record leads to --


def test_what_is_found_has_a_record_of_that_id(cast: Cast, payee: Address) -> None:
    lost = unknown(cast, payee)
    for columns in ({}, {"provider_id": GIVEN}):
        with refused_by("found_means_a_record_or_an_answer"):
            update(lost, status="submitted", **columns)
    insert("providerrecord", **record_of(lost, status="pending"))
    with refused_by("found_means_a_record_or_an_answer"):
        update(lost, status="submitted", provider_id="10196")
    update(lost, status="submitted", provider_id=GIVEN)


@pytest.mark.parametrize("changes", [{"coin": "USDC"}, {"amount": "1250.01"}])
def test_a_record_of_another_payment_finds_and_ends_nothing(
    cast: Cast, payee: Address, changes: dict[str, str]
) -> None:
    lost = unknown(cast, payee)
    insert("providerrecord", **record_of(lost, **changes))
    with refused_by("found_means_a_record_or_an_answer"):
        update(lost, status="submitted", provider_id=GIVEN)
    with refused_by("it_ends_by_evidence"):
        update(lost, status="completed")


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_what_was_taken_ends_as_its_record_says(taken: Withdrawal, record: ProviderRecord, status: str) -> None:
    with refused_by("it_ends_by_evidence"):
        update(taken, status=status)
    update(record, status=status)
    with refused_by("it_ends_by_evidence"):
        update(taken, status="failed" if status == "completed" else "completed")
    update(taken, status=status)


def test_what_was_taken_does_not_end_by_a_record_of_another_id(taken: Withdrawal) -> None:
    insert("providerrecord", **record_of(taken, record_id="10196"))
    with refused_by("it_ends_by_evidence"):
        update(taken, status="completed")


def test_nothing_ends_by_a_record_that_nobody_tied_to_it(taken: Withdrawal) -> None:
    insert("providerrecord", **record_of(taken, withdrawal_id=None))
    with refused_by("it_ends_by_evidence"):
        update(taken, status="completed")


# -- looks --


def test_nobody_dates_a_look_but_the_database(cast: Cast, payee: Address) -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    insert("look", **look_row(unknown(cast, payee), looked_at=an_hour_ago))
    assert Look.objects.get().looked_at > an_hour_ago + timedelta(minutes=50)


def test_looks_never_change(cast: Cast, payee: Address) -> None:
    insert("look", **look_row(unknown(cast, payee)))
    look = Look.objects.get()
    for columns in ({"result": "found"}, {"looked_at": NOW - timedelta(hours=1)}, {"since": NOW - timedelta(hours=1)}):
        with refused_by("looks_never_change"):
            update(look, **columns)
    with refused_by("looks_never_change"):
        delete(look)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("looks_never_change"):
        truncate("look")
