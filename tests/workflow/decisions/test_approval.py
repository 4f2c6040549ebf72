"""Approvals: two people, one digest, a fresh code each; and who may not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act, Role
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, PresenceProof, Withdrawal
from payouts.workflow.decisions import deciding, presence
from payouts.workflow.recipients import address_book
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, person_with, raised
from tests.props.decisions import proof_of
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged

OTHER_DIGEST = "e" * 64
NOT_AWAITING = [status for status in Status if status is not Status.AWAITING_APPROVAL]
CLAIMED_OR_CLOSED = [status for status in Status if status not in (Status.AWAITING_APPROVAL, Status.APPROVED)]


@pytest.fixture
def asked(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal that awaits two approvals."""
    return raised(cast, payee)


def approve_with(proof: PresenceProof | None, asked: Withdrawal, by: User) -> Withdrawal:
    done: Withdrawal = decisions.approve(asked, proof=proof, by=by)
    return done


def jobs() -> int:
    return ProcrastinateJob.objects.count()


# -- permitted --


def test_the_first_approval_is_kept_with_its_proof_and_changes_no_status(cast: Cast, asked: Withdrawal) -> None:
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with told() as events:
        approve_with(proof, asked, cast.first_approver)
    kept = asked.proposal.approvals.get()
    assert (kept.approver, kept.digest, kept.proof) == (cast.first_approver, asked.proposal.digest, proof)
    asked.refresh_from_db()
    assert asked.status == Status.AWAITING_APPROVAL
    assert [event.event for event in events] == [Event.WITHDRAWAL_APPROVED]
    assert events[0].facts == {"digest": asked.proposal.digest, "proof": str(proof.pk)}
    assert jobs() == 0


def test_the_last_approval_approves_it_and_defers_its_submission(cast: Cast, asked: Withdrawal) -> None:
    approve(asked, cast.first_approver)
    with told() as events:
        approve(asked, cast.second_approver)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert [event.event for event in events] == [Event.WITHDRAWAL_APPROVED, Event.STATUS_MOVED]
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args, job.status) == ("drain_account", {"account": "treasury"}, "todo")


def test_a_team_of_maker_and_checker_needs_one_approval(cast: Cast, payee: Address, settings: Settings) -> None:
    settings.APPROVALS_REQUIRED = 1
    asked = raised(cast, payee)
    assert approve(asked, cast.first_approver).status == Status.APPROVED
    assert jobs() == 1


def test_how_many_approvals_are_needed_is_fixed_when_it_is_raised(
    cast: Cast, asked: Withdrawal, settings: Settings
) -> None:
    settings.APPROVALS_REQUIRED = 1
    assert approve(asked, cast.first_approver).status == Status.AWAITING_APPROVAL
    assert approve(asked, cast.second_approver).status == Status.APPROVED


def test_an_approval_uses_its_proof_up(cast: Cast, asked: Withdrawal) -> None:
    approve(asked, cast.first_approver)
    assert asked.proposal.approvals.get().proof.used_at is not None


# -- objections --


@pytest.mark.parametrize("status", NOT_AWAITING)
def test_nobody_approves_once_it_has_left_the_queue(cast: Cast, asked: Withdrawal, status: Status) -> None:
    forge(asked, status=status, error_code="10001")
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with objected("already_moved_on", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


def test_the_own_request_is_not_approvable(cast: Cast, asked: Withdrawal) -> None:
    cast.requester.groups.set(cast.first_approver.groups.all() | cast.requester.groups.all())
    proof = proof_of(cast.requester, Act.APPROVE, asked.proposal.digest)
    with objected("own_request", Event.APPROVAL_OBJECTED, by=cast.requester):
        approve_with(proof, asked, cast.requester)


def test_the_same_person_does_not_approve_twice(cast: Cast, asked: Withdrawal) -> None:
    approve(asked, cast.first_approver)
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with objected("approved_already", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


def test_a_page_that_showed_something_else_is_refused(cast: Cast, asked: Withdrawal) -> None:
    proof = proof_of(cast.first_approver, Act.APPROVE, OTHER_DIGEST)
    with objected("stale_page", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        decisions.approve(asked, shown=OTHER_DIGEST, proof=proof, by=cast.first_approver)


@pytest.mark.parametrize("name", ["second_requester", "keeper", "auditor", "administrator", "outsider", "superuser"])
def test_only_approvers_approve_and_reject(cast: Cast, asked: Withdrawal, name: str) -> None:
    stranger: User = getattr(cast, name)
    proof = proof_of(stranger, Act.APPROVE, asked.proposal.digest)
    with objected("no_role", Event.APPROVAL_OBJECTED, by=stranger):
        approve_with(proof, asked, stranger)
    with objected("no_role", Event.REJECT_OBJECTED, by=stranger):
        deciding.reject(asked.proposal_id, reason="Not ours", by=stranger)


def test_an_approver_who_was_sent_away_approves_nothing(cast: Cast, asked: Withdrawal) -> None:
    User.objects.filter(pk=cast.first_approver.pk).update(is_active=False)
    gone = User.objects.get(pk=cast.first_approver.pk)
    with objected("no_role", Event.APPROVAL_OBJECTED, by=gone):
        approve_with(None, asked, gone)


def test_a_superuser_who_requested_it_cannot_approve_it(cast: Cast, payee: Address) -> None:
    both = person_with("chief", Role.REQUESTER, Role.APPROVER)
    both.is_superuser = True
    both.save()
    asked = raised(cast, payee, by=both)
    proof = proof_of(both, Act.APPROVE, asked.proposal.digest)
    with objected("own_request", Event.APPROVAL_OBJECTED, by=both):
        approve_with(proof, asked, both)


def test_nobody_approves_a_payment_to_a_revoked_address(cast: Cast, asked: Withdrawal) -> None:
    address_book.revoke(asked.address_id, reason="Left the company", by=cast.keeper)
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with objected("address_not_active", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


# -- proofs of presence --


def test_without_a_proof_nothing_is_approved(cast: Cast, asked: Withdrawal) -> None:
    with objected("no_proof", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(None, asked, cast.first_approver)


def test_the_proof_of_another_person_is_no_proof(cast: Cast, asked: Withdrawal) -> None:
    proof = proof_of(cast.second_approver, Act.APPROVE, asked.proposal.digest)
    with objected("no_proof", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


@pytest.mark.parametrize("act", [act for act in Act if act is not Act.APPROVE])
def test_the_proof_of_another_act_is_no_proof(cast: Cast, asked: Withdrawal, act: Act) -> None:
    proof = proof_of(cast.first_approver, act, asked.proposal.digest)
    with objected("no_proof", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


def test_the_proof_for_another_withdrawal_is_no_proof(cast: Cast, asked: Withdrawal, payee: Address) -> None:
    proof = proof_of(cast.first_approver, Act.APPROVE, raised(cast, payee).digest)
    with objected("no_proof", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


def test_a_proof_serves_for_a_minute(cast: Cast, asked: Withdrawal) -> None:
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    proof.proved_at = timezone.now() - presence.FRESH_FOR - timedelta(seconds=1)
    with objected("proof_too_old", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)
    proof.proved_at = timezone.now() - presence.FRESH_FOR + timedelta(seconds=5)
    approve_with(proof, asked, cast.first_approver)


def test_a_proof_serves_once(cast: Cast, asked: Withdrawal) -> None:
    proof = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    PresenceProof.objects.filter(pk=proof.pk).update(used_at=timezone.now())
    with objected("proof_used", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        approve_with(proof, asked, cast.first_approver)


# -- rejecting --


@pytest.mark.parametrize("approvals", [0, 1, 2])
def test_any_approver_rejects_until_a_worker_has_claimed_it(cast: Cast, asked: Withdrawal, approvals: int) -> None:
    for approver in (cast.first_approver, cast.second_approver)[:approvals]:
        approve(asked, approver)
    with told() as events:
        deciding.reject(asked.proposal_id, reason="The invoice is wrong", by=cast.third_approver)
    asked.refresh_from_db()
    assert (asked.status, asked.closed_because) == (Status.REJECTED, "The invoice is wrong")
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.STATUS_MOVED, "The invoice is wrong")]


@pytest.mark.parametrize("status", CLAIMED_OR_CLOSED)
def test_nobody_rejects_what_is_claimed_or_closed(cast: Cast, asked: Withdrawal, status: Status) -> None:
    forge(asked, status=status, error_code="10001")
    with objected("already_moved_on", Event.REJECT_OBJECTED, by=cast.first_approver):
        deciding.reject(asked.proposal_id, reason="Too late", by=cast.first_approver)


def test_the_own_request_is_cancelled_and_not_rejected(cast: Cast, payee: Address) -> None:
    both = person_with("chief", Role.REQUESTER, Role.APPROVER)
    asked = raised(cast, payee, by=both)
    with objected("own_request", Event.REJECT_OBJECTED, by=both):
        deciding.reject(asked.proposal_id, reason="A mistake", by=both)


@pytest.mark.parametrize("reason", ["", "  ", "no", "line\nbreak", "x" * 501, "right\u202eto left"])
def test_a_rejection_needs_a_reason_in_words(cast: Cast, asked: Withdrawal, reason: str) -> None:
    with unchanged(), pytest.raises(InvalidValue) as caught:
        deciding.reject(asked.proposal_id, reason=reason, by=cast.first_approver)
    assert caught.value.field == "reason"


def test_a_rejected_withdrawal_keeps_its_approvals(cast: Cast, payee: Address) -> None:
    done = approved(cast, payee)
    deciding.reject(done.proposal_id, reason="Second thoughts", by=cast.third_approver)
    assert done.proposal.approvals.count() == 2
