"""People and the machine at the same instant about one unknown outcome: one wins, the other is told readably."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.people.roles import Act
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, ProviderRecord, Resolution, ResolutionLine, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.decisions import deciding
from payouts.workflow.unknown import resolution
from payouts.workflow.withdrawals.transition import move
from tests.props import decisions
from tests.props.cast import Cast
from tests.props.decisions import proof_of
from tests.props.findings import finding, lost, proposed, record_of
from tests.props.races import MANY, ROUNDS, Deed, at_once, codes, many_at_once, moves, status_of, told

pytestmark = pytest.mark.django_db(transaction=True)


def confirming(found: Resolution, by: User) -> Deed:
    proof = proof_of(by, Act.CONFIRM_RESOLUTION, found.proposal.digest)
    return lambda: decisions.approve(found, proof=proof, by=by)


def test_a_hundred_posts_of_one_finding_are_one_finding(cast: Cast, payee: Address) -> None:
    said = finding(lost(cast, payee))
    ends = many_at_once(lambda: resolution.propose(said, by=cast.second_requester))
    assert ends == {"done": 1, "NotPermitted": MANY - 1}
    assert (Resolution.objects.count(), told(Event.RESOLUTION_PROPOSED)) == (1, 1)


@pytest.mark.parametrize("_", ROUNDS)
def test_two_approvers_confirm(cast: Cast, payee: Address, _: int) -> None:
    it = lost(cast, payee)
    found = proposed(cast, it)
    results = at_once(confirming(found, cast.first_approver), confirming(found, cast.second_approver))
    assert codes(results) == ["already_decided"]
    assert (status_of(it), moves(it), told(Event.RESOLUTION_CONFIRMED)) == ("completed", ["completed"], 1)


@pytest.mark.parametrize("_", ROUNDS)
def test_confirm_against_decline(cast: Cast, payee: Address, _: int) -> None:
    it = lost(cast, payee)
    found = proposed(cast, it)
    results = at_once(
        confirming(found, cast.first_approver),
        lambda: deciding.reject(found.proposal_id, reason="Another payment", by=cast.second_approver),
    )
    assert codes(results) == ["already_decided"]
    assert told(Event.RESOLUTION_CONFIRMED) + told(Event.RESOLUTION_DECLINED) == 1
    assert status_of(it) == ("completed" if told(Event.RESOLUTION_CONFIRMED) else "unknown")


@pytest.mark.parametrize("_", ROUNDS)
def test_people_call_it_lost_while_the_machine_finds_it(cast: Cast, payee: Address, _: int) -> None:
    it, other = lost(cast, payee), lost(cast, payee)
    found = proposed(cast, it, other, verdict=Verdict.NOT_PAID, found_as="")
    a_day_ago = timezone.now() - timedelta(days=1)
    record_of(it, "10195", withdrawal=it, status=RecordStatus.PENDING.value, created_at=a_day_ago)
    confirmed, _found = at_once(confirming(found, cast.first_approver), lambda: find(it))
    if codes([confirmed]):
        assert codes([confirmed]) == ["already_decided"]
        assert [status_of(each) for each in (it, other)] == ["submitted", "unknown"]
    else:
        assert [status_of(each) for each in (it, other)] == ["failed", "failed"]
    assert not ResolutionLine.objects.filter(is_open=True).exists()
    assert ProviderRecord.objects.count() == 1


def find(it: Withdrawal) -> bool:
    """As a look-up does: the account, the withdrawal, then whoever is overtaken."""
    by = Worker("worker")
    with transaction.atomic(durable=True):
        Account.objects.locked(it.account_id)
        held = Withdrawal.objects.locked(it.pk)
        if held.status != Status.UNKNOWN:
            return False
        resolution.overtaken(held, by=by)
        move(held, Status.SUBMITTED, by=by, provider_id="10195")
        return True
