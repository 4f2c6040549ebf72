"""Raw SQL against two accounts of one customer: a record is one withdrawal's, and of equal payments one waits."""

from decimal import Decimal
from itertools import product

import pytest
from django.db import connection
from django.utils import timezone

from payouts.domain.sending.customers import may_be_one
from payouts.models import Account, Address, ProviderRecord, Withdrawal
from payouts.workflow.unknown.claimed import others_of
from tests.props.accounts.twins import said, same_payee, twin_of
from tests.props.cast import Cast, approved
from tests.props.rows.guards import forge
from tests.props.rows.rows import GIVEN, accepted, called, orphan_row, record_of, record_row, unknown
from tests.props.rows.sql import insert, refused_by, update

NAMES = ("", "1001", "1002")
PERHAPS = [pair for pair in product(NAMES, NAMES) if "" in pair or pair[0] == pair[1]]


@pytest.fixture
def twin(treasury: Account) -> Account:
    return twin_of(treasury)


@pytest.fixture
def twin_payee(cast: Cast, payee: Address, twin: Account) -> Address:
    """The same recipient, in the other account."""
    return same_payee(cast, payee, twin)


def rivals(account: Account) -> set[int]:
    """The other accounts whose withdrawals are or may be of its customer, as the database judges."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT other FROM countersign_neighbours(%s) AS other"
            " WHERE countersign_may_be_one(gen_random_uuid(), %s, gen_random_uuid(), other)",
            [account.pk, account.pk],
        )
        return {pk for (pk,) in cursor.fetchall()}


@pytest.mark.parametrize(("own", "other"), list(product(NAMES, NAMES)))
def test_database_workflow_and_rule_say_the_same(treasury: Account, twin: Account, own: str, other: str) -> None:
    said(treasury=own, twin=other)
    treasury.refresh_from_db()
    twin.refresh_from_db()
    expected = {twin.pk} if may_be_one(treasury.at_provider(), twin.at_provider()) else set()
    assert rivals(treasury) == set(others_of(treasury.pk)) == expected


@pytest.mark.parametrize(("own", "other"), PERHAPS)
def test_equal_payments_wait_across_accounts(
    cast: Cast, payee: Address, twin_payee: Address, own: str, other: str
) -> None:
    said(treasury=own, twin=other)
    unknown(cast, payee)
    equal = approved(cast, twin_payee)
    with refused_by("equals_wait_across_accounts"):
        update(equal, status="submitting")
    update(approved(cast, twin_payee, amount=Decimal(7)), status="submitting")


def test_equal_payments_of_two_customers_do_not_wait(cast: Cast, payee: Address, twin_payee: Address) -> None:
    said(treasury="1001", twin="1002")
    unknown(cast, payee)
    update(approved(cast, twin_payee), status="submitting")


@pytest.mark.parametrize("status", ["submitted", "completed", "failed", "refused", "approved"])
def test_what_is_known_keeps_nobody_waiting(cast: Cast, payee: Address, twin_payee: Address, status: str) -> None:
    forge(unknown(cast, payee), status=status, error_code="1")
    update(approved(cast, twin_payee), status="submitting")


@pytest.mark.parametrize(("own", "other"), PERHAPS)
def test_a_record_is_claimed_once(cast: Cast, payee: Address, twin_payee: Address, own: str, other: str) -> None:
    said(treasury="1001", twin="1002")
    first, second = unknown(cast, payee), unknown(cast, twin_payee)
    said(treasury=own, twin=other)
    insert("providerrecord", **record_of(first))
    insert("providerrecord", **record_row(second.account))
    with refused_by("a_record_is_claimed_once"):
        update(ProviderRecord.objects.get(account=second.account), withdrawal_id=second.pk)
    insert("providerrecord", **record_of(second, record_id="10196"))


def test_a_record_of_what_another_account_got_an_answer_for_is_its_own(
    cast: Cast, payee: Address, twin_payee: Address
) -> None:
    accepted(cast, payee)
    second = unknown(cast, twin_payee)
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(second))


def test_an_id_is_one_withdrawals_across_accounts(cast: Cast, payee: Address, twin_payee: Address) -> None:
    accepted(cast, payee)
    second = approved(cast, twin_payee)
    called(second, outcome="accepted", provider_id_given=GIVEN)
    with refused_by("a_record_is_claimed_once"):
        update(second, status="submitted", provider_id=GIVEN)


def test_records_of_two_customers_may_have_the_same_id(cast: Cast, payee: Address, twin_payee: Address) -> None:
    said(treasury="1001", twin="1002")
    accepted(cast, payee)
    second = unknown(cast, twin_payee)
    insert("providerrecord", **record_of(second))
    update(second, status="submitted", provider_id=GIVEN)
    assert Withdrawal.objects.filter(provider_id=GIVEN).count() == 2


# -- what was called for a customer that its account is no more --


@pytest.fixture
def of_before(cast: Cast, payee: Address, twin: Account) -> Withdrawal:
    """Unknown, of the customer 1001 that its account was and that the twin is; by now its account is another's."""
    said(treasury="1001", twin="1001")
    lost = unknown(cast, payee)
    forge(lost.account, customer="1002", customer_since=timezone.now())
    return lost


def test_an_equal_payment_waits_for_what_the_other_account_called_as_this_customer(
    cast: Cast, twin_payee: Address, of_before: Withdrawal
) -> None:
    equal = approved(cast, twin_payee)
    with refused_by("equals_wait_across_accounts"):
        update(equal, status="submitting")
    forge(of_before, status="failed")
    update(equal, status="submitting")


@pytest.mark.parametrize("is_tied", [True, False])
def test_a_record_of_what_the_other_account_called_as_this_customer_is_its_own(
    is_tied: bool, cast: Cast, twin_payee: Address, of_before: Withdrawal
) -> None:
    if is_tied:
        insert("providerrecord", **record_of(of_before))
    else:
        forge(of_before, status="submitted", provider_id=GIVEN)
    said(twin="")
    second = unknown(cast, twin_payee, amount=Decimal(7))
    said(twin="1001")
    with refused_by("a_record_is_claimed_once"):
        insert("providerrecord", **record_of(second))


def test_what_an_account_called_as_its_customer_of_now_keeps_no_other_waiting(
    cast: Cast, payee: Address, twin_payee: Address
) -> None:
    said(treasury="1002", twin="1001")
    forge(payee.account, customer_since=timezone.now())
    unknown(cast, payee)
    update(approved(cast, twin_payee), status="submitting")


# -- what is known to be another account's is no orphan --


@pytest.mark.parametrize(("own", "other"), PERHAPS)
@pytest.mark.parametrize("is_tied", [True, False])
def test_what_is_another_accounts_is_no_orphan(
    cast: Cast, payee: Address, twin: Account, own: str, other: str, is_tied: bool
) -> None:
    said(treasury=own, twin=other)
    if is_tied:
        insert("providerrecord", **record_of(unknown(cast, payee)))
    else:
        accepted(cast, payee)
    insert("providerrecord", **record_row(twin))
    listed = ProviderRecord.objects.get(account=twin)
    with refused_by("what_is_somebodys_is_no_orphan"):
        insert("orphan", **orphan_row(twin, kind="record_without_withdrawal", record_id=listed.pk))
    said(treasury="1001", twin="1002")
    insert("orphan", **orphan_row(twin, kind="record_without_withdrawal", record_id=listed.pk))
