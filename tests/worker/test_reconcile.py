"""From unknown or submitted to known: looked for, found, sent once more where that is promised, followed to its end."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.domain.days.reading import SETTLED_AFTER
from payouts.domain.sending.answer import Answer, Exchange, Unknown
from payouts.domain.unknown.record import Records, Unavailable
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, AuditEvent, Look, Orphan, Pause, ProviderRecord, Submission, Withdrawal
from payouts.worker import accounts, dispatch, reconcile
from payouts.workflow.days.compared import was_compared
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping import pause
from tests.props.cast import Cast, approved
from tests.props.days import at, days_ago, stranger
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
    ScriptedProvider,
    accepted_as,
    record_of,
)
from tests.props.rows.guards import forge
from tests.props.trail import told
from tests.props.worker import Plug, drain, review_all, statuses, stop_after, wake


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(UNKNOWN))  # type: ignore[return-value]


@pytest.fixture
def lost(cast: Cast, payee: Address, provider: LookUpProvider) -> Withdrawal:
    """Sent, and nobody knows what became of it."""
    withdrawal = approved(cast, payee)
    drain()
    withdrawal.refresh_from_db()
    assert withdrawal.status == Status.UNKNOWN
    return withdrawal


def look(withdrawal: Withdrawal) -> str:
    """The time to look has come; the status afterwards."""
    Withdrawal.objects.filter(pk=withdrawal.pk).update(next_look_at=timezone.now() - timedelta(seconds=1))
    reconcile.look_up(withdrawal.account.name)
    withdrawal.refresh_from_db()
    return withdrawal.status


def minutes_pass(withdrawal: Withdrawal, minutes: int = 6) -> None:
    """Everything known of it happened so much earlier."""
    passed = timedelta(minutes=minutes)
    for each in withdrawal.looks.all():
        forge(each, looked_at=each.looked_at - passed, since=each.since - passed, until=each.until - passed)
    for call in withdrawal.submissions.exclude(outcome="open"):
        assert call.answered_at is not None
        forge(call, claimed_at=call.claimed_at - passed, answered_at=call.answered_at - passed)


def soon(withdrawal: Withdrawal) -> str:
    """Its status, of something that is looked at within some minutes; by a clock that no test has turned."""
    withdrawal.refresh_from_db()
    assert withdrawal.next_look_at is not None
    assert timedelta(0) < withdrawal.next_look_at - datetime.now(UTC) < timedelta(minutes=15)
    return withdrawal.status


def look_twice(withdrawal: Withdrawal) -> None:
    look(withdrawal)
    minutes_pass(withdrawal)
    look(withdrawal)


def alerts() -> list[str]:
    return [event.facts["alert"] for event in AuditEvent.objects.filter(event=Event.ALERT_RAISED).order_by("id")]


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


class Clocked(LookUpProvider):
    """One whose requests carry the time; by how much our clock is ahead, in milliseconds, each time it is measured."""

    tolerates_behind = timedelta(seconds=5)
    stop_codes = frozenset({"10002"})

    def __init__(self, *ahead: int) -> None:
        super().__init__(UNKNOWN)
        self.ahead = list(ahead)

    def clock_skew(self) -> timedelta | None:
        """Ours is so much ahead."""
        return -timedelta(milliseconds=self.ahead.pop(0))


WRONG_TIME = Unavailable("10002", "The request's time is outside the window", EXCHANGE)


class TestClockOfTheWorker:
    """Whose clock is wrong asks nothing: it would be refused, and the refusal would say nothing of the account."""

    @pytest.fixture(autouse=True)
    def _never_measured(self, lost: Withdrawal, monkeypatch: pytest.MonkeyPatch) -> None:  # since it was sent
        monkeypatch.setattr("payouts.worker.clock._measures", {})

    def test_it_asks_nothing_and_leaves_the_rest_to_others(self, lost: Withdrawal, plug: Plug) -> None:
        provider = Clocked(1000, 1000)
        plug(provider)
        assert look(lost) == Status.UNKNOWN
        review_all()
        assert (provider.asked, lost.looks.count()) == ([], 0)
        assert Withdrawal.objects.to_look_up().get() == lost
        assert not Pause.objects.exists()

    def test_a_refusal_for_the_time_stops_nothing_when_its_own_clock_has_gone_wrong(
        self, lost: Withdrawal, plug: Plug
    ) -> None:
        provider = Clocked(0, 5000)
        provider.unavailable = WRONG_TIME
        plug(provider)
        look(lost)
        assert not Pause.objects.exists()
        assert (len(provider.asked), lost.looks.count()) == (1, 0)
        assert Withdrawal.objects.to_look_up().get() == lost

    def test_a_refusal_for_the_time_stops_the_account_when_the_clock_is_right(
        self, lost: Withdrawal, plug: Plug
    ) -> None:
        provider = Clocked(0, 0)
        provider.unavailable = WRONG_TIME
        plug(provider)
        look(lost)
        assert Pause.objects.open().get().code == "10002"


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


class TestFollowing:
    """What was accepted, until its record is final."""

    @pytest.fixture
    def sent(self, cast: Cast, payee: Address, provider: LookUpProvider) -> Withdrawal:
        provider.answers = [accepted_as("20001")]
        withdrawal = approved(cast, payee)
        drain()
        withdrawal.refresh_from_db()
        return withdrawal

    @pytest.mark.parametrize(("ending", "status"), [(COMPLETED, Status.COMPLETED), (FAILED, Status.FAILED)])
    def test_a_final_record_ends_it(
        self, sent: Withdrawal, provider: LookUpProvider, ending: dict[str, Any], status: Status
    ) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now(), **ending)]
        assert look(sent) == status

    def test_a_pending_record_leaves_it(self, sent: Withdrawal, provider: LookUpProvider) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now())]
        assert look(sent) == Status.SUBMITTED
        assert sent.record_status == "Pending Review"
        assert alerts() == []

    def test_a_word_that_is_not_documented_is_pending_and_tells_people_once(
        self, sent: Withdrawal, provider: LookUpProvider
    ) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now(), status_text="Packed", known=False)]
        assert look(sent) == Status.SUBMITTED
        look(sent)
        assert alerts() == [Alert.UNDOCUMENTED_STATUS]

    def test_a_record_of_another_amount_ends_nothing(self, sent: Withdrawal, provider: LookUpProvider) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now(), amount=sent.amount + 1, **COMPLETED)]
        assert look(sent) == Status.SUBMITTED
        assert ProviderRecord.objects.get().withdrawal == sent

    def test_looks_come_further_and_further_apart(self, sent: Withdrawal, provider: LookUpProvider) -> None:
        waits = []
        for _ in range(12):
            look(sent)
            assert sent.next_look_at is not None
            waits.append(round((sent.next_look_at - timezone.now()).total_seconds()))
        assert waits[:3] == [15, 30, 60]
        assert waits[-1] == 3600

    def test_one_question_serves_many(self, cast: Cast, payee: Address, provider: LookUpProvider) -> None:
        provider.answers = [accepted_as(str(number)) for number in range(5)]
        for number in range(5):
            approved(cast, payee, amount=Decimal(number + 1))
            wake(payee.account)
            drain()
        Withdrawal.objects.update(next_look_at=timezone.now())
        provider.book = [
            record_of(each.order(), each.provider_id, at=timezone.now(), **COMPLETED)
            for each in Withdrawal.objects.select_related("address", "account")
        ]
        assert reconcile.look_up("treasury") == 5
        assert len(provider.asked) == 1
        assert set(Withdrawal.objects.values_list("status", flat=True)) == {Status.COMPLETED}

    def test_a_key_that_was_withdrawn_pauses_the_account(
        self, sent: Withdrawal, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider.unavailable = type(AWAY)("10003", "Invalid key", EXCHANGE)
        monkeypatch.setattr(provider, "stop_codes", frozenset({"10003"}), raising=False)
        look(sent)
        assert Pause.objects.open().get().code == "10003"


class TestWrongClock:
    """When something is looked at next is the database's to say: this worker's clock is hours off."""

    @pytest.fixture(params=[timedelta(hours=3), timedelta(hours=-3)], ids=["ahead", "behind"])
    def off(self, request: pytest.FixtureRequest) -> timedelta:
        """By how much."""
        offset: timedelta = request.param
        return offset

    @pytest.fixture
    def runs_off(self, off: timedelta, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """From its call on the clock is wrong."""
        right = timezone.now
        return lambda: monkeypatch.setattr(timezone, "now", lambda: right() + off)

    @pytest.mark.parametrize(("answer", "status"), [(UNKNOWN, "unknown"), (accepted_as("1"), "submitted")])
    def test_after_an_answer(
        self, answer: Answer, status: str, cast: Cast, payee: Address, plug: Plug, runs_off: Callable[[], None]
    ) -> None:
        sent = approved(cast, payee)
        plug(LookUpProvider(answer))
        runs_off()
        drain()
        assert soon(sent) == status

    @pytest.mark.parametrize(("answer", "status"), [(REFUSED, "unknown"), (accepted_as("1"), "submitted")])
    def test_after_an_answer_to_what_was_sent_once_more(
        self, answer: Answer, status: str, lost: Withdrawal, provider: LookUpProvider, runs_off: Callable[[], None]
    ) -> None:
        look_twice(lost)
        provider.answers = [answer]
        wake(lost.account)
        runs_off()
        drain()
        assert len(provider.orders) == 2
        assert soon(lost) == status

    @pytest.mark.parametrize(("records", "status"), [(0, "unknown"), (1, "submitted"), (2, "unknown")])
    def test_after_a_look(
        self, records: int, status: str, lost: Withdrawal, provider: LookUpProvider, runs_off: Callable[[], None]
    ) -> None:
        provider.book = [record_of(lost.order(), str(number), at=timezone.now()) for number in range(records)]
        Withdrawal.objects.filter(pk=lost.pk).update(next_look_at=timezone.now() - timedelta(seconds=1))
        runs_off()
        assert reconcile.look_up("treasury") == 1
        assert soon(lost) == status


def test_where_nothing_can_be_looked_up_no_look_is_due_ever(
    cast: Cast, chain_payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    lost, accepted = approved(cast, chain_payee), approved(cast, chain_payee, amount=Decimal(7))
    plug(ScriptedProvider(UNKNOWN, accepted_as(None)))
    drain("merchant")
    for sent, status in ((lost, Status.UNKNOWN), (accepted, Status.SUBMITTED)):
        sent.refresh_from_db()
        assert (sent.status, sent.next_look_at) == (status, None)


class TestReview:
    """Every account's last days, both ways."""

    @pytest.fixture
    def paid_elsewhere(self, lost: Withdrawal, provider: LookUpProvider) -> None:
        """A payment of an hour ago that nobody here asked for."""
        provider.book = [record_of(lost.order(), "777", at=timezone.now() - timedelta(hours=1), amount=Decimal(9))]

    @pytest.mark.usefixtures("paid_elsewhere")
    def test_a_payment_that_nobody_here_asked_for_is_told_and_stops_the_account(self, treasury: Account) -> None:
        review_all()
        review_all()
        orphan = Orphan.objects.get(account=treasury)
        assert orphan.record is not None
        assert (orphan.kind, orphan.record.record_id) == ("record_without_withdrawal", "777")
        assert Pause.objects.on(treasury).get().cause == "orphan"
        told = AuditEvent.objects.about(orphan).filter(event=Event.ALERT_RAISED)
        assert [event.facts["alert"] for event in told] == [Alert.ORPHAN_FOUND]

    @pytest.mark.usefixtures("paid_elsewhere")
    def test_records_that_cannot_be_read_are_no_reason_to_miss_anything(
        self, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compared: list[str] = []
        monkeypatch.setattr(
            "payouts.workflow.days.review.find_orphans", lambda account, *_, **__: compared.append(account.name)
        )
        provider.unavailable = AWAY
        review_all()
        assert compared == []
        assert not Orphan.objects.exists()

    @pytest.mark.parametrize(("last", "days"), [(None, 1), (timedelta(hours=1), 1), (timedelta(days=4), 4)])
    def test_the_records_of_every_day_since_the_last_review_are_read(
        self, last: timedelta | None, days: int, treasury: Account, plug: Plug
    ) -> None:
        provider = LookUpProvider()
        plug(provider)
        now = timezone.now()
        Account.objects.filter(pk=treasury.pk).update(reviewed_until=last and now - last)
        review_all()
        asked = provider.asked[-days - 1 :]  # treasury is the last; a day at a time
        assert [since for since, _ in asked] == [at(days_ago(day), "00:00") for day in range(days, -1, -1)]
        assert all(until == since for (_, until), (since, _) in pairwise(asked))
        assert abs(asked[-1][1] - now) < timedelta(minutes=1)
        treasury.refresh_from_db()
        assert treasury.reviewed_until is not None
        assert abs(treasury.reviewed_until + SETTLED_AFTER - now) < timedelta(minutes=1)

    @pytest.fixture
    def was_away(self, treasury: Account, plug: Plug) -> LookUpProvider:
        """The treasury's provider, which could not be read for seventy days."""
        forge(treasury, created_at=at(days_ago(90)), reviewed_until=at(days_ago(70)))
        return plug(LookUpProvider())  # type: ignore[return-value]

    def test_an_account_that_was_away_for_months_is_caught_up_with_and_no_day_is_left_out(
        self, treasury: Account, was_away: LookUpProvider
    ) -> None:
        was_away.book = [stranger(at(days_ago(45)))]
        review_all()
        assert {since for since, _ in was_away.asked} == {at(days_ago(day), "00:00") for day in range(70, -1, -1)}
        assert [orphan.day for orphan in Orphan.objects.all()] == [days_ago(45)]
        assert was_compared(Account.objects.get(pk=treasury.pk), days_ago(45))

    def test_what_was_caught_up_with_stands_when_the_provider_says_no_more(
        self, treasury: Account, was_away: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        says = was_away.records

        def records(*, since: datetime, until: datetime) -> Records:
            return AWAY if since > at(days_ago(35)) else says(since=since, until=until)

        monkeypatch.setattr(was_away, "records", records)
        review_all()
        treasury.refresh_from_db()
        assert treasury.reviewed_until == at(days_ago(35), "00:00")
        assert was_compared(treasury, days_ago(36))
        assert not was_compared(treasury, days_ago(35))
        assert alerts() == [Alert.RECORDS_UNREADABLE]

    def test_an_old_day_that_cannot_be_read_hides_nothing_of_today(
        self, treasury: Account, was_away: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        was_away.book = [stranger(timezone.now() - timedelta(hours=1))]
        says = was_away.records

        def records(*, since: datetime, until: datetime) -> Records:
            return AWAY if since < at(days_ago(60)) else says(since=since, until=until)

        monkeypatch.setattr(was_away, "records", records)
        review_all()
        assert Orphan.objects.get(account=treasury).record is not None
        assert Pause.objects.on(treasury).exists()
        treasury.refresh_from_db()
        assert treasury.reviewed_until == at(days_ago(70))
        assert not was_compared(treasury, days_ago(1))

    def test_our_own_pace_is_waited_for_and_a_worker_that_has_to_end_does_not_wait(
        self, treasury: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider, merchants = LookUpProvider(), ScriptedProvider()
        slept: list[float] = []
        monkeypatch.setattr(accounts, "client", {"merchant": merchants, "treasury": provider}.__getitem__)
        forge(treasury, created_at=at(days_ago(3)), reviewed_until=at(days_ago(2)))
        says, asked = provider.records, itertools.count(1)
        pace = Unavailable("too_many_requests", "300 requests were sent.", Exchange(None, 0, ""), 7.5)

        def records(*, since: datetime, until: datetime) -> Records:
            return pace if next(asked) % 2 else says(since=since, until=until)

        monkeypatch.setattr(provider, "records", records)
        monkeypatch.setattr("payouts.worker.reconcile.time.sleep", slept.append)
        reconcile.review_accounts(stop=stop_after(1))
        treasury.refresh_from_db()
        assert (slept, treasury.reviewed_until) == ([], at(days_ago(2)))
        review_all()
        treasury.refresh_from_db()
        assert sum(slept) == 120
        assert was_compared(treasury, days_ago(1)) == (timezone.now() - SETTLED_AFTER > at(days_ago(0), "00:00"))

    def test_a_provider_that_asked_for_quiet_while_others_were_read_is_left_alone(
        self, treasury: Account, merchant: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = LookUpProvider(), LookUpProvider()
        says = first.records

        def records(*, since: datetime, until: datetime) -> Records:
            Account.objects.filter(pk=treasury.pk).update(quiet_until=timezone.now() + timedelta(minutes=10))
            return says(since=since, until=until)

        monkeypatch.setattr(first, "records", records)
        monkeypatch.setattr(accounts, "client", {merchant.name: first, treasury.name: second}.__getitem__)
        review_all()
        assert (len(first.asked), second.asked) == (2, [])

    @pytest.mark.parametrize(("is_here", "told"), [(False, 1), (True, 2)])
    def test_a_key_that_is_gone_is_told_of_once_and_a_provider_that_is_away_every_day(
        self, is_here: bool, told: int, treasury: Account, plug: Plug, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider = LookUpProvider()
        provider.unavailable = AWAY
        plug(provider)
        if not is_here:
            monkeypatch.setattr(accounts, "client", {}.__getitem__)
        for hours in (7, 32):
            Account.objects.filter(pk=treasury.pk).update(reviewed_until=timezone.now() - timedelta(hours=hours))
            review_all()
            for event in AuditEvent.objects.filter(event=Event.ALERT_RAISED):
                forge(event, at=event.at - timedelta(hours=25))
        assert alerts() == [Alert.RECORDS_UNREADABLE] * told

    def test_people_are_told_once_when_the_records_were_not_readable_for_hours(
        self, treasury: Account, plug: Plug
    ) -> None:
        provider = LookUpProvider()
        provider.unavailable = AWAY
        plug(provider)
        last = timezone.now() - timedelta(hours=7)
        Account.objects.filter(pk=treasury.pk).update(reviewed_until=last)
        for _ in range(2):
            review_all()
        assert alerts() == [Alert.RECORDS_UNREADABLE]
        treasury.refresh_from_db()
        assert treasury.reviewed_until == last
        provider.unavailable = None
        review_all()
        treasury.refresh_from_db()
        assert treasury.reviewed_until > last
        assert alerts() == [Alert.RECORDS_UNREADABLE]
