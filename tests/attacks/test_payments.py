"""Ways in which a payment could be lost, closed wrongly or left lying, each tried once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from payouts.audit import Worker
from payouts.domain.alert import Alert
from payouts.domain.errors import InvalidValue
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Orphan, Pause, ProviderRecord, Submission, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.days import review
from payouts.workflow.sending import answer
from payouts.workflow.unknown.records import note
from tests.props import days, findings
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import COMPLETED, PROMISED, UNKNOWN, Crash, LookUpProvider, accepted_as, record_of
from tests.props.rows.guards import forge
from tests.props.worker import Plug, alerts, drain, look, minutes_pass, review_all, wake

BY = Worker("tests")


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(UNKNOWN, UNKNOWN))  # type: ignore[return-value]


@pytest.fixture
def lost(cast: Cast, payee: Address, provider: LookUpProvider) -> Withdrawal:
    """Sent, and nobody knows what became of it."""
    withdrawal = approved(cast, payee)
    drain()
    withdrawal.refresh_from_db()
    return withdrawal


def test_people_are_called_where_the_resend_cannot_come_any_more(lost: Withdrawal, provider: LookUpProvider) -> None:
    forge(lost, expires_at=timezone.now() - timedelta(seconds=1))
    for _ in range(3):
        look(lost)
        minutes_pass(lost)
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_a_sweep_whose_clock_is_an_hour_behind_leaves_a_call_that_can_be_looked_up(
    cast: Cast, payee: Address, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.answers = [Crash()]
    withdrawal = approved(cast, payee)
    with pytest.raises(Crash):
        drain()
    forge(Submission.objects.get(), deadline=timezone.now() - timedelta(seconds=1))
    now = timezone.now
    with monkeypatch.context() as patches:
        patches.setattr("django.utils.timezone.now", lambda: now() - timedelta(hours=1))
        assert answer.give_up_overdue(promises=PROMISED, by=BY) == 1
    look(withdrawal)
    assert all(since <= until for since, until in provider.asked)  # a provider is right to refuse another
    assert provider.asked


def test_a_record_whose_amount_became_ours_since_is_for_people_and_holds_up_nobody(
    lost: Withdrawal, provider: LookUpProvider, treasury: Account
) -> None:
    fits = record_of(lost.order(), at=timezone.now(), **COMPLETED)
    note(treasury, [record_of(lost.order(), at=fits.created_at, amount=Decimal(1))], by=BY)
    provider.book = [fits]
    assert look(lost) == Status.UNKNOWN
    assert alerts() == [Alert.ORPHAN_FOUND, Alert.UNKNOWN_NEEDS_A_PERSON]
    assert lost.next_look_at is not None
    assert lost.next_look_at > timezone.now()


def test_a_lie_of_two_people_about_an_older_day_is_found(cast: Cast, payee: Address, treasury: Account) -> None:
    day = days.days_ago(4)
    it = days.sent(cast, payee, days.at(day), status="unknown")
    review.review(treasury, day, by=BY)
    assert not Orphan.objects.exists()
    found = findings.proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="")
    findings.confirm(found, cast.first_approver)
    it.refresh_from_db()
    assert it.status == Status.FAILED
    note(treasury, [days.record_of(it, provider_id="20001")], by=BY)  # known before, it would have stood in their way
    days.look_back(treasury)
    assert Orphan.objects.count() == 1


def test_a_retry_that_is_under_way_does_not_stop_the_account_for_the_refused_one(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    now = timezone.now()
    days.sent(cast, payee, now - timedelta(minutes=12), status="refused")
    again = days.sent(cast, payee, now - timedelta(seconds=5), status="submitting")
    note(treasury, [days.record_of(again, provider_id="20001", created_at=now - timedelta(seconds=3))], by=BY)
    days.look_back(treasury)
    assert not Orphan.objects.exists()
    assert not Pause.objects.exists()


def test_an_id_that_is_no_number_pays_one_withdrawal_only(cast: Cast, payee: Address) -> None:
    findings.lost(cast, payee, status="completed", provider_id="WD-77")
    it = findings.lost(cast, payee)
    with pytest.raises(InvalidValue, match="how another withdrawal was paid"):
        findings.proposed(cast, it, found_as="WD-77")


def test_an_id_that_is_no_number_pays_one_of_two_equal_withdrawals(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    two = [findings.lost(cast, payee, status="submitted", amount=Decimal(7)) for _ in range(2)]
    payment = days.stranger(timezone.now(), provider_id="WD-79", amount=Decimal(7), address=payee.address)
    note(treasury, [payment], by=BY)
    with pytest.raises(InvalidValue, match="how another withdrawal was paid"):
        findings.proposed(cast, *two, found_as="WD-79")


def test_an_id_that_is_no_number_is_of_its_own_payment(cast: Cast, payee: Address, treasury: Account) -> None:
    it = findings.lost(cast, payee)
    note(treasury, [days.stranger(timezone.now(), provider_id="WD-78")], by=BY)
    with pytest.raises(InvalidValue, match="of another payment"):
        findings.proposed(cast, it, found_as="WD-78")


def test_a_transaction_pays_a_recipient_once_however_it_is_written(cast: Cast, chain_payee: Address) -> None:
    findings.lost(cast, chain_payee, status="completed", tx_id="ab" * 32)
    it = findings.lost(cast, chain_payee)
    with pytest.raises(InvalidValue):
        findings.proposed(cast, it, found_as="0x" + "ab" * 32)


def test_a_record_of_another_payment_is_not_what_people_found(cast: Cast, payee: Address, treasury: Account) -> None:
    it = findings.lost(cast, payee)
    record = days.stranger(timezone.now(), provider_id="30001")
    note(treasury, [record], by=BY)
    with pytest.raises(InvalidValue):
        findings.proposed(cast, it, found_as="30001")


def test_what_was_accepted_and_never_recorded_calls_people(
    cast: Cast, payee: Address, provider: LookUpProvider
) -> None:
    provider.answers = [accepted_as("20001")]
    withdrawal = approved(cast, payee)
    drain()
    for _ in range(14):
        look(withdrawal)
        minutes_pass(withdrawal, 60)
    review_all()
    assert alerts() != []


def test_a_look_that_a_guard_refuses_holds_up_no_other(cast: Cast, payee: Address, provider: LookUpProvider) -> None:
    provider.answers = [accepted_as("20001"), accepted_as("20002")]
    poisoned = approved(cast, payee)
    drain()
    other = approved(cast, payee, amount=Decimal(7))
    wake(payee.account)
    drain()
    note(payee.account, [record_of(poisoned.order(), "666", at=timezone.now(), **COMPLETED)], by=BY)
    forge(ProviderRecord.objects.get(), withdrawal=poisoned)  # its id is another
    provider.book = [record_of(other.order(), "20002", at=timezone.now(), **COMPLETED)]
    Withdrawal.objects.filter(pk=poisoned.pk).update(next_look_at=timezone.now() - timedelta(hours=1))
    assert look(other) == Status.COMPLETED
    poisoned.refresh_from_db()
    assert poisoned.status == Status.SUBMITTED
    assert poisoned.next_look_at is not None
    assert poisoned.next_look_at > timezone.now()


def test_an_account_that_cannot_be_reviewed_holds_up_no_other(
    cast: Cast, merchant: Account, treasury: Account, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed: list[str] = []

    def at_first(account: Account, *_: object, **__: object) -> None:
        reviewed.append(account.name)
        if len(reviewed) == 1:
            raise Crash

    monkeypatch.setattr("payouts.worker.reconcile.review.review_recent", at_first)
    review_all()
    assert reviewed == [merchant.name, treasury.name]
