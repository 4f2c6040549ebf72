"""Two acts at the same instant, in real threads on a real PostgreSQL: one clean result, and words for the other.

Every act either does what it promises or raises what its docstring names. Never an IntegrityError, a deadlock or any
other fault of the database; and the trail tells of each move once.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event
from payouts.domain.people.roles import Act
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, PresenceProof, Submission, Withdrawal
from payouts.preview import fields_to_send
from payouts.worker import dispatch
from payouts.workflow.decisions import deciding
from payouts.workflow.recipients import address_book
from payouts.workflow.sending import answer
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim, Wait
from payouts.workflow.withdrawals import request
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, raised
from tests.props.decisions import proof_of
from tests.props.providers.doubles import ACCEPTED, PROMISED, PROMISES
from tests.props.races import ROUNDS, Deed, at_once, codes, in_thread, moves, status_of, told
from tests.props.rows.guards import forge
from tests.props.worker import GONE, WORKER, Claimed, claim, finish_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def approving(asked: Withdrawal, by: User, proof: PresenceProof | None = None) -> Deed:
    """An approval whose code was entered before."""
    fresh = proof or proof_of(by, Act.APPROVE, asked.proposal.digest)
    return lambda: decisions.approve(asked, proof=fresh, by=by)


def cancelling(asked: Withdrawal, cast: Cast) -> Deed:
    return lambda: request.cancel(asked.pk, reason="Second thoughts", by=cast.requester)


def rejecting(asked: Withdrawal, cast: Cast) -> Deed:
    return lambda: deciding.reject(asked.proposal_id, reason="Wrong invoice", by=cast.third_approver)


def claiming(account: str = "treasury") -> Claimed:
    return claim(account, fields=fields_to_send, by=WORKER)


# -- approvals --


@pytest.mark.parametrize("_", ROUNDS)
def test_two_last_approvals(cast: Cast, payee: Address, _: int) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    results = at_once(approving(asked, cast.second_approver), approving(asked, cast.third_approver))
    assert codes(results) == ["already_moved_on"]
    assert status_of(asked) == Status.APPROVED
    assert asked.proposal.approvals.count() == 2
    assert moves(asked) == ["approved"]
    assert told(Event.APPROVAL_OBJECTED) == 1
    assert ProcrastinateJob.objects.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_both_approvals_that_are_needed(cast: Cast, payee: Address, _: int) -> None:
    asked = raised(cast, payee)
    results = at_once(approving(asked, cast.first_approver), approving(asked, cast.second_approver))
    assert codes(results) == []
    assert status_of(asked) == Status.APPROVED
    assert moves(asked) == ["approved"]


@pytest.mark.parametrize("_", ROUNDS)
def test_a_double_click_on_approve(cast: Cast, payee: Address, _: int) -> None:
    asked = raised(cast, payee)
    results = at_once(*[approving(asked, cast.first_approver) for _ in range(3)])
    assert codes(results) == ["approved_already"] * 2
    assert asked.proposal.approvals.count() == 1
    assert status_of(asked) == Status.AWAITING_APPROVAL


@pytest.mark.parametrize("_", ROUNDS)
def test_one_proof_that_is_posted_several_times_serves_once(cast: Cast, payee: Address, _: int) -> None:
    asked = raised(cast, payee)
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    results = at_once(*[approving(asked, cast.first_approver, proof) for _ in range(4)])
    assert codes(results) == ["approved_already"] * 3
    assert asked.proposal.approvals.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_last_approvals_of_two_withdrawals_of_one_account(cast: Cast, payee: Address, _: int) -> None:
    first, second = raised(cast, payee), raised(cast, payee)
    for asked in (first, second):
        approve(asked, cast.first_approver)
    results = at_once(approving(first, cast.second_approver), approving(second, cast.third_approver))
    assert codes(results) == []
    assert (status_of(first), status_of(second)) == (Status.APPROVED, Status.APPROVED)
    assert ProcrastinateJob.objects.count() == 1


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize(("stop", "ended"), [(cancelling, "cancelled"), (rejecting, "rejected")])
def test_approve_against_who_stops_it(
    cast: Cast, payee: Address, stop: Callable[[Withdrawal, Cast], Deed], ended: str, _: int
) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    approved_, stopped = at_once(approving(asked, cast.second_approver), stop(asked, cast))
    assert isinstance(stopped, Withdrawal)
    assert status_of(asked) == ended
    was_first = isinstance(approved_, Withdrawal)
    assert moves(asked) == (["approved", ended] if was_first else [ended])
    assert codes([approved_]) == ([] if was_first else ["already_moved_on"])


@pytest.mark.parametrize("_", ROUNDS)
def test_cancel_against_reject(cast: Cast, payee: Address, _: int) -> None:
    asked = approved(cast, payee)
    results = at_once(cancelling(asked, cast), rejecting(asked, cast))
    assert codes(results) == ["already_moved_on"]
    assert moves(asked) == ["approved", status_of(asked)]


# -- claims --


@pytest.mark.parametrize("_", ROUNDS)
def test_cancel_against_claim(cast: Cast, payee: Address, _: int) -> None:
    asked = approved(cast, payee)
    cancelled, claimed = at_once(cancelling(asked, cast), claiming)
    if isinstance(claimed, Claim):
        assert codes([cancelled]) == ["already_moved_on"]
        assert moves(asked) == ["approved", "submitting"]
    else:
        assert claimed is None
        assert isinstance(cancelled, Withdrawal)
        assert moves(asked) == ["approved", "cancelled"]
        assert not Submission.objects.exists()


@pytest.mark.parametrize("_", ROUNDS)
def test_revoke_against_claim(cast: Cast, payee: Address, _: int) -> None:
    asked = approved(cast, payee)
    revoked, claimed = at_once(lambda: address_book.revoke(payee.pk, reason="Left", by=cast.keeper), claiming)
    assert isinstance(revoked, Address)
    was_first = isinstance(claimed, Claim)
    assert status_of(asked) == (Status.SUBMITTING if was_first else Status.APPROVED)
    assert Submission.objects.count() == (1 if was_first else 0)
    assert Withdrawal.objects.get(pk=asked.pk).stopped_because == ""


@pytest.mark.parametrize("_", ROUNDS)
def test_several_workers_claim(cast: Cast, payee: Address, _: int) -> None:
    first, second = approved(cast, payee), approved(cast, payee, amount=Decimal("99"))
    results = at_once(*[claiming] * 4)
    assert [type(result).__name__ for result in results].count("Claim") == 1
    assert results.count(Wait(1.0)) == 3
    assert {status_of(first), status_of(second)} == {Status.SUBMITTING, Status.APPROVED}
    assert Submission.objects.get().withdrawal_id == first.pk


@pytest.mark.parametrize("_", ROUNDS)
def test_several_workers_find_the_same_one_gone(cast: Cast, payee: Address, _: int) -> None:
    """One of them says so, and none calls before the account's second is over."""
    approved(cast, payee)
    approved(cast, payee, amount=Decimal(99))
    claiming()
    forge(Submission.objects.get(), worker=GONE.name)
    results = at_once(*[claiming] * 4)
    assert all(isinstance(result, Wait) for result in results)
    assert told(Event.WORKER_GONE) == 1
    assert Submission.objects.count() == 1


def test_a_claim_waits_for_whoever_claims_in_the_same_account(cast: Cast, payee: Address, chain_payee: Address) -> None:
    """Else it could look before the other's row is there, and find the next withdrawal after it is."""
    approved(cast, payee)
    approved(cast, chain_payee)
    claimed: list[Claimed] = []
    with transaction.atomic():
        Account.objects.locked(payee.account_id)
        waiting = in_thread(lambda: claimed.append(claiming("treasury")))
        in_thread(lambda: claimed.append(claiming("merchant"))).join(timeout=60)
        waiting.join(timeout=0.2)
        assert [type(each) for each in claimed] == [Claim]
    waiting.join(timeout=60)
    assert [type(each) for each in claimed] == [Claim, Claim]


@pytest.mark.parametrize("_", ROUNDS)
def test_an_answer_against_the_sweep(cast: Cast, payee: Address, _: int) -> None:
    asked = approved(cast, payee)
    claimed = claiming()
    assert isinstance(claimed, Claim)
    Submission.objects.update(deadline=timezone.now())
    status, given_up = at_once(
        lambda: record_answer(claimed.submission, ACCEPTED, promises=PROMISES, by=WORKER),
        lambda: answer.give_up_overdue(promises=PROMISED, by=WORKER),
    )
    assert moves(asked) == ["approved", "submitting", status]
    assert (status, given_up) in [(Status.SUBMITTED, 0), (Status.UNKNOWN, 1)]
    assert told(Event.LATE_ANSWER) == given_up


@pytest.mark.parametrize("_", ROUNDS)
def test_sweeps_at_once(cast: Cast, payee: Address, chain_payee: Address, _: int) -> None:
    """One was thought dead, or two workers are told to: every row is moved once."""
    lost = approved(cast, payee)
    assert isinstance(claiming(), Claim)
    Submission.objects.update(deadline=timezone.now())
    late = [raised(cast, payee), approved(cast, payee, amount=Decimal(7))]
    for each in late:
        forge(each, expires_at=timezone.now())
    approved(cast, chain_payee)
    finish_jobs()
    at_once(*[dispatch.sweep] * 3)
    assert moves(lost) == ["approved", "submitting", "unknown"]
    assert [moves(each)[-1] for each in late] == ["expired"] * 2
    assert told(Event.STATUS_MOVED) == 3 + 1 + 2 + 1
    assert ProcrastinateJob.objects.filter(status="todo", task_name="drain_account").count() == 1


def test_a_sweep_waits_for_no_account_that_somebody_holds(cast: Cast, payee: Address, chain_payee: Address) -> None:
    """A worker was stopped in the middle of writing an answer: the other accounts go on."""
    asked, other = approved(cast, payee), approved(cast, chain_payee)
    for account in ("treasury", "merchant"):
        assert isinstance(claiming(account), Claim)
    Submission.objects.update(deadline=timezone.now())
    with transaction.atomic():
        Account.objects.locked(payee.account_id)
        sweeping = in_thread(dispatch.sweep)
        sweeping.join(timeout=60)
        assert not sweeping.is_alive()
    assert (status_of(asked), status_of(other)) == (Status.SUBMITTING, Status.UNKNOWN)
    dispatch.sweep()
    assert status_of(asked) == Status.UNKNOWN
