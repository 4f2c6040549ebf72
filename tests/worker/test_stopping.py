"""Answers that mean "stop": they pause the account with the answer itself, and nothing leaves through it any more."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.admin.shell.story import why_not_sent_yet
from payouts.audit import Event
from payouts.domain.people.roles import Act
from payouts.domain.sending.answer import Answer, Exchange, Outcome
from payouts.domain.stopping.pausing import Cause
from payouts.domain.unknown.record import Unavailable
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause, Submission, Withdrawal
from payouts.providers.zoomex import v1
from payouts.worker import dispatch, reconcile
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.quiet import leave_alone
from payouts.workflow.sending.submission import Claim, Wait
from tests.props import decisions
from tests.props.cast import Cast, approved
from tests.props.decisions import proof_of
from tests.props.providers.doubles import (
    ACCEPTED,
    NOT_EXECUTED,
    PROMISES,
    REFUSED,
    UNKNOWN,
    Crash,
    LookUpProvider,
    ScriptedProvider,
    accepted_as,
)
from tests.props.rows.guards import forge
from tests.props.trail import told
from tests.props.worker import WORKER, Plug, claim_next, drain, finish_jobs, review_all, wake

pytestmark = pytest.mark.django_db

STOPS = replace(REFUSED, code="10003", message="The API key is not valid")


def test_the_first_stop_code_pauses_the_account_and_keeps_the_rest_approved(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    first, second = approved(cast, payee), approved(cast, payee)
    provider = plug(ScriptedProvider(STOPS))
    with told() as events:
        assert drain() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.error_code) == (Status.REFUSED, "10003")
    assert second.status == Status.APPROVED
    assert len(provider.orders) == 1
    it = Pause.objects.get()
    assert (it.account, it.cause, it.code, it.proposal.needed) == (payee.account, Cause.STOP_CODE, "10003", 1)
    assert second.paused_because() == "The provider answered 10003: The API key is not valid"
    counted = [event.event for event in events]
    assert (counted.count(Event.ACCOUNT_PAUSED), counted.count(Event.ALERT_RAISED)) == (1, 1)


def test_after_the_release_what_waited_is_sent(cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]) -> None:
    approved(cast, payee)
    waiting = approved(cast, payee)
    plug(ScriptedProvider(STOPS, ACCEPTED))
    drain()
    it = Pause.objects.get()
    proof = proof_of(cast.administrator, Act.RELEASE, it.proposal.digest)
    finish_jobs()
    decisions.approve(it, proof=proof, note="The key was renewed", by=cast.administrator)
    assert ProcrastinateJob.objects.filter(status="todo").exists()
    assert drain() == 1
    waiting.refresh_from_db()
    assert waiting.status == Status.SUBMITTED


@pytest.mark.parametrize("answer", [NOT_EXECUTED, UNKNOWN], ids=["not_executed", "unknown"])
def test_a_stop_code_stops_whatever_else_the_answer_says(
    cast: Cast, payee: Address, plug: Plug, answer: Answer
) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(replace(answer, code="10003")))  # type: ignore[arg-type]
    drain()
    assert Pause.objects.on(asked.account).get().code == "10003"


@pytest.mark.parametrize("answer", [ACCEPTED, accepted_as("10003"), REFUSED, NOT_EXECUTED, UNKNOWN])
def test_any_other_answer_pauses_nothing(cast: Cast, payee: Address, plug: Plug, answer: Answer) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(answer))
    drain()
    assert not Pause.objects.exists()


def test_a_late_answer_stops_as_well(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    forge(claimed.submission, deadline=F("claimed_at") - timedelta(seconds=1))
    dispatch.sweep()
    record_answer(claimed.submission, STOPS, promises=PROMISES, by=WORKER)
    asked.refresh_from_db()
    assert asked.status == Status.UNKNOWN
    assert Pause.objects.get().code == "10003"


def test_the_answer_and_the_pause_are_committed_together(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(STOPS))

    def crash(*args: object, **kwargs: object) -> None:
        raise Crash

    monkeypatch.setattr("payouts.workflow.stopping.pause.raise_alert", crash)
    with pytest.raises(Crash):
        drain()
    assert Submission.objects.get().outcome == "open"
    assert not Pause.objects.exists()


# -- HTTP 403: for ten minutes --


def test_http_403_leaves_the_account_alone_for_ten_minutes(cast: Cast, payee: Address, plug: Plug) -> None:
    said = v1.verdict(403, None)
    assert (said.outcome, said.retry_after) == (Outcome.NOT_EXECUTED, 600)
    asked = approved(cast, payee)
    forbidden = replace(NOT_EXECUTED, code=said.code, retry_after=said.retry_after)
    provider = plug(ScriptedProvider(forbidden, ACCEPTED))
    assert drain() == 1
    finish_jobs()
    wait = claim_next()
    assert isinstance(wait, Wait)
    assert 590 < wait.seconds <= 600
    dispatch.sweep()
    assert not ProcrastinateJob.objects.filter(status="todo").exists()
    assert drain() == 0
    Account.objects.update(quiet_until=F("quiet_until") - timedelta(seconds=590), last_answer_at=None)
    assert drain() == 0
    asked.refresh_from_db()
    assert (len(provider.orders), asked.status) == (1, Status.APPROVED)
    wake(asked.account)
    assert drain() == 1
    assert not Pause.objects.exists()


FORBIDDEN = Unavailable("HTTP 403", "The IP address sent too many requests", Exchange(403, 12, ""), 600.0)


def look(account: str = "treasury") -> int:
    """The time has come to look at everything; how much was looked at."""
    Withdrawal.objects.update(next_look_at=timezone.now() - timedelta(seconds=1))
    return reconcile.look_up(account)


def test_http_403_to_a_question_leaves_the_account_alone_for_ten_minutes_too(
    cast: Cast, payee: Address, plug: Plug
) -> None:
    approved(cast, payee)
    provider = plug(LookUpProvider(UNKNOWN, ACCEPTED))
    assert isinstance(provider, LookUpProvider)
    drain()
    waiting = approved(cast, payee, amount=Decimal(7))
    provider.unavailable = FORBIDDEN
    with told() as events:
        assert look() == 1
    quiet = [event.facts for event in events if event.event == Event.ACCOUNT_QUIET]
    assert quiet == [{"why": "HTTP 403", "seconds": 600.0}]
    payee.account.refresh_from_db()
    assert payee.account.is_quiet(at=timezone.now() + timedelta(seconds=595))
    assert not payee.account.is_quiet(at=timezone.now() + timedelta(seconds=605))
    assert FORBIDDEN.message in why_not_sent_yet(Withdrawal.objects.get(pk=waiting.pk))
    assert (drain(), look(), len(provider.asked)) == (0, 0, 1)
    Account.objects.exclude(pk=payee.account.pk).delete()  # the others are asked through the same double
    review_all()
    assert len(provider.asked) == 1
    wake(payee.account)
    assert (drain(), look()) == (1, 2)


def test_a_short_quiet_does_not_end_a_longer_one(cast: Cast, payee: Address) -> None:
    for wait in (600, 5):
        leave_alone(payee.account, timedelta(seconds=wait), code="10006", message="Slow down.", by=WORKER)
    payee.account.refresh_from_db()
    assert payee.account.is_quiet(at=timezone.now() + timedelta(seconds=595))


def test_our_own_pace_of_questions_keeps_no_payment_back(cast: Cast, payee: Address, plug: Plug) -> None:
    approved(cast, payee)
    provider = plug(LookUpProvider(UNKNOWN))
    assert isinstance(provider, LookUpProvider)
    drain()
    provider.unavailable = Unavailable("too_many_requests", "300 were sent.", Exchange(None, 0, ""), 30.0)
    assert look() == 1
    payee.account.refresh_from_db()
    assert payee.account.quiet_until is None
