"""Looking against sending, answering and deciding, at the same instant: one winner, and one story in the trail."""

import pytest
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.decisions.proposal import State
from payouts.domain.people.roles import Act
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, ProviderRecord, Resolution, Submission, Withdrawal
from payouts.models.unknown.record import LookResult
from payouts.models.unknown.resolution import Verdict
from payouts.preview import fields_to_send
from payouts.worker import reconcile
from payouts.workflow.sending import answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import Finding, FindingLine
from tests.props import decisions
from tests.props.cast import Cast, approved
from tests.props.decisions import proof_of
from tests.props.findings import TRANSACTION
from tests.props.providers.doubles import ACCEPTED, PROMISES, UNKNOWN, LookUpProvider, record_of
from tests.props.races import ROUNDS, at_once, codes, moves, status_of, told
from tests.props.rows.rows import looked_twice
from tests.props.worker import WORKER, Plug, claim_again, claim_next, wake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider())  # type: ignore[return-value]


def given_up(cast: Cast, payee: Address, provider: LookUpProvider) -> Submission:
    """A call that the sweep gave up; the provider has a record of it, and it is time to look."""
    asked = approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    answer.record_answer(claimed.submission, UNKNOWN, promises=PROMISES, by=WORKER)
    Withdrawal.objects.filter(pk=asked.pk).update(next_look_at=timezone.now())
    provider.book = [record_of(asked.order(), at=timezone.now())]
    return claimed.submission


@pytest.mark.parametrize("_", ROUNDS)
def test_a_look_against_a_late_answer(cast: Cast, payee: Address, provider: LookUpProvider, _: int) -> None:
    call = given_up(cast, payee, provider)
    looked, late = at_once(
        lambda: reconcile.look_up("treasury"),
        lambda: answer.record_answer(call, ACCEPTED, promises=PROMISES, by=WORKER),
    )
    assert looked == 1
    assert late in (Status.UNKNOWN, Status.SUBMITTED)
    assert moves(call.withdrawal) == ["approved", "submitting", "unknown", "submitted"]
    assert told(Event.LATE_ANSWER) == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_two_looks_at_once(cast: Cast, payee: Address, provider: LookUpProvider, _: int) -> None:
    call = given_up(cast, payee, provider)
    at_once(*[lambda: reconcile.look_up("treasury")] * 3)
    assert moves(call.withdrawal) == ["approved", "submitting", "unknown", "submitted"]
    assert ProviderRecord.objects.get().withdrawal == call.withdrawal
    assert call.withdrawal.looks.filter(result=LookResult.FOUND).count() == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_a_look_against_the_resend(cast: Cast, payee: Address, provider: LookUpProvider, _: int) -> None:
    """The record appears while the worker takes it up once more: it is found before the resend, or after its call."""
    call = given_up(cast, payee, provider)
    asked = call.withdrawal
    looked_twice(asked)
    Account.objects.update(resend_allowed=True)
    wake(asked.account)
    looked, again = at_once(
        lambda: reconcile.look_up("treasury"),
        lambda: claim_again("treasury", fields=fields_to_send, promises=PROMISES, by=WORKER),
    )
    assert looked == 1
    if isinstance(again, Claim):
        assert again.submission.is_resend
        assert (status_of(asked), told(Event.RESENT)) == (Status.UNKNOWN, 1)
    else:
        assert (again, status_of(asked), told(Event.RESENT)) == (None, Status.SUBMITTED, 0)


@pytest.mark.parametrize("_", ROUNDS)
def test_a_look_against_the_second_person(cast: Cast, payee: Address, provider: LookUpProvider, _: int) -> None:
    """The record appears while somebody confirms that it was paid: one of them ends it, the other hears of it."""
    call = given_up(cast, payee, provider)
    finding = Finding(
        Verdict.PAID,
        (FindingLine(call.withdrawal_id, TRANSACTION),),
        where_looked="The provider's page",
        looked_at=timezone.now(),
        note="It stands there with this amount",
    )
    proposed = resolution.propose(finding, by=cast.first_approver)
    proof = proof_of(cast.second_approver, Act.CONFIRM_RESOLUTION, proposed.proposal.digest)
    _looked, confirmed = at_once(
        lambda: reconcile.look_up("treasury"),
        lambda: decisions.approve(proposed, proof=proof, by=cast.second_approver),
    )
    if isinstance(confirmed, Resolution):
        assert moves(call.withdrawal) == ["approved", "submitting", "unknown", "completed"]
        assert told(Event.RESOLUTION_OBJECTED) == 0
    else:
        assert len(codes([confirmed])) == 1
        assert moves(call.withdrawal) == ["approved", "submitting", "unknown", "submitted"]
        assert told(Event.RESOLUTION_OBJECTED) == 1
        proposed.refresh_from_db()
        proposed.proposal.refresh_from_db()
        assert proposed.proposal.state == State.LAPSED
