"""Two accounts of one customer: equal payments wait for each other, and one record completes one of them."""

from decimal import Decimal
from itertools import product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payouts.domain.alert import Alert
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, ProviderRecord, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.preview import fields_to_send
from payouts.worker import accounts
from payouts.workflow.sending import submission
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown import claimed, finding, owners
from payouts.workflow.unknown.contradiction import contradicted
from payouts.workflow.unknown.finding import Finding, FindingLine
from tests.props.accounts.twins import as_their_rows, look_for, said, same_payee, twin_of
from tests.props.cast import Cast, active_address, approved
from tests.props.providers.doubles import (
    ACCEPTED,
    COMPLETED,
    PROMISES,
    UNKNOWN,
    LookUpProvider,
    accepted_as,
    record_of,
)
from tests.props.rows.guards import forge
from tests.props.witness.believing import in_step
from tests.props.worker import WORKER, Plug, alerts, claim_next, drain, wake

NAMES = ("", "1001", "1002")
PERHAPS = [pair for pair in product(NAMES, NAMES) if "" in pair or pair[0] == pair[1]]


@pytest.fixture(autouse=True)
def _as_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    as_their_rows(monkeypatch)


@pytest.fixture
def twin(treasury: Account) -> Account:
    return twin_of(treasury)


@pytest.fixture
def twin_payee(cast: Cast, payee: Address, twin: Account) -> Address:
    """The same recipient, in the other account."""
    return same_payee(cast, payee, twin)


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(UNKNOWN, UNKNOWN))  # type: ignore[return-value]


@pytest.fixture
def both_lost(
    cast: Cast, payee: Address, twin_payee: Address, provider: LookUpProvider
) -> tuple[Withdrawal, Withdrawal]:
    """Equal payments of two accounts, each sent while they were said to be two customers', and both unknown."""
    said(treasury="1001", twin="1002")
    first, second = approved(cast, payee), approved(cast, twin_payee)
    drain("treasury")
    drain("twin")
    assert len(provider.orders) == 2
    provider.book = [record_of(first.order(), at=timezone.now(), **COMPLETED)]
    return first, second


# -- equal payments --


@pytest.mark.parametrize(("own", "other"), PERHAPS)
def test_an_equal_payment_in_another_account_waits_and_is_no_error(
    cast: Cast, payee: Address, twin_payee: Address, plug: Plug, own: str, other: str
) -> None:
    said(treasury=own, twin=other)
    first, second = approved(cast, payee), approved(cast, twin_payee)
    provider = plug(LookUpProvider(UNKNOWN, accepted_as("10196")))
    drain("treasury")
    assert drain("twin") == 0
    second.refresh_from_db()
    assert (second.status, second.stopped_because, alerts()) == (Status.APPROVED, "", [])
    forge(first, status=Status.SUBMITTED)
    assert drain("twin") == 1
    assert [order.reference for order in provider.orders] == [first.reference, second.reference]


def test_what_differs_in_anything_does_not_wait(cast: Cast, payee: Address, twin: Account, plug: Plug) -> None:
    approved(cast, payee)
    other = active_address(cast, twin)
    approved(cast, other)
    plug(LookUpProvider(UNKNOWN, UNKNOWN))
    assert (drain("treasury"), drain("twin")) == (1, 1)


def test_two_customers_pay_equal_amounts_at_once(both_lost: tuple[Withdrawal, Withdrawal]) -> None:
    assert {each.submissions.count() for each in both_lost} == {1}


def test_a_claim_asks_no_more_often_because_of_other_accounts(cast: Cast, payee: Address) -> None:
    def asked_for(account: str) -> int:
        seen, here = in_step(), accounts.identity(account)
        with CaptureQueriesContext(connection) as asked:
            claimed = submission.claim(account, fields=fields_to_send, here=here, seen=seen, by=WORKER)
        assert isinstance(claimed, Claim)
        return len(asked)

    approved(cast, payee)
    alone = asked_for("treasury")
    twin_payee = same_payee(cast, payee, twin_of(payee.account))
    approved(cast, twin_payee, amount=Decimal(7))
    assert asked_for("twin") == alone


def test_an_id_that_nobody_has_is_asked_for_in_few_statements_and_judges_no_account(
    cast: Cast, payee: Address, twin: Account
) -> None:
    asked = approved(cast, payee)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert not claimed.is_taken(asked, "10195")
    sent = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(sent) == 4  # are there others, what transaction, hold it, does anybody know it
    assert not any('SELECT "payouts_account"' in sql for sql in sent)


def became(account: Account, customer: str) -> None:
    """Two people accepted just now that it is this one, and that this is another one."""
    forge(account, customer=customer, customer_since=timezone.now())


def test_an_equal_payment_waits_for_one_that_was_called_when_the_other_account_was_this_customer(
    cast: Cast, payee: Address, twin_payee: Address, provider: LookUpProvider
) -> None:
    said(treasury="1001", twin="1001")
    first = approved(cast, payee)
    drain("treasury")
    became(payee.account, "1002")
    second = approved(cast, twin_payee)
    assert second.facts().equal_in_flight
    assert drain("twin") == 0
    forge(first, status=Status.FAILED)
    assert drain("twin") == 1


def test_nothing_waits_for_what_an_account_called_as_another_customer(
    cast: Cast, payee: Address, twin_payee: Address, provider: LookUpProvider
) -> None:
    said(treasury="1002", twin="1001")
    forge(payee.account, customer_since=timezone.now())
    approved(cast, payee)
    drain("treasury")
    approved(cast, twin_payee)
    assert drain("twin") == 1


def test_an_answer_to_a_call_of_before_is_held_against_whoever_may_be_that_customer(
    cast: Cast, payee: Address, twin_payee: Address
) -> None:
    """Both ways: its account is 1002 by now, and the call was made as 1001, which the twin is."""
    said(treasury="1001", twin="1001")
    approved(cast, payee)
    under_way = claim_next("treasury")
    assert isinstance(under_way, Claim)
    forge(approved(cast, twin_payee, amount=Decimal(7)), status=Status.SUBMITTED, provider_id="10195")
    became(payee.account, "1002")
    assert record_answer(under_way.submission, ACCEPTED, promises=PROMISES, by=WORKER) == Status.UNKNOWN


def test_a_record_of_what_the_other_account_called_as_this_customer_is_not_found_to_be_ours(
    cast: Cast, payee: Address, twin_payee: Address, plug: Plug
) -> None:
    said(treasury="1001", twin="1001")
    first = approved(cast, payee)
    provider = plug(LookUpProvider(accepted_as("20001"), UNKNOWN))
    drain("treasury")
    became(payee.account, "1002")
    second = approved(cast, twin_payee)
    drain("twin")
    assert isinstance(provider, LookUpProvider)
    provider.book = [record_of(first.order(), at=timezone.now(), **COMPLETED)]
    assert look_for(second) == [Status.UNKNOWN]
    paid = {second.pk: "20001"}
    said_of = owners.taken(paid, [Withdrawal.objects.select_related("address", "account").get(pk=second.pk)])
    assert said_of is not None


# -- one record, one payment --


@pytest.mark.parametrize(("own", "other"), PERHAPS)
def test_one_record_completes_one_of_two_accounts_payments(
    both_lost: tuple[Withdrawal, Withdrawal], own: str, other: str
) -> None:
    said(treasury=own, twin=other)
    assert look_for(*both_lost) == [Status.COMPLETED, Status.UNKNOWN]
    assert ProviderRecord.objects.exclude(withdrawal=None).get().withdrawal == both_lost[0]


@pytest.mark.parametrize(
    ("own", "other", "result"), [("", "", "ambiguous"), ("", "1", "ambiguous"), ("1", "1", "absent")]
)
def test_only_where_it_is_said_that_they_are_one_the_others_record_counts_as_not_there(
    both_lost: tuple[Withdrawal, Withdrawal], own: str, other: str, result: str
) -> None:
    """A resend follows what is not there: unsaid, the record may be ours, and people are called."""
    said(treasury=own, twin=other)
    look_for(*both_lost)
    assert [row.result for row in both_lost[1].looks.all()] == [result]
    assert alerts() == ([Alert.UNKNOWN_NEEDS_A_PERSON] if result == "ambiguous" else [])


def test_where_they_differ_each_has_its_own_record_of_that_id(both_lost: tuple[Withdrawal, Withdrawal]) -> None:
    assert look_for(*both_lost) == [Status.COMPLETED, Status.COMPLETED]


def test_an_answer_with_the_id_of_another_accounts_payment_is_doubted(
    cast: Cast, payee: Address, twin_payee: Address
) -> None:
    for each, status in ((payee, Status.SUBMITTED), (twin_payee, Status.UNKNOWN)):
        approved(cast, each)
        claimed = claim_next(each.account.name)
        assert isinstance(claimed, Claim)
        assert record_answer(claimed.submission, ACCEPTED, promises=PROMISES, by=WORKER) == status


def test_what_another_account_was_answered_for_is_nobody_elses(
    cast: Cast, payee: Address, twin_payee: Address, plug: Plug
) -> None:
    """Before the other account has read its own record, too."""
    first, second = approved(cast, payee), approved(cast, twin_payee)
    provider = plug(LookUpProvider(accepted_as("20001"), UNKNOWN))
    drain("treasury")
    drain("twin")
    assert isinstance(provider, LookUpProvider)
    provider.book = [record_of(first.order(), at=timezone.now(), **COMPLETED)]
    assert look_for(second, first) == [Status.UNKNOWN, Status.COMPLETED]


def test_people_do_not_take_one_record_for_two_payments(cast: Cast, both_lost: tuple[Withdrawal, Withdrawal]) -> None:
    said(treasury="", twin="")
    first, second = both_lost
    look_for(first)
    wake(first.account)
    paid = Finding(
        Verdict.PAID,
        (FindingLine(second.pk, "20001"),),
        where_looked="The provider's page",
        looked_at=timezone.now(),
        note="It stands there with this amount",
    )
    with pytest.raises(InvalidValue) as raised:
        finding.check(paid, [Withdrawal.objects.select_related("address", "account").get(pk=second.pk)])
    assert raised.value.code == "found_elsewhere"


def test_people_may_say_not_paid_of_what_only_another_accounts_record_fits(
    both_lost: tuple[Withdrawal, Withdrawal],
) -> None:
    said(treasury="", twin="")
    look_for(*both_lost)
    second = Withdrawal.objects.select_related("address", "account").get(pk=both_lost[1].pk)
    assert ProviderRecord.objects.get(account=second.account).status == RecordStatus.COMPLETED
    assert contradicted(Verdict.NOT_PAID, {second.pk: ""}, [second]) is None
