"""Expiry: what time ran out for is closed once, in plain words, and neither approved nor sent any more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.people.roles import Act
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Withdrawal
from payouts.preview import fields_to_send
from payouts.worker import dispatch
from payouts.workflow.withdrawals import expiry
from payouts.workflow.withdrawals.expiry import expire_overdue
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, raised
from tests.props.decisions import proof_of
from tests.props.races import moves, status_of
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged
from tests.props.worker import Claimed, claim

pytestmark = pytest.mark.django_db

WORKER = Worker("worker expiry:1")
MOMENT = timedelta(seconds=1)


def overdue(asked: Withdrawal) -> Withdrawal:
    """The same, asked for and approved so long ago that its time is just over."""
    late = asked.expires_at - timezone.now() + MOMENT
    for yes in asked.proposal.approvals.all():
        forge(yes, approved_at=yes.approved_at - late)
    forge(asked, requested_at=asked.requested_at - late, expires_at=asked.expires_at - late)
    return asked


def claiming() -> Claimed:
    return claim("treasury", fields=fields_to_send, by=WORKER)


# -- closing --


def test_what_was_not_approved_in_time_expires(cast: Cast, payee: Address) -> None:
    asked = overdue(raised(cast, payee))
    with told() as events:
        assert expire_overdue(by=WORKER) == 1
    asked.refresh_from_db()
    assert (asked.status, asked.closed_because) == (Status.EXPIRED, "Not approved within 24 hours.")
    assert [(event.event, event.actor_name, event.facts) for event in events] == [
        (
            Event.STATUS_MOVED,
            WORKER.name,
            {"old": "awaiting_approval", "new": "expired", "why": "Not approved within 24 hours."},
        )
    ]


def test_one_approval_of_two_does_not_keep_it(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    assert expire_overdue(by=WORKER) == 0
    overdue(asked)
    assert expire_overdue(by=WORKER) == 1
    assert Withdrawal.objects.get().closed_because == "Not approved within 24 hours."


def test_what_was_not_sent_in_time_expires(cast: Cast, payee: Address) -> None:
    asked = overdue(approved(cast, payee))
    assert expire_overdue(by=WORKER) == 1
    asked.refresh_from_db()
    assert (asked.status, asked.closed_because) == (Status.EXPIRED, "Not sent within 2 hours of its approval.")


def test_what_is_stopped_expires_as_well(cast: Cast, payee: Address) -> None:
    forge(asked := overdue(approved(cast, payee)), stopped_because="It differs.")
    assert expire_overdue(by=WORKER) == 1
    assert status_of(asked) == Status.EXPIRED


def test_the_last_approval_gives_it_time_to_be_sent(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    forge(asked, expires_at=timezone.now() + timedelta(minutes=1))
    approve(asked, cast.first_approver)
    approve(asked, cast.second_approver)
    asked.refresh_from_db()
    assert timedelta(minutes=119) < asked.expires_at - timezone.now() <= timedelta(hours=2)


def test_what_has_time_left_is_not_touched(cast: Cast, payee: Address) -> None:
    for asked in (raised(cast, payee), approved(cast, payee)):
        forge(asked, expires_at=timezone.now() + timedelta(seconds=30))
    with unchanged():
        assert expire_overdue(by=WORKER) == 0


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in (Status.AWAITING_APPROVAL, Status.APPROVED)], ids=lambda status: status
)
def test_nothing_expires_once_it_was_claimed_or_is_over(cast: Cast, payee: Address, status: Status) -> None:
    asked = overdue(approved(cast, payee))
    forge(asked, status=status, error_code="10001")
    with unchanged():
        assert expire_overdue(by=WORKER) == 0


def test_the_words_are_those_of_the_row_and_not_of_todays_setting(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    forge(asked, expires_at=asked.requested_at + timedelta(minutes=90))
    overdue(asked)
    expire_overdue(by=WORKER)
    assert Withdrawal.objects.get().closed_because == "Not approved within 90 minutes."


def test_more_than_a_batch_is_closed_in_one_go(cast: Cast, payee: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    for _ in range(5):
        overdue(raised(cast, payee))
    assert expire_overdue(by=WORKER) == 5
    assert expire_overdue(by=WORKER) == 0


def test_the_sweep_comes_by(cast: Cast, payee: Address) -> None:
    asked = overdue(raised(cast, payee))
    dispatch.sweep()
    assert moves(asked) == ["expired"]


# -- before the sweep has come by --


def test_nobody_approves_what_is_overdue(cast: Cast, payee: Address) -> None:
    asked = overdue(raised(cast, payee))
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with objected("expired", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        decisions.approve(asked, proof=proof, by=cast.first_approver)


def test_nobody_approves_what_expired(cast: Cast, payee: Address) -> None:
    asked = overdue(raised(cast, payee))
    expire_overdue(by=WORKER)
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with objected("already_moved_on", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        decisions.approve(asked, proof=proof, by=cast.first_approver)


def test_no_worker_claims_what_is_overdue(cast: Cast, payee: Address) -> None:
    asked = overdue(approved(cast, payee))
    assert claiming() is None
    assert Withdrawal.objects.get(pk=asked.pk).stopped_because == ""
    assert expire_overdue(by=WORKER) == 1


def test_time_that_ends_between_the_look_and_the_write_is_no_fault(
    cast: Cast, payee: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses what is long overdue; it leaves the last moment to the rule that is asked under the lock."""
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    look = policy.may_approve

    def ended_after(*facts: Any, **shown: Any) -> Any:
        seen = look(*facts, **shown)
        forge(Withdrawal.objects.get(pk=asked.pk), expires_at=timezone.now())
        return seen

    monkeypatch.setattr(policy, "may_approve", ended_after)
    approve(asked, cast.second_approver)
    assert status_of(asked) == Status.APPROVED
