"""From approved to answered, with a provider that answers as told: what each answer does, and who is nudged."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event
from payouts.domain.sending.pace import BEGIN_WITHIN, LONGEST_CALL
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause, Submission, Withdrawal
from payouts.models.sending.submission import Outcome
from payouts.preview import fields_to_send
from payouts.providers.base import TIMEOUT
from payouts.worker import accounts, dispatch
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.quiet import leave_alone
from payouts.workflow.sending.submission import Claim, Wait, claim, may_still_send
from payouts.workflow.stopping.pause import pause_everything
from tests.props.cast import Cast, approve, approved, raised
from tests.props.providers.doubles import (
    ACCEPTED,
    NOT_EXECUTED,
    NOT_SIGNABLE,
    REFUSED,
    UNKNOWN,
    ScriptedProvider,
    accepted_as,
)
from tests.props.rows.guards import forge
from tests.props.trail import told, unchanged
from tests.props.worker import WORKER, Plug, claim_next, drain, finish_jobs, statuses, stop_after, wake

# -- what each answer does --


def test_an_accepted_withdrawal_is_submitted_with_the_providers_id(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee, remark="Inv. 17")
    provider = plug(ScriptedProvider(ACCEPTED))
    with told() as events:
        assert drain() == 1
    asked.refresh_from_db()
    assert (asked.status, asked.provider_id) == (Status.SUBMITTED, "10195")
    assert [order.digest() for order in provider.orders] == [asked.digest]
    assert statuses(events) == [("approved", "submitting"), ("submitting", "submitted")]
    assert len(events) == 2


def test_what_was_sent_and_answered_is_kept_word_for_word(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    seen: list[tuple[str, str]] = []
    plug(ScriptedProvider(ACCEPTED, meanwhile=lambda: seen.extend(Submission.objects.values_list("outcome", "body"))))
    drain()
    kept = Submission.objects.get()
    assert seen == [(Outcome.OPEN, kept.body)]
    assert json.loads(kept.body) == fields_to_send(asked.order())
    assert (kept.reference, kept.digest, kept.number) == (asked.reference, asked.digest, 1)
    assert (kept.outcome, kept.http_status, kept.duration_ms) == (Outcome.ACCEPTED, 200, 12)
    assert (kept.provider_id_given, kept.raw_answer, kept.worker) == ("10195", '{"ok":1}', WORKER.name)


def test_an_accepted_withdrawal_without_an_id_is_submitted(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    first, second = approved(cast, payee), approved(cast, payee)
    plug(ScriptedProvider(accepted_as(None), accepted_as(None)))
    assert drain() == 2
    for asked in (first, second):
        asked.refresh_from_db()
        assert (asked.status, asked.provider_id) == (Status.SUBMITTED, "")


def test_a_refused_withdrawal_keeps_the_providers_code(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(REFUSED))
    with told() as events:
        drain()
    asked.refresh_from_db()
    assert (asked.status, asked.error_code, asked.error_message) == (
        Status.REFUSED,
        "10001",
        "Parameter error",
    )
    assert statuses(events) == [("approved", "submitting"), ("submitting", "refused")]
    assert Submission.objects.get().outcome == Outcome.REFUSED


def test_an_unknown_outcome_is_never_sent_again(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(UNKNOWN))
    drain()
    asked.refresh_from_db()
    assert (asked.status, asked.error_code) == (Status.UNKNOWN, "timeout")
    wake(asked.account)
    with unchanged():
        assert drain() == 0
        assert claim_next() is None
    dispatch.sweep()
    assert len(provider.orders) == 1


def test_what_was_not_executed_is_sent_again_with_the_same_reference(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(NOT_EXECUTED, ACCEPTED))
    with told() as events:
        assert drain() == 1
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert [event.event for event in events if event.event != Event.STATUS_MOVED] == [Event.ACCOUNT_QUIET]
    wait = claim_next()
    assert isinstance(wait, Wait)
    assert 1 < wait.seconds <= 5
    wake(asked.account)
    assert drain() == 1
    asked.refresh_from_db()
    assert asked.status == Status.SUBMITTED
    assert [order.reference for order in provider.orders] == [asked.reference] * 2
    assert list(asked.submissions.values_list("number", "outcome")) == [
        (1, Outcome.NOT_EXECUTED),
        (2, Outcome.ACCEPTED),
    ]


def test_an_account_that_is_left_alone_is_drained_later(cast: Cast, payee: Address, plug: Plug) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(NOT_EXECUTED))
    finish_jobs()
    drain()
    job = ProcrastinateJob.objects.get(status="todo")
    assert job.scheduled_at is not None
    assert 3 < (job.scheduled_at - timezone.now()).total_seconds() <= 6


def test_each_answer_in_a_row_that_executed_nothing_doubles_the_quiet(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(NOT_EXECUTED, NOT_EXECUTED, NOT_EXECUTED, ACCEPTED))
    with told() as events:
        for _ in range(4):
            drain()
            wake(asked.account)
    quiet = [event.facts["seconds"] for event in events if event.event == Event.ACCOUNT_QUIET]
    assert quiet == [5.0, 10.0, 20.0]
    asked.account.refresh_from_db()
    assert asked.account.not_executed_in_a_row == 0


def test_a_call_that_goes_well_does_not_end_the_quiet_that_a_look_was_asked_for_meanwhile(
    cast: Cast, payee: Address, plug: Plug
) -> None:
    asked = approved(cast, payee)

    def a_look_is_refused() -> None:
        leave_alone(asked.account, timedelta(minutes=10), code="HTTP 403", message="Too many.", by=WORKER)

    plug(ScriptedProvider(NOT_EXECUTED, ACCEPTED))
    drain()
    wake(asked.account)
    plug(ScriptedProvider(ACCEPTED, meanwhile=a_look_is_refused))
    assert drain() == 1
    asked.account.refresh_from_db()
    assert asked.account.not_executed_in_a_row == 0
    assert asked.account.is_quiet(at=timezone.now() + timedelta(minutes=9))


def test_an_id_that_another_withdrawal_carries_proves_nothing(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    first, second = approved(cast, payee), approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED, ACCEPTED))
    drain()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.provider_id) == (Status.SUBMITTED, "10195")
    assert (second.status, second.error_code, second.provider_id) == (Status.UNKNOWN, "id_taken", "")


@pytest.mark.parametrize("failure", [OperationalError("gone"), InterfaceError("closed")])
@pytest.mark.django_db(transaction=True)
def test_an_answer_is_written_once_the_database_is_back(
    transactional_db: None,
    cast: Cast,
    payee: Address,
    plug: Plug,
    no_waiting: list[float],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    failures = [failure, failure]

    def away_at_first(*args: Any, **kwargs: Any) -> Status:
        if failures:
            raise failures.pop()
        return record_answer(*args, **kwargs)

    monkeypatch.setattr(dispatch, "record_answer", away_at_first)
    assert drain() == 1
    asked.refresh_from_db()
    assert (asked.status, asked.provider_id, len(provider.orders)) == (Status.SUBMITTED, "10195", 1)
    assert no_waiting == [1.0, 1.0]


def test_an_equal_payment_waits_until_the_first_is_no_longer_unknown(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    first, second = approved(cast, payee), approved(cast, payee)
    other = approved(cast, payee, amount=Decimal("99"))
    provider = plug(ScriptedProvider(UNKNOWN, accepted_as("10196"), accepted_as("10197")))
    assert drain() == 2
    assert [order.reference for order in provider.orders] == [first.reference, other.reference]
    second.refresh_from_db()
    assert (second.status, second.stopped_because) == (Status.APPROVED, "")
    forge(first, status=Status.SUBMITTED)
    wake(first.account)
    assert drain() == 1
    assert provider.orders[-1].reference == second.reference


def test_a_call_waits_for_as_long_as_its_claim_came_ahead(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    told_at: list[float] = []

    def told_to_wait(account: Account, *, ahead: timedelta = timedelta()) -> float:
        told_at.append(time.monotonic())
        return 0.0 if ahead else 0.05

    monkeypatch.setattr(Account, "seconds_until_next_call", told_to_wait)
    assert drain() == 1
    assert provider.asked_at[0] - told_at[-1] >= 0.05


def test_the_last_question_is_asked_shortly_before_the_call_is_due(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    steps: list[str] = []
    plug(ScriptedProvider(ACCEPTED, meanwhile=lambda: steps.append("called")))

    def asked(submission: Submission) -> bool:
        steps.append("asked")
        return may_still_send(submission)

    monkeypatch.setattr(Account, "seconds_until_next_call", lambda account, ahead=None: 0.0 if ahead else 1.0)
    monkeypatch.setattr("payouts.worker.dispatch.time.sleep", lambda seconds: steps.append("waited"))
    monkeypatch.setattr(dispatch, "may_still_send", asked)
    drain()
    assert steps == ["waited", "asked", "waited", "called"]


@pytest.mark.parametrize("left", [0.05, 0.5])
def test_what_comes_up_just_before_the_end_of_a_quiet_is_sent_after_it(
    cast: Cast, payee: Address, plug: Plug, left: float
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    quiet_until = timezone.now() + timedelta(seconds=left)
    Account.objects.filter(pk=payee.account_id).update(quiet_until=quiet_until)
    assert drain() == 1
    asked.refresh_from_db()
    assert (len(provider.orders), asked.status) == (1, Status.SUBMITTED)
    assert Submission.objects.get().claimed_at >= quiet_until


def test_an_answer_that_alerts_is_written_again_after_the_database_was_away(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(replace(NOT_EXECUTED, code="10003")))
    failures = [OperationalError("gone")]

    def away_at_first(execute: Any, sql: str, *args: Any) -> Any:
        if "mail_alert" in sql + str(args[0]) and failures:
            raise failures.pop() from psycopg.OperationalError("gone")
        return execute(sql, *args)

    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction is in it
    with connection.execute_wrapper(away_at_first):
        drain()
    asked.refresh_from_db()
    assert (failures, asked.status, Pause.objects.count()) == ([], Status.APPROVED, 1)


def test_the_accounts_second_runs_from_when_the_answer_came_however_long_writing_it_takes(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, no_waiting: list[float]
) -> None:
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    came: list[float] = []

    def away_at_first(*args: Any, came_at: float, **kwargs: Any) -> Status:
        came.append(came_at)
        if len(came) == 1:
            raise OperationalError("gone")
        return record_answer(*args, came_at=came_at, **kwargs)

    monkeypatch.setattr(dispatch, "record_answer", away_at_first)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction is in it
    drain()
    assert came[0] == came[1]
    assert provider.answered_at[0] <= came[0] < provider.answered_at[0] + 1


# -- the sweep, and accounts that are not configured here --


def test_the_sweep_nudges_every_account_that_has_something_to_send(
    cast: Cast, payee: Address, chain_payee: Address
) -> None:
    approved(cast, payee)
    approved(cast, chain_payee)
    finish_jobs()
    dispatch.sweep()
    dispatch.sweep()
    waiting = ProcrastinateJob.objects.filter(status="todo")
    assert sorted(job.args["account"] for job in waiting) == ["merchant", "treasury"]


def test_the_sweep_lets_a_quiet_account_and_a_stopped_withdrawal_be(
    cast: Cast, payee: Address, chain_payee: Address
) -> None:
    approved(cast, payee)
    stopped = approved(cast, chain_payee)
    Withdrawal.objects.filter(pk=stopped.pk).update(stopped_because="It differs")
    Account.objects.filter(name="treasury").update(quiet_until=timezone.now() + timedelta(minutes=1))
    finish_jobs()
    dispatch.sweep()
    assert not ProcrastinateJob.objects.filter(status="todo").exists()


def test_an_account_that_is_not_configured_here_is_left_to_another_worker(
    cast: Cast, payee: Address, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = approved(cast, payee)

    def missing(account_name: str) -> None:
        raise KeyError(account_name)

    monkeypatch.setattr(accounts, "client", missing)
    with unchanged():
        assert drain() == 0
    assert "account is not configured here" in caplog.text
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED


# -- a worker that was held up --


def test_whoever_begins_in_time_has_ended_before_its_call_is_given_up() -> None:
    longest = max(seconds for seconds in range(1000) if TIMEOUT.allows(str(seconds)))
    assert BEGIN_WITHIN + timedelta(seconds=longest) < LONGEST_CALL


def test_a_worker_that_was_suspended_after_its_claim_sends_nothing(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def late(submission: Submission) -> bool:
        forge(submission, claimed_at=timezone.now() - BEGIN_WITHIN)
        return may_still_send(submission)

    monkeypatch.setattr(dispatch, "may_still_send", late)
    drain()
    asked.refresh_from_db()
    assert provider.orders == []
    assert asked.status == Status.APPROVED
    assert Submission.objects.get().code == "held_back"


def test_the_calls_deadline_counts_from_before_the_last_question(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is suspended between that question and the first byte has used up the time for sending it."""
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    asked_at: list[float] = []

    def asked(submission: Submission) -> bool:
        asked_at.append(time.monotonic())
        return may_still_send(submission)

    monkeypatch.setattr(dispatch, "may_still_send", asked)
    drain()
    [began] = provider.began
    assert began is not None
    assert asked_at[0] - 1 < began < asked_at[0]


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_where_the_database_cannot_be_asked_before_a_call_nothing_is_sent_and_nothing_is_lost(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, away: type[Exception]
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def lost(submission: Submission) -> bool:
        raise away("gone")

    monkeypatch.setattr(dispatch, "may_still_send", lost)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction is in it
    drain()
    asked.refresh_from_db()
    assert provider.orders == []
    assert asked.status == Status.APPROVED
    assert Submission.objects.get().code == "held_back"


def test_what_is_paused_after_its_claim_is_not_sent(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def later(submission: Submission) -> bool:
        pause_everything(reason="Something is wrong here", by=cast.administrator)
        return may_still_send(submission)

    monkeypatch.setattr(dispatch, "may_still_send", later)
    drain()
    asked.refresh_from_db()
    assert provider.orders == []
    assert asked.status == Status.APPROVED


def test_what_is_to_be_left_alone_after_its_claim_is_not_sent_and_its_worker_waits_no_longer_for_it(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def refused_meanwhile(*args: Any, **kwargs: Any) -> Any:
        claimed = claim(*args, **kwargs)
        if isinstance(claimed, Claim):
            leave_alone(asked.account, timedelta(minutes=10), code="HTTP 403", message="Too many.", by=WORKER)
        return claimed

    monkeypatch.setattr(dispatch, "claim", refused_meanwhile)
    drain()
    asked.refresh_from_db()
    assert (provider.orders, asked.status) == ([], Status.APPROVED)
    assert max(no_waiting) <= dispatch.SHORT_WAIT
    asked.account.refresh_from_db()
    assert asked.account.quiet_because == "Too many."
    assert asked.account.is_quiet(at=timezone.now() + timedelta(minutes=9))


def test_what_cannot_be_signed_was_not_sent_and_waits(
    cast: Cast, payee: Address, plug: Plug, caplog: pytest.LogCaptureFixture
) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(NOT_SIGNABLE, ACCEPTED))
    drain()
    asked.refresh_from_db()
    assert (asked.status, Submission.objects.get().code) == (Status.APPROVED, "not_sendable")
    assert "order not sendable" in caplog.text
    assert Pause.objects.open().get().code == "not_sendable"
    wake(asked.account)
    assert drain() == 0


def test_an_answer_that_cannot_be_written_for_minutes_stands_in_the_log(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))

    def away(*args: Any, **kwargs: Any) -> Status:
        raise OperationalError("gone")

    monkeypatch.setattr(dispatch, "record_answer", away)
    monkeypatch.setattr(dispatch, "KEPT_FOR", -1.0)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction is in it
    with pytest.raises(OperationalError):
        drain()
    [lost] = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert (lost.message, vars(lost)["status"], vars(lost)["code"]) == ("answer lost", "accepted", "10195")


def test_a_worker_that_wakes_after_the_sweep_gave_up_sends_nothing(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def later(submission: Submission) -> bool:
        forge(submission, deadline=timezone.now() - timedelta(seconds=1))
        dispatch.sweep()
        return may_still_send(submission)

    monkeypatch.setattr(dispatch, "may_still_send", later)
    with told() as events:
        drain()
    asked.refresh_from_db()
    assert provider.orders == []
    assert asked.status == Status.UNKNOWN
    assert [event.event for event in events][-2:] == [Event.LATE_ANSWER, Event.ALERT_RAISED]


def test_what_was_raised_under_a_laxer_setting_needs_what_the_setting_says_now(
    cast: Cast, payee: Address, plug: Plug, settings: Any
) -> None:
    settings.APPROVALS_REQUIRED = 1
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    settings.APPROVALS_REQUIRED = 2
    provider = plug(ScriptedProvider(ACCEPTED))
    drain()
    asked.refresh_from_db()
    assert provider.orders == []
    assert asked.stopped_because == "Too few approvals name exactly what would be sent."


def test_a_drain_hands_its_account_on_after_a_while(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, no_waiting: list[float]
) -> None:
    for _ in range(3):
        approved(cast, payee)
    finish_jobs()
    plug(ScriptedProvider(ACCEPTED))
    monkeypatch.setattr(dispatch, "HANDS_ON_AFTER", (0.0, 0.0))
    assert drain() == 1
    assert no_waiting == []  # while the account's second passes anyway
    assert ProcrastinateJob.objects.get(status="todo").args == {"account": "treasury"}


def test_a_worker_that_is_told_to_end_hands_the_account_on(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    approved(cast, payee)
    left = approved(cast, payee, amount=Decimal(7))
    provider = plug(ScriptedProvider(ACCEPTED))
    finish_jobs()
    assert dispatch.drain("treasury", stop=stop_after(1)) == 1
    assert len(provider.orders) == 1
    left.refresh_from_db()
    assert left.status == Status.APPROVED
    assert ProcrastinateJob.objects.get(status="todo", task_name="drain_account").scheduled_at is None
