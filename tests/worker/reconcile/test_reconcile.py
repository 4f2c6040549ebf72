"""From unknown to known: looked for, found, and sent once more where that is promised."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.domain.alert import Alert
from payouts.domain.sending.answer import Unknown
from payouts.domain.unknown.record import Records
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Look, ProviderRecord, Submission, Withdrawal
from payouts.worker import dispatch, reconcile
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping import pause
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import (
    ACCEPTED,
    AWAY,
    COMPLETED,
    EXCHANGE,
    FAILED,
    NOT_EXECUTED,
    REFUSED,
    UNKNOWN,
    LookUpProvider,
    accepted_as,
    record_of,
)
from tests.props.rows.guards import forge
from tests.props.trail import told
from tests.props.worker import alerts, drain, look, look_twice, minutes_pass, statuses, wake


def test_a_look_is_due_soon_after_the_outcome_became_unknown(lost: Withdrawal, provider: LookUpProvider) -> None:
    assert lost.next_look_at is not None
    assert timedelta(0) < lost.next_look_at - timezone.now() <= timedelta(seconds=30)
    assert reconcile.look_up("treasury") == 0
    assert provider.asked == []


def test_the_one_record_that_fits_is_its_own(lost: Withdrawal, provider: LookUpProvider) -> None:
    provider.book = [record_of(lost.order(), at=timezone.now())]
    with told() as events:
        assert look(lost) == Status.SUBMITTED
    assert lost.provider_id == "20001"
    assert ProviderRecord.objects.get().withdrawal == lost
    assert statuses(events) == [("unknown", "submitted")]
    assert [row.result for row in Look.objects.all()] == ["found"]


def test_a_final_record_ends_it_at_once(lost: Withdrawal, provider: LookUpProvider) -> None:
    provider.book = [record_of(lost.order(), at=timezone.now(), tx_id="ab12", **COMPLETED)]
    with told() as events:
        assert look(lost) == Status.COMPLETED
    assert statuses(events) == [("unknown", "submitted"), ("submitted", "completed")]
    assert (lost.tx_id, lost.record_status, lost.fee) == ("ab12", "Transferred successfully", Decimal(0))


def test_a_record_that_only_fits_and_was_not_paid_is_for_people(lost: Withdrawal, provider: LookUpProvider) -> None:
    """It may be of an equal payment made elsewhere, while ours comes late: it is tied to nothing."""
    provider.book = [record_of(lost.order(), at=timezone.now(), **FAILED)]
    assert look(lost) == Status.UNKNOWN
    assert look(lost) == Status.UNKNOWN
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]
    assert ProviderRecord.objects.get().withdrawal is None
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1


def test_what_was_taken_for_its_record_and_fails_is_for_people_too(lost: Withdrawal, provider: LookUpProvider) -> None:
    provider.book = [record_of(lost.order(), at=timezone.now())]
    assert look(lost) == Status.SUBMITTED
    provider.book = [record_of(lost.order(), at=provider.book[0].created_at, **FAILED)]
    assert look(lost) == Status.SUBMITTED
    assert (lost.record_status, alerts()) == ("Rejected", [Alert.UNKNOWN_NEEDS_A_PERSON])


@pytest.mark.parametrize(
    "changes",
    [{"coin": "BTC"}, {"amount": Decimal(1)}, {"address": "99999999"}, {"at": timezone.now() - timedelta(hours=1)}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_record_of_another_payment_is_not_taken(
    lost: Withdrawal, provider: LookUpProvider, changes: dict[str, Any]
) -> None:
    provider.book = [record_of(lost.order(), **({"at": timezone.now()} | changes))]
    assert look(lost) == Status.UNKNOWN
    assert [row.result for row in lost.looks.all()] == ["absent"]


def test_a_record_that_belongs_to_another_withdrawal_is_not_taken(
    cast: Cast, payee: Address, provider: LookUpProvider
) -> None:
    provider.answers = [accepted_as("20001"), UNKNOWN]
    first = approved(cast, payee)
    drain()
    second = approved(cast, payee)
    wake(payee.account)
    drain()
    provider.book = [record_of(first.order(), at=timezone.now())]
    assert look(second) == Status.UNKNOWN
    assert ProviderRecord.objects.get().withdrawal == first
    assert [row.result for row in second.looks.all()] == ["absent"]


def test_of_two_records_that_fit_a_person_decides(lost: Withdrawal, provider: LookUpProvider) -> None:
    provider.book = [record_of(lost.order(), name, at=timezone.now()) for name in ("20001", "20002")]
    assert look(lost) == Status.UNKNOWN
    look(lost)
    assert [(row.result, row.fitting) for row in lost.looks.all()] == [("ambiguous", 2)] * 2
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]
    drain()
    assert len(provider.orders) == 1


def test_two_looks_that_find_nothing_permit_one_resend_of_the_very_same(
    lost: Withdrawal, provider: LookUpProvider
) -> None:
    look_twice(lost)
    wake(lost.account)
    provider.answers = [accepted_as("20001")]
    with told() as events:
        drain()
    lost.refresh_from_db()
    assert lost.status == Status.SUBMITTED
    assert lost.provider_id == "20001"
    assert provider.orders[0] == provider.orders[1]
    first, second = Submission.objects.order_by("number")
    assert (first.body, first.reference) == (second.body, second.reference)
    assert (first.is_resend, second.is_resend) == (False, True)
    assert statuses(events) == [("unknown", "submitted")]


def test_one_look_is_not_enough(lost: Withdrawal, provider: LookUpProvider) -> None:
    look(lost)
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1


def test_two_looks_too_close_together_are_not_enough(lost: Withdrawal, provider: LookUpProvider) -> None:
    look(lost)
    look(lost)
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1


@pytest.mark.parametrize(
    ("since", "until"), [(timedelta(seconds=1), timedelta(hours=1)), (timedelta(hours=-1), timedelta(seconds=-1))]
)
def test_a_look_at_another_time_than_the_calls_proves_nothing(
    lost: Withdrawal, provider: LookUpProvider, since: timedelta, until: timedelta
) -> None:
    """The database would refuse the resend, again and again, and with it whatever else the account has to send."""
    look_twice(lost)
    called_at = lost.submissions.get().claimed_at
    forge(lost.looks.earliest("id"), since=called_at + since, until=called_at + until)
    wake(lost.account)
    assert drain() == 0
    assert len(provider.orders) == 1


def test_records_that_cannot_be_read_are_no_absence(lost: Withdrawal, provider: LookUpProvider) -> None:
    provider.unavailable = AWAY
    look_twice(lost)
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1
    assert {(row.result, row.code) for row in lost.looks.all()} == {("unavailable", "timeout")}


def test_records_that_cannot_be_read_again_and_again_call_people_once(
    lost: Withdrawal, provider: LookUpProvider
) -> None:
    provider.unavailable = AWAY
    for _ in range(6):
        look(lost)
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


@pytest.mark.parametrize("answer", [UNKNOWN, REFUSED, Unknown("10014", "Duplicate request", EXCHANGE)])
def test_after_the_resend_only_a_yes_moves_it_and_nothing_is_sent_a_third_time(
    lost: Withdrawal, provider: LookUpProvider, answer: Any
) -> None:
    look_twice(lost)
    wake(lost.account)
    provider.answers = [answer, ACCEPTED]
    drain()
    minutes_pass(lost)
    look_twice(lost)
    wake(lost.account)
    drain()
    lost.refresh_from_db()
    assert lost.status == Status.UNKNOWN
    assert len(provider.orders) == 2
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_a_resend_that_executed_nothing_may_be_made_again(lost: Withdrawal, provider: LookUpProvider) -> None:
    look_twice(lost)
    wake(lost.account)
    provider.answers = [NOT_EXECUTED, accepted_as("20001")]
    drain()
    wake(lost.account)
    drain()
    lost.refresh_from_db()
    assert lost.status == Status.SUBMITTED


def test_what_is_found_after_a_resend_was_refused_counts(lost: Withdrawal, provider: LookUpProvider) -> None:
    look_twice(lost)
    wake(lost.account)
    provider.answers = [REFUSED]
    drain()
    provider.book = [record_of(lost.order(), at=timezone.now())]
    assert look(lost) == Status.SUBMITTED


def test_people_are_called_again_when_it_comes_to_stand_elsewhere(lost: Withdrawal, provider: LookUpProvider) -> None:
    provider.book = [record_of(lost.order(), name, at=timezone.now()) for name in ("20001", "20002")]
    look(lost)
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]
    elsewhere = timezone.now() - timedelta(days=1)
    for row in ProviderRecord.objects.all():
        forge(row, created_at=elsewhere)
    provider.book = [record_of(lost.order(), "20003", at=timezone.now())]
    assert look(lost) == Status.SUBMITTED
    provider.book = [record_of(lost.order(), "20003", at=provider.book[0].created_at, **FAILED)]
    assert look(lost) == Status.SUBMITTED
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON] * 2


def test_what_was_read_before_another_look_proves_no_second_absence(
    lost: Withdrawal, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker was held up with what it had read, while another one looked: the two looks are not apart."""
    listed, held_up = provider.records, [True]

    def held_up_after(**when: datetime) -> Records:
        said = listed(**when)
        if held_up.pop() if held_up else False:
            reconcile.look_up("treasury")
            minutes_pass(lost)
            forge(lost.looks.get(), looked_at=timezone.now())
        return said

    monkeypatch.setattr(provider, "records", held_up_after)
    look(lost)
    assert [(row.result, row.code) for row in lost.looks.order_by("id")] == [("absent", ""), ("unavailable", "stale")]


def test_the_second_question_comes_no_sooner_than_two_looks_must_be_apart(
    lost: Withdrawal, provider: LookUpProvider, settings: Any
) -> None:
    look(lost)
    assert lost.next_look_at is not None
    assert lost.next_look_at > timezone.now() + settings.LOOK_AGAIN_AFTER - timedelta(seconds=5)


def test_a_look_asks_no_more_questions_than_its_share(
    cast: Cast, payee: Address, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "MOST_QUESTIONS", 2)
    provider.answers = [accepted_as(str(number)) for number in range(3)]
    for number in range(3):
        sent = approved(cast, payee, amount=Decimal(number + 1))
        wake(payee.account)
        drain()
        minutes_pass(sent, 180 * number)
    Withdrawal.objects.update(next_look_at=timezone.now())
    reconcile.look_up("treasury")
    assert len(provider.asked) == 2
    assert Withdrawal.objects.to_look_up().count() == 1


def test_a_paused_account_resends_nothing(cast: Cast, lost: Withdrawal, provider: LookUpProvider) -> None:
    look_twice(lost)
    pause.pause_account(lost.account_id, reason="Something is wrong here", by=cast.administrator)
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1


def test_nothing_is_resent_to_a_revoked_address(cast: Cast, lost: Withdrawal, provider: LookUpProvider) -> None:
    look_twice(lost)
    address_book.revoke(lost.address_id, reason="Stolen, they say", by=cast.keeper)
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1


def test_nothing_is_resent_after_its_time(lost: Withdrawal, provider: LookUpProvider) -> None:
    look_twice(lost)
    forge(lost, expires_at=timezone.now() - timedelta(seconds=1))
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1


def test_a_provider_without_the_promise_is_never_asked_twice(
    cast: Cast, lost: Withdrawal, provider: LookUpProvider
) -> None:
    Account.objects.filter(pk=lost.account_id).update(resend_allowed=False)
    look_twice(lost)
    wake(lost.account)
    drain()
    assert len(provider.orders) == 1
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_a_provider_without_records_is_never_looked_up_and_people_are_called(
    cast: Cast, chain_payee: Address, provider: LookUpProvider
) -> None:
    withdrawal = approved(cast, chain_payee)
    drain("merchant")
    assert look(withdrawal) == Status.UNKNOWN
    assert provider.asked == []
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_a_lost_nudge_for_a_resend_is_made_again_by_the_sweep(
    lost: Withdrawal, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_twice(lost)
    nudged: list[str] = []
    monkeypatch.setattr("payouts.worker.dispatch.queue.nudge", lambda account, **_: nudged.append(account))
    wake(lost.account)
    dispatch.sweep()
    assert nudged == ["treasury"]
