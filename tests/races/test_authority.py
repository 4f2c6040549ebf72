"""Access taken away at the same instant as something that rests on it: one clean winner."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from payouts.domain.decisions.proposal import key_digest
from payouts.domain.people.roles import Act
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Submission, Withdrawal
from payouts.workflow.people import people
from payouts.workflow.sending.submission import Claim, may_still_send
from payouts.workflow.withdrawals.standing import fall_back_all
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, raised
from tests.props.decisions import proof_of
from tests.props.races import ROUNDS, Deed, at_once, in_thread, status_of, until_somebody_waits
from tests.props.worker import WORKER, claim_next

pytestmark = pytest.mark.django_db(transaction=True)


def deactivating(user: User, by: User) -> Deed:
    proof = proof_of(by, Act.MANAGE_PEOPLE, key_digest("person", str(user.pk)))
    return lambda: people.deactivate(user, proof=proof, by=by)


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("who", ["first_approver", "requester"])
def test_deactivation_against_claim(cast: Cast, payee: Address, who: str, _: int) -> None:
    asked = approved(cast, payee)
    claimed, gone = at_once(claim_next, deactivating(getattr(cast, who), cast.administrator))
    assert gone is None
    if isinstance(claimed, Claim):
        assert status_of(asked) == Status.SUBMITTING
        assert not may_still_send(claimed.submission)  # it was the faster one, and is held back all the same
    else:
        assert Submission.objects.count() == 0
        fall_back_all(by=WORKER)
        assert status_of(asked) == (Status.CANCELLED if who == "requester" else Status.AWAITING_APPROVAL)


@pytest.mark.parametrize("_", ROUNDS)
def test_deactivation_against_the_last_yes(cast: Cast, payee: Address, _: int) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    fresh = proof_of(cast.second_approver, Act.APPROVE, asked.proposal.digest)
    _said, gone = at_once(
        lambda: decisions.approve(asked, proof=fresh, by=cast.second_approver),
        deactivating(cast.first_approver, cast.administrator),
    )
    assert gone is None
    fall_back_all(by=WORKER)
    assert status_of(asked) == Status.AWAITING_APPROVAL


@pytest.mark.parametrize("_", ROUNDS)
def test_deactivation_against_ones_own_yes(cast: Cast, payee: Address, _: int) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    fresh = proof_of(cast.second_approver, Act.APPROVE, asked.proposal.digest)
    at_once(
        lambda: decisions.approve(asked, proof=fresh, by=cast.second_approver),
        deactivating(cast.second_approver, cast.administrator),
    )
    fall_back_all(by=WORKER)
    assert status_of(asked) == Status.AWAITING_APPROVAL


def test_who_is_being_claimed_for_keeps_access_until_the_claim_is_made(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    with transaction.atomic():
        Withdrawal.objects.locked_with_address(asked.pk)
        beside = in_thread(deactivating(cast.first_approver, cast.administrator))
        until_somebody_waits()
        assert User.objects.get(pk=cast.first_approver.pk).is_active
    beside.join()
    assert not User.objects.get(pk=cast.first_approver.pk).is_active


def test_two_claims_with_the_same_approvers_do_not_wait_for_each_other(
    cast: Cast, payee: Address, chain_payee: Address
) -> None:
    held = approved(cast, payee)
    approved(cast, chain_payee)
    with transaction.atomic():
        Withdrawal.objects.locked_with_address(held.pk)
        beside = in_thread(lambda: claim_next(chain_payee.account.name))
        beside.join(30)
        assert not beside.is_alive()
    assert Submission.objects.get().account == chain_payee.account
