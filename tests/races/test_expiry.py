"""Expiry at the same instant as what it ends: one winner, in real threads; what somebody holds is left alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from payouts.domain.people.roles import Act
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Submission, Withdrawal
from payouts.workflow.sending.submission import Claim
from payouts.workflow.withdrawals import request
from payouts.workflow.withdrawals.expiry import expire_overdue
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, raised
from tests.props.decisions import proof_of
from tests.props.races import at_once, codes, moves, status_of
from tests.props.rows.guards import forge
from tests.workflow.withdrawals.test_expiry import WORKER, claiming, overdue

pytestmark = pytest.mark.django_db(transaction=True)

LEFT = (20, 70, 90, 120, 200)  # milliseconds: some rounds are won by either


@pytest.mark.parametrize("milliseconds", LEFT)
def test_the_last_approval_against_the_sweep(cast: Cast, payee: Address, milliseconds: int) -> None:
    """Its time ends while both are under way: either it is approved, with new time, or it is over."""
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    proof = proof_of(cast.second_approver, Act.APPROVE, asked.proposal.digest)
    forge(asked, expires_at=timezone.now() + timedelta(milliseconds=milliseconds))
    approving, expired = at_once(
        lambda: decisions.approve(asked, proof=proof, by=cast.second_approver),
        until_it_is_over(asked),
    )
    if isinstance(approving, Withdrawal):
        assert (moves(asked), expired) == (["approved"], 0)
    else:
        assert codes([approving])[0] in ("expired", "already_moved_on")
        assert (moves(asked), expired) == (["expired"], 1)


@pytest.mark.parametrize("milliseconds", LEFT)
def test_a_claim_against_the_sweep(cast: Cast, payee: Address, milliseconds: int) -> None:
    asked = approved(cast, payee)
    forge(asked, expires_at=timezone.now() + timedelta(milliseconds=milliseconds))
    claimed, expired = at_once(claiming, until_it_is_over(asked))
    if isinstance(claimed, Claim):
        assert (moves(asked), expired) == (["approved", "submitting"], 0)
    else:
        assert (claimed, moves(asked), expired) == (None, ["approved", "expired"], 1)
        assert not Submission.objects.exists()


def until_it_is_over(asked: Withdrawal) -> Callable[[], int]:
    """Sweeps without a pause until it is neither to be approved nor to be sent any more, or has new time."""

    def sweeping() -> int:
        expired = 0
        while not expired and Withdrawal.objects.filter(pk=asked.pk, expires_at=asked.expires_at).exclude(
            status=Status.SUBMITTING
        ):
            expired += expire_overdue(by=WORKER)
        return expired

    return sweeping


def test_what_somebody_holds_is_left_alone_and_not_waited_for(cast: Cast, payee: Address) -> None:
    held, free = overdue(raised(cast, payee)), overdue(raised(cast, payee))
    with transaction.atomic():
        Withdrawal.objects.locked(held.pk)
        assert at_once(lambda: expire_overdue(by=WORKER)) == [1]
    assert (status_of(held), status_of(free)) == (Status.AWAITING_APPROVAL, Status.EXPIRED)
    assert expire_overdue(by=WORKER) == 1


@pytest.mark.parametrize("_", range(2))
def test_sweeps_at_once_close_each_row_once(cast: Cast, payee: Address, _: int) -> None:
    asked = [overdue(raised(cast, payee)) for _ in range(3)]
    assert sum(at_once(*[lambda: expire_overdue(by=WORKER)] * 3)) == 3
    assert [moves(each) for each in asked] == [["expired"]] * 3


@pytest.mark.parametrize("_", range(2))
def test_cancel_against_the_sweep(cast: Cast, payee: Address, _: int) -> None:
    asked = overdue(raised(cast, payee))
    cancelled, expired = at_once(
        lambda: request.cancel(asked.pk, reason="Second thoughts", by=cast.requester),
        lambda: expire_overdue(by=WORKER),
    )
    assert expired == (0 if isinstance(cancelled, Withdrawal) else 1)
    assert moves(asked) == ["cancelled" if isinstance(cancelled, Withdrawal) else "expired"]
