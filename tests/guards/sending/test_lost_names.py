"""One payment is one withdrawal's or one lost call's, by its id, its transaction and its answer: by raw SQL."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from payouts.domain.unknown.attestation import transaction
from payouts.models import Account, Address, LostCall, LostFinding, ProviderRecord, Withdrawal
from tests.props.accounts.twins import said, same_payee, twin_of
from tests.props.cast import Cast, active_address
from tests.props.rows.decisions import carry, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.lost import lost_call, lost_finding_row, over
from tests.props.rows.rows import GIVEN, record_of, record_row, unknown
from tests.props.rows.sql import insert, refused_by, update

pytestmark = pytest.mark.django_db

TX = "0x" + "ab" * 32
SPELLINGS = [TX, TX[2:], TX[2:].upper()]
NOT_PAID = {"verdict": "not_paid", "found_as": ""}


@pytest.fixture
def call(cast: Cast, payee: Address) -> LostCall:
    """Of a withdrawal that was cancelled meanwhile."""
    return over(cast, payee)


def known_as(call: LostCall, told: str) -> LostCall:
    """As two people found it, past the guards; everything goes on."""
    forge(call, verdict="paid", found_as=told, decided_id=call.pause.proposal_id)
    forge(call.pause, released_at=timezone.now())
    return call


def other(cast: Cast, payee: Address) -> Withdrawal:
    """Unknown, of another amount."""
    return unknown(cast, payee, amount=Decimal(7))


def found(call: LostCall, cast: Cast, **changes: Any) -> LostFinding:
    row = lost_finding_row(call, cast.third_approver, **changes)
    insert("lostfinding", **row)
    return LostFinding.objects.get(pk=row["id"])


def decide(call: LostCall, cast: Cast, **changes: Any) -> None:
    """Carried by the first approver, and written beside the call."""
    finding = found(call, cast, **changes)
    carry(finding.proposal, cast.first_approver)
    update(call, verdict=finding.verdict, found_as=finding.found_as, decided_id=finding.proposal_id)


@pytest.mark.parametrize("told", [*SPELLINGS, GIVEN, TX[:-1], "page 3", ""])
def test_database_and_rule_compare_transactions_by_the_same_spelling(told: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(countersign_transaction(%s), '')", [told])
        assert cursor.fetchone() == (transaction(told),)


# -- what a withdrawal takes --


@pytest.mark.parametrize("told", SPELLINGS)
def test_a_record_of_a_lost_calls_transaction_is_no_withdrawals(
    cast: Cast, payee: Address, call: LostCall, told: str
) -> None:
    known_as(call, told)
    asked = other(cast, payee)
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(asked, tx_id=TX))
    insert("providerrecord", **record_row(payee.account, tx_id=TX))
    with refused_by("a_record_is_claimed_once"):
        update(ProviderRecord.objects.get(), withdrawal_id=asked.pk)
    with refused_by("a_record_is_claimed_once"):
        update(asked, status="submitted", provider_id=GIVEN)
    forge(call.withdrawal, recipient_key="somebody else")  # type: ignore[arg-type]
    update(ProviderRecord.objects.get(), withdrawal_id=asked.pk)


def test_where_its_payee_is_gone_it_may_be_anybody(cast: Cast, payee: Address, treasury: Account) -> None:
    known_as(lost_call(treasury), TX)
    asked = other(cast, payee)
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(asked, tx_id=TX))


def test_what_the_provider_answered_is_more_than_a_transaction(cast: Cast, payee: Address, call: LostCall) -> None:
    known_as(call, TX)
    asked = other(cast, payee)
    forge(asked, status="submitted", provider_id=GIVEN)
    insert("providerrecord", **record_of(asked, tx_id=TX))


@pytest.mark.parametrize("told", SPELLINGS)
@pytest.mark.parametrize("by_id", [True, False])
def test_a_lost_calls_transaction_is_no_withdrawals(
    cast: Cast, payee: Address, call: LostCall, told: str, by_id: bool
) -> None:
    insert("providerrecord", **record_row(payee.account, tx_id=TX))
    known_as(call, GIVEN if by_id else TX)
    asked = other(cast, payee)
    forge(asked, status="submitted")
    with refused_by("a_record_is_claimed_once"):
        update(asked, tx_id=told)
    forge(ProviderRecord.objects.get(), withdrawal=asked)  # its own record says it
    update(asked, tx_id=TX)


def test_what_was_answered_to_a_lost_call_is_no_withdrawals_until_it_is_found_unpaid(
    cast: Cast, payee: Address
) -> None:
    call = over(cast, payee, outcome="accepted", provider_id_given=GIVEN)
    forge(call.pause, released_at=timezone.now())
    asked = other(cast, payee)
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(asked))
    forge(call, verdict="not_paid", decided_id=call.pause.proposal_id)
    insert("providerrecord", **record_of(asked))


def test_a_withdrawals_own_lost_call_does_not_stand_in_its_way(cast: Cast, payee: Address, call: LostCall) -> None:
    known_as(call, GIVEN)
    forge(call.withdrawal, status="completed")  # type: ignore[arg-type]
    insert("providerrecord", **record_of(call.withdrawal))  # type: ignore[arg-type]


def test_a_transaction_that_people_wrote_down_for_a_withdrawal_is_no_other_ones(cast: Cast, payee: Address) -> None:
    first, second = unknown(cast, payee), other(cast, payee)
    forge(first, status="completed", tx_id=TX)
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(second, tx_id=TX))
    insert("providerrecord", **record_of(first, record_id="10196", tx_id=TX))  # two ids are two payments
    insert("providerrecord", **record_of(second, tx_id=TX))


# -- what a lost call takes --


@pytest.mark.parametrize("told", SPELLINGS)
def test_a_withdrawals_transaction_is_no_lost_calls(cast: Cast, payee: Address, call: LostCall, told: str) -> None:
    forge(call.pause, released_at=timezone.now())
    asked = other(cast, payee)
    forge(asked, status="completed", tx_id=TX)
    with refused_by("a_record_is_claimed_once"):
        decide(call, cast, found_as=told)
    insert("providerrecord", **record_row(payee.account, tx_id=TX))
    with refused_by("a_record_is_claimed_once"):
        decide(call, cast)
    forge(asked, recipient_key="somebody else")
    decide(call, cast, found_as=told)


@pytest.mark.parametrize("told", SPELLINGS)
def test_two_lost_calls_of_one_payee_are_not_paid_by_one_transaction(
    cast: Cast, payee: Address, call: LostCall, told: str
) -> None:
    known_as(call, TX)
    second = over(cast, payee)
    with refused_by("a_record_is_claimed_once"):
        decide(second, cast, found_as=told)
    forge(second.withdrawal, recipient_key="somebody else")  # type: ignore[arg-type]
    decide(second, cast, found_as=told)


def test_nor_as_what_was_answered_to_another(cast: Cast, payee: Address, call: LostCall, treasury: Account) -> None:
    forge(call.pause, released_at=timezone.now())
    lost_call(treasury, reference="1" * 32, outcome="accepted", provider_id_given=GIVEN)
    with refused_by("a_record_is_claimed_once"):
        decide(call, cast)


# -- what speaks against it --


def test_nobody_denies_the_record_that_was_answered(cast: Cast, treasury: Account) -> None:
    call = lost_call(treasury, outcome="accepted", provider_id_given=GIVEN)
    insert("providerrecord", **record_row(treasury, status="completed"))
    finding = found(call, cast, **NOT_PAID)
    with refused_by("nobody_denies_what_is_proven"):
        say_yes(finding.proposal, cast.first_approver)
    forge(ProviderRecord.objects.get(), status="failed")
    say_yes(finding.proposal, cast.first_approver)


def test_nobody_says_paid_by_a_record_that_failed(cast: Cast, call: LostCall, treasury: Account) -> None:
    insert("providerrecord", **record_row(treasury, status="failed"))
    with refused_by("nobody_denies_what_is_proven"):
        say_yes(found(call, cast).proposal, cast.first_approver)


@pytest.mark.parametrize("by_lost_call", [True, False])
def test_a_record_of_another_accounts_payment_denies_nothing(
    cast: Cast, payee: Address, treasury: Account, by_lost_call: bool
) -> None:
    twin = twin_of(treasury)
    call = lost_call(treasury, outcome="accepted", provider_id_given=GIVEN)
    insert("providerrecord", **record_row(treasury, status="completed"))
    finding = found(call, cast, **NOT_PAID)
    forge(call.pause, released_at=timezone.now())
    if by_lost_call:
        known_as(lost_call(twin, reference="1" * 32), GIVEN)
    else:
        forge(unknown(cast, same_payee(cast, payee, twin)), status="submitted", provider_id=GIVEN)
    with refused_by("nobody_denies_what_is_proven"):
        say_yes(finding.proposal, cast.first_approver)
    said(treasury="1001", twin="1001")
    say_yes(finding.proposal, cast.first_approver)


# -- of an earlier customer --


def test_a_lost_call_of_an_earlier_customer_may_be_anybodys(cast: Cast, payee: Address, call: LostCall) -> None:
    known_as(call, GIVEN)
    twin = twin_of(payee.account)
    asked = other(cast, same_payee(cast, payee, twin))
    said(treasury="1002", twin="1001")
    forge(payee.account, customer_since=timezone.now())
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(asked))
    forge(payee.account, customer_since=call.called_at - timedelta(seconds=1))
    insert("providerrecord", **record_of(asked))


def test_and_it_is_not_paid_as_what_any_neighbour_knows(cast: Cast, payee: Address, call: LostCall) -> None:
    twin = twin_of(payee.account)
    forge(call.pause, released_at=timezone.now())
    forge(other(cast, same_payee(cast, payee, twin)), status="submitted", provider_id=GIVEN)
    said(treasury="1002", twin="1001")
    forge(payee.account, customer_since=timezone.now())
    with refused_by("a_record_is_claimed_once"):
        decide(call, cast)
    forge(payee.account, customer_since=None)
    decide(call, cast)


def test_of_another_payee_a_transaction_is_another_payment(cast: Cast, payee: Address, call: LostCall) -> None:
    known_as(call, TX)
    asked = other(cast, active_address(cast, payee.account, address="20099"))
    insert("providerrecord", **record_of(asked, tx_id=TX))
