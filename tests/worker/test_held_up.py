"""A worker that was held up after its claim: what came about meanwhile counts, and nothing is sent too late."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event
from payouts.domain.sending.pace import BEGIN_WITHIN, LONGEST_CALL
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause, Submission
from payouts.providers.base import TIMEOUT
from payouts.worker import dispatch
from payouts.workflow.sending import submission
from payouts.workflow.sending.quiet import leave_alone
from payouts.workflow.sending.submission import Claim, may_still_send
from payouts.workflow.stopping.pause import pause_everything
from tests.props.cast import Cast, approve, approved, raised
from tests.props.providers.doubles import (
    ACCEPTED,
    NOT_SIGNABLE,
    ScriptedProvider,
)
from tests.props.rows.guards import forge
from tests.props.trail import told
from tests.props.worker import WORKER, Plug, drain, finish_jobs, stop_after, wake


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


@pytest.mark.parametrize(("ago", "calls"), [(0.9, 0), (1.0, 1)])
def test_a_late_answer_within_the_second_before_a_call_keeps_it_from_being_made(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, ago: float, calls: int
) -> None:
    """A call that was left behind may be answered between another one's claim and its first byte."""
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def meanwhile_answered(submission: Submission) -> bool:
        Account.objects.update(last_answer_at=timezone.now() - timedelta(seconds=ago))
        return may_still_send(submission)

    monkeypatch.setattr(dispatch, "may_still_send", meanwhile_answered)
    drain()
    assert len(provider.orders) == calls


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
        claimed = submission.claim(*args, **kwargs)
        if isinstance(claimed, Claim):
            leave_alone(asked.account, timedelta(minutes=10), code="HTTP 403", message="Too many.", by=WORKER)
        return claimed

    monkeypatch.setattr(dispatch, "claim", refused_meanwhile)
    drain()
    asked.refresh_from_db()
    assert (provider.orders, asked.status) == ([], Status.APPROVED)
    assert max(no_waiting, default=0) <= dispatch.SHORT_WAIT
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
    assert (provider.orders, asked.status) == ([], Status.AWAITING_APPROVAL)
    approve(asked, cast.second_approver)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED


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
