"""Asking again: a new request names the one that was not paid; one at a time, and approved anew."""

from decimal import Decimal
from uuid import uuid4

import pytest

from payouts.audit import Event
from payouts.domain.errors import NotPermitted, Objection
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.policy import Lost
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Withdrawal
from payouts.workflow.withdrawals import request
from tests.props.cast import Cast, active_address, raised, request_for
from tests.props.rows.guards import forge
from tests.props.trail import told, unchanged

MAY_HAVE_BEEN_PAID = [status for status in Status if status not in policy.NOT_PAID]


@pytest.fixture
def failed(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal that was not paid."""
    asked = raised(cast, payee)
    forge(asked, status="failed", closed_because="Not paid")
    return asked


def code(status: Status, *, asked_again: bool = False, lost: Lost = Lost.NOTHING) -> str | None:
    objection = policy.may_ask_again(status, asked_again=asked_again, lost=lost)
    return objection.code if objection else None


@pytest.mark.parametrize("status", sorted(policy.NOT_PAID))
def test_what_was_not_paid_is_asked_for_again_once(status: Status) -> None:
    assert code(status) is None
    assert code(status, asked_again=True) == "asked_again_already"
    assert code(status, lost=Lost.UNDECIDED) == "call_lost"
    assert code(status, lost=Lost.PAID) == "call_paid"


def test_what_was_paid_or_may_be_is_not() -> None:
    assert {status: code(status) for status in MAY_HAVE_BEEN_PAID} == {
        status: "was_paid" if status is Status.COMPLETED else "not_over" for status in MAY_HAVE_BEEN_PAID
    }


@pytest.mark.parametrize("status", sorted(policy.NOT_PAID))
def test_a_new_request_names_the_old_one_and_starts_anew(cast: Cast, payee: Address, status: Status) -> None:
    old = raised(cast, payee)
    forge(old, status=status, error_code="10001")
    with told() as events:
        new = raised(cast, payee, retry_of=old.pk)
    assert (new.retry_of, new.status, new.proposal.approvals.count()) == (old, Status.AWAITING_APPROVAL, 0)
    assert request.asked_again_as(old) == new
    assert [(event.event, event.facts["retry_of"]) for event in events] == [(Event.WITHDRAWAL_RAISED, str(old.pk))]


@pytest.mark.parametrize("status", MAY_HAVE_BEEN_PAID)
def test_nothing_is_asked_for_again_that_may_have_been_paid(cast: Cast, payee: Address, status: Status) -> None:
    old = raised(cast, payee)
    forge(old, status=status)
    with told() as events, pytest.raises(NotPermitted) as caught:
        raised(cast, payee, retry_of=old.pk)
    said = caught.value.objection.code
    assert said == code(status)
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.RAISE_OBJECTED, said)]
    assert Withdrawal.objects.count() == 1


def test_repeats_form_a_chain_and_no_fork(cast: Cast, payee: Address, failed: Withdrawal) -> None:
    first = raised(cast, payee, retry_of=failed.pk)
    forge(first, status="rejected")
    with pytest.raises(NotPermitted, match="asked for again already"):
        raised(cast, payee, retry_of=failed.pk)
    second = raised(cast, payee, retry_of=first.pk)
    assert (request.asked_again_as(failed), request.asked_again_as(first)) == (first, second)


def test_a_form_that_is_sent_twice_is_not_in_its_own_way(cast: Cast, payee: Address, failed: Withdrawal) -> None:
    asked = request_for(payee, retry_of=failed.pk)
    digest = request.draft(asked, payee, by=cast.requester).digest
    request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester)
    with pytest.raises(request.RaisedAlready):
        request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester)


def test_a_request_that_was_faster_is_told_readably(
    cast: Cast, treasury: Account, failed: Withdrawal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write: the database's constraint decides."""
    other, look = active_address(cast, treasury), policy.may_ask_again
    asked = request_for(other, retry_of=failed.pk, amount=Decimal(7))
    digest = request.draft(asked, other, by=cast.requester).digest

    def blind_once(status: Status, *, asked_again: bool, lost: Lost) -> Objection | None:
        monkeypatch.setattr(policy, "may_ask_again", look)
        return None

    raised(cast, other, retry_of=failed.pk)
    monkeypatch.setattr(policy, "may_ask_again", blind_once)
    with told() as events, pytest.raises(NotPermitted, match="asked for again already"):
        request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester)
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.RAISE_OBJECTED, "asked_again_already")]


def test_what_is_not_there_is_not_asked_for_again(cast: Cast, payee: Address) -> None:
    with unchanged(), pytest.raises(Withdrawal.DoesNotExist):
        raised(cast, payee, retry_of=uuid4())
