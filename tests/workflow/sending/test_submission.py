"""Claims and answers: what is never sent, what becomes of a call that nobody answered, and the pace."""

import logging
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import TestCase
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.domain.errors import InvalidValue
from payouts.domain.sending.answer import Outcome
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Submission, Withdrawal
from payouts.worker import accounts, dispatch
from payouts.workflow.decisions import deciding
from payouts.workflow.recipients import address_book
from payouts.workflow.sending import answer
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim, Wait
from payouts.workflow.withdrawals import request
from tests.props.cast import Cast, approved, raised
from tests.props.providers.doubles import (
    ACCEPTED,
    NOT_EXECUTED,
    PROMISED,
    PROMISES,
    REFUSED,
    UNKNOWN,
    ScriptedProvider,
    accepted_as,
)
from tests.props.rows.guards import forge
from tests.props.trail import told, unchanged
from tests.props.worker import WORKER, Plug, claim, claim_next, crashed, drain, here, statuses, stop_after

# -- what is never sent --


@pytest.mark.parametrize(
    "columns",
    [{"amount": Decimal(9999)}, {"coin": "USDC"}, {"remark": "other"}],
    ids=["amount", "coin", "remark"],
)
def test_a_withdrawal_that_was_tampered_with_is_stopped_loudly(
    cast: Cast, payee: Address, plug: Plug, columns: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    asked = approved(cast, payee)
    forge(asked, **columns)
    assert_stopped(asked, plug(ScriptedProvider()), caplog)


@pytest.mark.parametrize(
    "columns", [{"address": "666"}, {"kind": "email"}, {"area_code": "44"}], ids=["address", "kind", "area code"]
)
def test_an_address_that_was_tampered_with_is_not_paid(
    cast: Cast, payee: Address, plug: Plug, columns: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    asked = approved(cast, payee)
    forge(payee, **columns)
    assert_stopped(asked, plug(ScriptedProvider()), caplog)


@pytest.mark.parametrize(
    "change", [{"provider": "swapspace"}, {"host": "https://openapi.zoomex.com"}, {"customer": "1000002"}], ids=str
)
def test_nothing_approved_before_is_sent_to_another_provider_host_or_customer(
    change: dict[str, str],
    cast: Cast,
    payee: Address,
    plug: Plug,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = approved(cast, payee)
    forge(asked.account, **change)
    changed = Account.objects.get(pk=asked.account_id).identity()
    monkeypatch.setattr(accounts, "identity", lambda name: changed)  # and the environment was changed with it
    assert_stopped(asked, plug(ScriptedProvider()), caplog)


def test_an_order_that_the_provider_cannot_carry_is_stopped(
    cast: Cast, payee: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    payee_of_another_provider = InvalidValue("kind", "not_taken", "Zoomex does not pay those.")

    def refuse(order: object) -> dict[str, str | int]:
        raise payee_of_another_provider

    assert claim("treasury", fields=refuse, here=here(), by=WORKER) is None
    asked.refresh_from_db()
    assert (asked.status, asked.stopped_because) == (Status.APPROVED, "Zoomex does not pay those.")


def assert_stopped(asked: Withdrawal, provider: ScriptedProvider, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing left; it says so in the row, in one event, and in the log at the highest level."""
    with told() as events, caplog.at_level(logging.CRITICAL), TestCase.captureOnCommitCallbacks(execute=True):
        assert drain() == 0
    asked.refresh_from_db()
    assert provider.orders == []
    assert not Submission.objects.exists()
    assert (asked.status, asked.stopped_because) == (
        Status.APPROVED,
        "What would be sent is not what was asked for and approved.",
    )
    stopped, alert = events
    assert (stopped.event, stopped.facts["why"]) == (Event.SUBMISSION_STOPPED, "digest_differs")
    assert (alert.event, alert.facts["alert"]) == (Event.ALERT_RAISED, Alert.SUBMISSION_STOPPED)
    assert [(record.levelname, record.__dict__["about"]) for record in caplog.records] == [
        ("CRITICAL", f"withdrawal {asked.pk}")
    ]
    with unchanged():
        drain()


def test_what_is_stopped_does_not_hold_up_the_next_one(cast: Cast, payee: Address, plug: Plug) -> None:
    first, second = approved(cast, payee), approved(cast, payee)
    forge(first, amount=Decimal(9999))
    provider = plug(ScriptedProvider(ACCEPTED))
    assert drain() == 1
    assert [order.reference for order in provider.orders] == [second.reference]


@pytest.mark.parametrize("end", ["cancel", "reject", "revoke", "await"])
def test_what_was_stopped_by_people_is_not_sent(cast: Cast, payee: Address, plug: Plug, end: str) -> None:
    asked = raised(cast, payee) if end == "await" else approved(cast, payee)
    if end == "cancel":
        request.cancel(asked.pk, reason="Second thoughts", by=cast.requester)
    if end == "reject":
        deciding.reject(asked.proposal_id, reason="Second thoughts", by=cast.third_approver)
    if end == "revoke":
        address_book.revoke(payee.pk, reason="Left", by=cast.keeper)
    provider = plug(ScriptedProvider())
    with unchanged():
        assert drain() == 0
    assert provider.orders == []


# -- crashes, and answers that come too late --


@pytest.fixture
def abandoned(cast: Cast, payee: Address, plug: Plug) -> Withdrawal:
    """The worker crashed in the middle of its call."""
    return crashed(cast, payee, plug)


def test_a_crash_in_the_middle_of_a_call_leaves_it_submitting(abandoned: Withdrawal) -> None:
    assert abandoned.status == Status.SUBMITTING
    with unchanged():
        assert claim_next() is None
        assert answer.give_up_overdue(promises=PROMISED, by=WORKER) == 0


def test_while_a_call_may_be_under_way_the_account_makes_no_other(
    cast: Cast, abandoned: Withdrawal, payee: Address
) -> None:
    approved(cast, payee, amount=Decimal("99"))
    assert claim_next() == Wait(1.0)


def test_after_the_deadline_an_abandoned_call_is_unknown(
    abandoned: Withdrawal, caplog: pytest.LogCaptureFixture
) -> None:
    Submission.objects.update(deadline=timezone.now())
    with told() as events:
        dispatch.sweep()
        dispatch.sweep()
    abandoned.refresh_from_db()
    assert (abandoned.status, abandoned.error_code) == (Status.UNKNOWN, "worker_lost")
    assert statuses(events) == [("submitting", "unknown")]
    assert len(events) == 1
    kept = Submission.objects.get()
    assert (kept.outcome, kept.code) == (Outcome.UNKNOWN, "worker_lost")
    assert "calls given up as unknown" in caplog.text
    assert claim_next() is None


@pytest.mark.parametrize(
    ("answer", "outcome", "given"),
    [
        (ACCEPTED, "accepted", "10195"),
        (REFUSED, "refused", "10001"),
        (NOT_EXECUTED, "not_executed", "10006"),
        (UNKNOWN, "unknown", "timeout"),
    ],
)
def test_an_answer_that_comes_too_late_moves_nothing_and_is_in_the_trail(
    abandoned: Withdrawal, answer: Any, outcome: str, given: str
) -> None:
    late = Submission.objects.get()
    Submission.objects.update(deadline=timezone.now())
    dispatch.sweep()
    with told() as events:
        assert record_answer(late, answer, promises=PROMISES, by=WORKER) is Status.UNKNOWN
    late_answer, alert = events
    assert (late_answer.event, late_answer.facts) == (
        Event.LATE_ANSWER,
        {"number": 1, "outcome": outcome, "given": given},
    )
    assert alert.facts["alert"] == Alert.LATE_ANSWER
    abandoned.refresh_from_db()
    assert (abandoned.status, abandoned.provider_id) == (Status.UNKNOWN, "")


# -- pace --


def test_after_an_answer_the_account_waits_a_second_by_the_databases_clock(
    cast: Cast, payee: Address, plug: Plug
) -> None:
    approved(cast, payee)
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    dispatch.drain("treasury", stop=stop_after(1))
    wait = claim_next()
    assert isinstance(wait, Wait)
    assert 0 < wait.seconds <= 1
    Account.objects.update(last_answer_at=timezone.now() - timedelta(seconds=1))
    assert isinstance(claim_next(), Claim)


def test_the_accounts_second_runs_from_when_the_answer_came(cast: Cast, payee: Address) -> None:
    approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    came_at = time.monotonic() - 0.2
    record_answer(claimed.submission, ACCEPTED, promises=PROMISES, came_at=came_at, by=WORKER)
    assert 0 < payee.account.turn().call_in <= 0.8


def test_an_answer_that_is_written_late_does_not_shorten_the_wait_after_a_later_one(cast: Cast, payee: Address) -> None:
    approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    later = timezone.now()
    Account.objects.update(last_answer_at=later)
    came_at = time.monotonic() - 30
    record_answer(claimed.submission, ACCEPTED, promises=PROMISES, came_at=came_at, by=WORKER)
    assert Account.objects.get(pk=payee.account_id).last_answer_at == later


def test_an_account_does_not_wait_for_a_clock_that_was_put_back(cast: Cast, payee: Address) -> None:
    approved(cast, payee)
    claimed = claim_next()
    Account.objects.update(last_answer_at=timezone.now() + timedelta(hours=1))
    assert isinstance(claimed, Claim)
    record_answer(claimed.submission, ACCEPTED, promises=PROMISES, by=WORKER)
    assert payee.account.turn().call_in <= 1


def test_two_accounts_do_not_wait_for_each_other(cast: Cast, payee: Address, chain_payee: Address, plug: Plug) -> None:
    approved(cast, payee)
    approved(cast, chain_payee)
    plug(ScriptedProvider(ACCEPTED, ACCEPTED))
    assert (drain("treasury"), drain("merchant")) == (1, 1)


def test_a_worker_that_is_told_to_stop_finishes_the_call_in_hand(
    cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    for _ in range(3):
        approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED, accepted_as("10196")))
    assert dispatch.drain("treasury", stop=stop_after(3)) == 2
    assert len(provider.orders) == 2
    assert Withdrawal.objects.filter(status=Status.APPROVED).count() == 1
    assert not Submission.objects.open().exists()


def test_the_oldest_approval_is_sent_first(cast: Cast, payee: Address, plug: Plug, no_waiting: list[float]) -> None:
    asked = [approved(cast, payee) for _ in range(3)]
    provider = plug(ScriptedProvider(*(accepted_as(str(number)) for number in range(3))))
    assert drain() == 3
    assert [order.reference for order in provider.orders] == [each.reference for each in asked]
    assert all(0 < seconds <= 1 for seconds in no_waiting)


@pytest.mark.django_db(transaction=True)
def test_between_an_answer_and_the_next_call_lies_a_real_second(
    transactional_db: None, cast: Cast, payee: Address, plug: Plug
) -> None:
    approved(cast, payee)
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED, accepted_as("10196")))
    assert drain() == 2
    assert 1.0 <= provider.asked_at[1] - provider.answered_at[0] < 2.5
