"""A day of one account of a customer: the other's payments are neither its own nor orphans, and it says whose."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Worker
from payouts.models import Account, Address, Orphan, Pause, ProviderRecord, Withdrawal
from payouts.workflow.days import review
from payouts.workflow.days.day import statement_of
from payouts.workflow.unknown.records import note
from tests.props.accounts.twins import said, same_payee, twin_of
from tests.props.cast import Cast
from tests.props.days import at, days_ago, kinds, record_of, sent, stranger
from tests.props.rows.guards import forge

BY = Worker("tests")
DAY = days_ago(3)
NOON = at(DAY)
NAMES = ("", "1001", "1002")
PERHAPS = [pair for pair in product(NAMES, NAMES) if "" in pair or pair[0] == pair[1]]


@pytest.fixture
def twin(treasury: Account) -> Account:
    return twin_of(treasury)


@pytest.fixture
def twin_payee(cast: Cast, payee: Address, twin: Account) -> Address:
    return same_payee(cast, payee, twin)


def here(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def listed_by_both(it: Withdrawal, *accounts: Account) -> None:
    for account in accounts:
        note(account, [record_of(it)], by=BY)


@pytest.mark.parametrize(("own", "other"), PERHAPS)
def test_anothers_payment_is_no_orphan_pauses_nothing_and_is_not_counted_here(
    cast: Cast, payee: Address, treasury: Account, twin: Account, own: str, other: str
) -> None:
    said(treasury=own, twin=other)
    it = sent(cast, payee, NOON, provider_id="10195")
    listed_by_both(it, treasury, here(twin))
    assert (kinds(here(twin)), kinds(here(treasury))) == ([], [])
    assert not Pause.objects.exists()
    day = statement_of(here(twin), DAY)
    assert (day.payments, day.alone, day.totals()) == ((), (), ())
    [line] = day.elsewhere
    assert (line.account, line.payment, line.record.record_id, line.is_sure) == ("treasury", it.pk, "10195", True)
    own_day = statement_of(here(treasury), DAY)
    assert (len(own_day.payments), own_day.elsewhere) == (1, ())


def test_two_customers_payments_are_each_ones_own(cast: Cast, payee: Address, treasury: Account, twin: Account) -> None:
    said(treasury="1001", twin="1002")
    it = sent(cast, payee, NOON, provider_id="10195")
    listed_by_both(it, treasury, here(twin))
    assert kinds(here(twin)) == ["record_without_withdrawal"]
    assert statement_of(here(twin), DAY).elsewhere == ()


def test_a_record_that_only_fits_is_anothers_where_both_are_said_and_the_same(
    cast: Cast, payee: Address, twin: Account
) -> None:
    """Unsaid, it may be a payment that nobody here made."""
    it = sent(cast, payee, NOON)
    note(twin, [record_of(it, provider_id="10199")], by=BY)
    said(treasury="1001", twin="1001")
    assert statement_of(here(twin), DAY).elsewhere[0].payment == it.pk
    assert kinds(here(twin)) == []
    said(treasury="", twin="")
    assert statement_of(here(twin), DAY).elsewhere == ()
    assert kinds(here(twin)) == ["record_without_withdrawal"]


def test_a_record_is_claimed_once_in_the_days_of_both(
    cast: Cast, payee: Address, twin_payee: Address, treasury: Account, twin: Account
) -> None:
    """Of equal payments of both, one lacks its record: it is missing on one of the days, and counted on one."""
    said(treasury="1001", twin="1001")
    first = sent(cast, payee, NOON)
    sent(cast, twin_payee, at(DAY, "12:00:01"))
    record = record_of(first, provider_id="10195")
    note(here(treasury), [record], by=BY)
    note(here(twin), [record], by=BY)
    assert kinds(here(treasury)) == []
    assert kinds(here(twin)) == ["withdrawal_without_record"]
    assert [line.record for line in statement_of(here(twin), DAY).payments] == [None]
    assert set(ProviderRecord.objects.values_list("withdrawal", flat=True)) == {None}  # it could be either's


def test_a_record_may_be_of_what_the_other_does_not_know_yet(cast: Cast, payee: Address, twin: Account) -> None:
    said(treasury="1001", twin="1001")
    it = sent(cast, payee, NOON, status="unknown")
    note(here(twin), [record_of(it, provider_id="10195")], by=BY)
    assert kinds(here(twin)) == []
    [line] = statement_of(here(twin), DAY).elsewhere
    assert (line.payment, line.is_sure) == (it.pk, False)


def test_an_orphan_closes_by_itself_once_it_is_known_to_be_anothers(cast: Cast, payee: Address, twin: Account) -> None:
    said(treasury="1001", twin="1002")
    it = sent(cast, payee, NOON, provider_id="10195")
    note(here(twin), [record_of(it)], by=BY)
    review.review(here(twin), DAY, by=BY)
    said(treasury="1001", twin="1001")
    review.review(here(twin), DAY, by=BY)
    assert Orphan.objects.get().closed_because == review.FOUND


def test_what_nobody_made_stays_an_orphan_of_each(treasury: Account, twin: Account) -> None:
    said(treasury="1001", twin="1001")
    for account in (here(treasury), here(twin)):
        note(account, [replace(stranger(NOON), provider_id="666")], by=BY)
        assert kinds(account) == ["record_without_withdrawal"]


def test_what_an_account_sent_before_it_became_anothers_is_known_by_name_only(
    cast: Cast, payee: Address, twin: Account
) -> None:
    said(treasury="1001", twin="1001")
    named = sent(cast, payee, NOON, provider_id="10195")
    fitting = sent(cast, payee, NOON, amount=Decimal(7))
    forge(payee.account, customer_since=timezone.now())
    note(here(twin), [record_of(named), record_of(fitting, provider_id="10199")], by=BY)
    assert kinds(here(twin)) == ["record_without_withdrawal"]
    assert [line.payment for line in statement_of(here(twin), DAY).elsewhere] == [named.pk]


def test_a_statement_counts_no_line_of_another_account(cast: Cast, chain_payee: Address, merchant: Account) -> None:
    from payouts.admin.days.statements import result_of
    from tests.props.days import covering

    other = twin_of(merchant, "second-merchant")
    it = sent(cast, chain_payee, NOON, tx_id="0xa1")
    who: User = cast.requester
    note(other, [record_of(it, provider_id="line-1", tx_id="0xa1")], by=BY)
    result = result_of(covering(other, who, DAY))
    assert (result.matches, result.alone) == ([], [])
    assert [(line.payment.elsewhere, line.payment.id) for line in result.elsewhere] == [("merchant", it.pk)]
