"""move(): every declared move once, every other refused, and nothing written when another move was first."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.errors import CountersignError, MovedMeanwhile
from payouts.domain.withdrawals.status import MOVES, Status
from payouts.models import Address, Withdrawal
from payouts.workflow.withdrawals.transition import move
from tests.props.cast import Cast, approved
from tests.props.evidence import evidence_for
from tests.props.rows.guards import forge
from tests.props.trail import told, unchanged

WORKER = Worker("worker test:1")


@pytest.fixture
def withdrawal(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal that two people have approved."""
    return approved(cast, payee)


@pytest.mark.parametrize("old", Status)
def test_every_declared_move_is_made_and_told(withdrawal: Withdrawal, old: Status) -> None:
    for new in MOVES[old]:
        forge(withdrawal, status=old, error_code="10001", provider_id="")
        columns = evidence_for(withdrawal, new)
        with told() as events:
            move(withdrawal, new, by=WORKER, why="because", **columns)
        withdrawal.refresh_from_db()
        assert withdrawal.status == new
        assert [(event.event, event.actor_name, event.facts) for event in events] == [
            (Event.STATUS_MOVED, WORKER.name, {"old": old, "new": new, "why": "because"})
        ]


@pytest.mark.parametrize("old", Status)
def test_no_other_move_is_made(withdrawal: Withdrawal, old: Status) -> None:
    forge(withdrawal, status=old, error_code="10001")
    for new in set(Status) - MOVES[old]:
        with unchanged(), pytest.raises(CountersignError, match="There is no move"):
            move(withdrawal, new, by=WORKER)


def test_the_time_of_a_move_is_the_databases_and_stands_in_the_row_at_once(
    withdrawal: Withdrawal, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=1))
    move(withdrawal, Status.SUBMITTING, by=WORKER, next_look_at=Now() + timedelta(minutes=5))
    assert abs(withdrawal.status_changed_at - now) < timedelta(minutes=1)
    assert withdrawal.next_look_at is not None
    assert abs(withdrawal.next_look_at - now - timedelta(minutes=5)) < timedelta(minutes=1)
    assert withdrawal.status == Status.SUBMITTING


def test_nothing_is_written_when_another_move_was_first(withdrawal: Withdrawal) -> None:
    late = Withdrawal.objects.get(pk=withdrawal.pk)
    move(withdrawal, Status.CANCELLED, by=WORKER)
    with unchanged(), pytest.raises(MovedMeanwhile):
        move(late, Status.SUBMITTING, by=WORKER)
