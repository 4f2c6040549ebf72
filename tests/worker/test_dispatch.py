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
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.pace import Turn
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause, Submission, Withdrawal
from payouts.models.sending.submission import OPEN
from payouts.preview import fields_to_send
from payouts.worker import accounts, dispatch
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.quiet import leave_alone
from payouts.workflow.sending.submission import Wait, may_still_send
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import (
    ACCEPTED,
    NOT_EXECUTED,
    REFUSED,
    UNKNOWN,
    ScriptedProvider,
    accepted_as,
)
from tests.props.rows.guards import forge
from tests.props.trail import told, unchanged
from tests.props.worker import WORKER, Plug, claim_next, drain, finish_jobs, statuses, wake

# -- what each answer does --


def test_an_accepted_withdrawal_is_submitted_with_the_providers_id(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee, remark="Inv. 17")
    provider = plug(ScriptedProvider(ACCEPTED))
    with told() as events:
        assert drain() == 1
    asked.refresh_from_db()
    assert (asked.status, asked.provider_id) == (Status.SUBMITTED, "10195")
    assert [(order.reference, order.account, order.provider) for order in provider.orders] == [
        (asked.reference, "treasury", "zoomex")
    ]
    assert statuses(events) == [("approved", "submitting"), ("submitting", "submitted")]
    assert len(events) == 2


def test_what_was_sent_and_answered_is_kept_word_for_word(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    seen: list[tuple[str, str]] = []
    plug(ScriptedProvider(ACCEPTED, meanwhile=lambda: seen.extend(Submission.objects.values_list("outcome", "body"))))
    drain()
    kept = Submission.objects.get()
    assert seen == [(OPEN, kept.body)]
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

    def told_to_wait(account: Account) -> Turn:
        told_at.append(time.monotonic())
        return Turn(claim_in=0.0, call_in=0.05)

    monkeypatch.setattr(Account, "turn", told_to_wait)
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

    monkeypatch.setattr(Account, "turn", lambda account: Turn(claim_in=0.0, call_in=1.0))
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
