"""Pauses: begun by one person at once, ended by as many as it takes; what waits stays approved meanwhile."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event, Worker
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause
from payouts.workflow.stopping import pause
from tests.props import decisions
from tests.props.cast import Cast, approved
from tests.props.decisions import proof_of
from tests.props.providers.doubles import ACCEPTED, Crash, ScriptedProvider
from tests.props.trail import objected, told
from tests.props.worker import Plug, claim_next, drain, finish_jobs

pytestmark = pytest.mark.django_db

WORKER = Worker("worker test:1")
WHY = "A payee looks wrong"


def release(it: Pause, by: User, **changes: Any) -> Pause:
    """A release with its own proof."""
    facts: dict[str, Any] = {"proof": proof_of(by, Act.RELEASE, it.proposal.digest), "note": "Checked with the bank"}
    done: Pause = decisions.approve(it, by=by, **(facts | changes))
    return done


@pytest.fixture
def stopped(cast: Cast, treasury: Account) -> Pause:
    """The provider has refused the key."""
    found = pause.stop_account(treasury, code="10003", message="The API key is not valid", by=WORKER)
    assert found is not None
    return found


@pytest.fixture
def pressed(cast: Cast, treasury: Account) -> Pause:
    """A keeper has pressed the button."""
    return pause.pause_account(treasury.pk, reason=WHY, by=cast.keeper)


# -- people begin --


def test_whoever_may_pauses_an_account_at_once(cast: Cast, treasury: Account, payee: Address) -> None:
    for name in ("requester", "first_approver", "keeper", "administrator"):
        with told() as events:
            it = pause.pause_account(treasury.pk, reason=WHY, by=getattr(cast, name))
        assert (it.account, it.cause, it.reason, it.proposal.needed) == (treasury, Cause.PERSON, WHY, 2)
        assert (it.begun_by, it.released_at) == (getattr(cast, name), None)
        assert [event.event for event in events] == [Event.ACCOUNT_PAUSED, Event.ALERT_RAISED]
        for by in (cast.first_approver, cast.administrator):
            release(it, by)


def test_whoever_may_pauses_everything_at_once(cast: Cast, treasury: Account, merchant: Account) -> None:
    with told() as events:
        it = pause.pause_everything(reason=WHY, by=cast.requester)
    assert (it.account, it.cause, it.proposal.needed) == (None, Cause.PERSON, 2)
    assert [event.event for event in events] == [Event.EVERYTHING_PAUSED, Event.ALERT_RAISED]
    for account in (treasury, merchant):
        assert list(Pause.objects.on(account)) == [it]


@pytest.mark.parametrize("name", ["auditor", "outsider", "superuser"])
def test_nobody_else_pauses_anything(cast: Cast, treasury: Account, name: str) -> None:
    by = getattr(cast, name)
    with objected("no_role", Event.PAUSE_OBJECTED, by=by):
        pause.pause_account(treasury.pk, reason=WHY, by=by)
    with objected("no_role", Event.PAUSE_OBJECTED, by=by):
        pause.pause_everything(reason=WHY, by=by)


def test_what_is_paused_already_is_said_in_words(cast: Cast, treasury: Account) -> None:
    pause.pause_account(treasury.pk, reason=WHY, by=cast.keeper)
    with objected("paused_already", Event.PAUSE_OBJECTED, by=cast.requester):
        pause.pause_account(treasury.pk, reason=WHY, by=cast.requester)
    pause.pause_everything(reason=WHY, by=cast.keeper)
    with objected("paused_already", Event.PAUSE_OBJECTED, by=cast.requester):
        pause.pause_everything(reason=WHY, by=cast.requester)


def test_a_pause_of_one_account_leaves_the_others_alone(
    cast: Cast, pressed: Pause, merchant: Account, treasury: Account
) -> None:
    assert list(Pause.objects.on(merchant)) == []
    assert pause.pause_account(merchant.pk, reason=WHY, by=cast.keeper).account == merchant


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 501, "a\u202eb"])
def test_every_step_needs_a_reason_in_words(cast: Cast, treasury: Account, reason: str) -> None:
    it = pause.pause_account(treasury.pk, reason=WHY, by=cast.keeper)
    acts: list[Callable[[], Any]] = [
        lambda: pause.pause_account(treasury.pk, reason=reason, by=cast.keeper),
        lambda: pause.pause_everything(reason=reason, by=cast.keeper),
        lambda: release(it, cast.first_approver, note=reason),
    ]
    for act in acts:
        with pytest.raises(InvalidValue) as caught:
            act()
        assert caught.value.field == "reason"
    assert Pause.objects.count() == 1


# -- a provider or a reconciliation begins --


def test_a_stop_code_pauses_once_with_one_alert(cast: Cast, treasury: Account) -> None:
    with told() as events:
        first = pause.stop_account(treasury, code="10003", message="The API key is not valid", by=WORKER)
        again = pause.stop_account(treasury, code="10004", message="The signature is wrong", by=WORKER)
    assert first is not None
    assert again is None
    assert (first.cause, first.code, first.begun_by, first.proposal.needed) == (Cause.STOP_CODE, "10003", None, 1)
    assert first.reason == "The provider answered 10003: The API key is not valid"
    assert [event.event for event in events] == [Event.ACCOUNT_PAUSED, Event.ALERT_RAISED]


def test_each_cause_holds_by_itself(cast: Cast, stopped: Pause, treasury: Account) -> None:
    with transaction.atomic():
        orphan = pause.begin(treasury, Cause.ORPHAN, reason="Record 7 has no withdrawal", by=WORKER)
    assert orphan is not None
    assert orphan.proposal.needed == 2
    release(stopped, cast.administrator)
    assert list(Pause.objects.on(treasury)) == [orphan]


def test_a_pause_is_committed_with_what_caused_it_or_not_at_all(cast: Cast, treasury: Account) -> None:
    with suppress(Crash), transaction.atomic():
        pause.begin(treasury, Cause.ORPHAN, reason="Record 7 has no withdrawal", by=WORKER)
        raise Crash
    assert not Pause.objects.exists()


# -- nothing leaves meanwhile --


@pytest.mark.parametrize("everything", [False, True])
def test_what_is_approved_stays_approved_and_its_page_can_say_why(
    cast: Cast, payee: Address, plug: Plug, everything: bool
) -> None:
    asked = approved(cast, payee)
    if everything:
        pause.pause_everything(reason=WHY, by=cast.keeper)
    else:
        pause.pause_account(payee.account_id, reason=WHY, by=cast.keeper)
    provider = plug(ScriptedProvider(ACCEPTED))
    with told() as events:
        assert drain() == 0
        assert claim_next() is None
    asked.refresh_from_db()
    assert (provider.orders, events) == ([], [])
    assert (asked.status, asked.stopped_because, asked.paused_because()) == (Status.APPROVED, "", WHY)


# -- people release --


def test_two_different_people_release_what_a_person_paused(
    cast: Cast, payee: Address, pressed: Pause, plug: Plug
) -> None:
    asked = approved(cast, payee)
    finish_jobs()
    with told() as first_events:
        release(pressed, cast.first_approver)
    assert [event.event for event in first_events] == [Event.PAUSE_RELEASED]
    proof = proof_of(cast.first_approver, Act.RELEASE, pressed.proposal.digest)
    with objected("released_already", Event.PAUSE_OBJECTED, by=cast.first_approver):
        decisions.approve(pressed, proof=proof, note="Once more", by=cast.first_approver)
    assert claim_next() is None
    assert not ProcrastinateJob.objects.filter(status="todo").exists()
    with told() as events:
        assert release(pressed, cast.administrator).released_at is not None
    assert [event.event for event in events] == [Event.PAUSE_RELEASED, Event.PAUSE_ENDED]
    assert [job.args["account"] for job in ProcrastinateJob.objects.filter(status="todo")] == ["treasury"]
    plug(ScriptedProvider(ACCEPTED))
    assert drain() == 1
    asked.refresh_from_db()
    assert asked.status == Status.SUBMITTED


def test_the_end_of_a_pause_of_everything_nudges_every_account(cast: Cast, treasury: Account) -> None:
    it = pause.pause_everything(reason=WHY, by=cast.keeper)
    for by in (cast.first_approver, cast.second_approver):
        release(it, by)
    waiting = ProcrastinateJob.objects.filter(status="todo", task_name="drain_account")
    assert {job.args["account"] for job in waiting} == set(Account.objects.values_list("name", flat=True))


def test_one_administrator_releases_what_the_provider_said(cast: Cast, stopped: Pause) -> None:
    with objected("needs_an_administrator", Event.PAUSE_OBJECTED, by=cast.first_approver):
        decisions.approve(stopped, proof=None, note="Looks fine", by=cast.first_approver)
    assert release(stopped, cast.administrator).released_at is not None


def test_what_has_ended_is_not_released_again(cast: Cast, stopped: Pause) -> None:
    release(stopped, cast.administrator)
    with objected("not_paused", Event.PAUSE_OBJECTED, by=cast.second_administrator):
        decisions.approve(stopped, proof=None, note="Once more", by=cast.second_administrator)


@pytest.mark.parametrize("name", ["requester", "keeper", "auditor", "outsider", "superuser"])
def test_nobody_else_releases(cast: Cast, pressed: Pause, name: str) -> None:
    with objected("no_role", Event.PAUSE_OBJECTED, by=getattr(cast, name)):
        decisions.approve(pressed, proof=None, note="Looks fine", by=getattr(cast, name))


def test_a_release_needs_its_own_fresh_proof(cast: Cast, pressed: Pause, stopped: Pause) -> None:
    used = proof_of(cast.administrator, Act.RELEASE, stopped.proposal.digest)
    decisions.approve(stopped, proof=used, note="The key was renewed", by=cast.administrator)
    wrong = [
        None,
        used,
        proof_of(cast.first_approver, Act.RELEASE, pressed.proposal.digest),
        proof_of(cast.administrator, Act.APPROVE, pressed.proposal.digest),
        proof_of(cast.administrator, Act.RELEASE, stopped.proposal.digest),
    ]
    for proof in wrong:
        with objected("no_proof", Event.PAUSE_OBJECTED, by=cast.administrator):
            decisions.approve(pressed, proof=proof, note="Looks fine", by=cast.administrator)


def test_who_was_deactivated_does_not_count(cast: Cast, pressed: Pause) -> None:
    User.objects.filter(pk=cast.first_approver.pk).update(is_active=False)
    cast.first_approver.refresh_from_db()
    with pytest.raises(NotPermitted):
        release(pressed, cast.first_approver)
