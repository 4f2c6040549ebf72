"""What a no or time has ended says so on its pages, and asks nobody for another yes."""

import pytest
from django.utils import timezone

from payouts.audit import Worker
from payouts.models import Account, Address, Withdrawal
from payouts.workflow.decisions import deciding
from payouts.workflow.recipients import address_book
from payouts.workflow.withdrawals import expiry, request
from tests.conftest import SignIn
from tests.props.cast import Cast, approve, approved, proposal, raised
from tests.props.pages.pages import act_on, page_of, words
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db

REASON = "The invoice names another account."
ASKED = ("One more person has to say yes", "An address keeper has to say yes")


def asks_for_nobody(shown: str) -> bool:
    return not any(sentence in shown for sentence in ASKED)


@pytest.mark.parametrize("act", ["activate", "decline"])
def test_a_declined_address_says_who_said_no(act: str, cast: Cast, treasury: Account, sign_in: SignIn) -> None:
    entry = address_book.propose(proposal(treasury), by=cast.requester)
    keeper = sign_in(cast.keeper)
    assert ASKED[1] in words(keeper.get(act_on(entry, act)))
    deciding.reject(entry.proposal.pk, reason=REASON, by=cast.second_keeper)
    shown = words(keeper.get(act_on(entry, act)))
    assert f"Second Keeper said no: {REASON}" in shown
    assert asks_for_nobody(shown)


def test_a_rejected_withdrawal_says_who_said_no(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    it = approve(raised(cast, payee), cast.first_approver)
    deciding.reject(it.proposal.pk, reason=REASON, by=cast.second_approver)
    approver = sign_in(cast.third_approver)
    shown = words(approver.get(act_on(it, "approve")))
    assert "First Approver said yes" in shown
    assert f"Second Approver said no: {REASON}" in shown
    assert asks_for_nobody(shown)
    page = words(approver.get(page_of(it)))
    assert "Second Approver rejected it" in page
    assert "What would have been sent" in page


def test_a_cancelled_withdrawal_says_that_it_was_taken_back(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    it = request.cancel(raised(cast, payee).pk, reason=REASON, by=cast.requester)
    approver = sign_in(cast.third_approver)
    assert f"Requester took it back: {REASON}" in words(approver.get(act_on(it, "approve")))
    assert "Requester cancelled it" in words(approver.get(page_of(it)))


def test_an_expired_withdrawal_says_that_it_can_no_longer_be_decided(
    cast: Cast, payee: Address, sign_in: SignIn
) -> None:
    it = raised(cast, payee)
    forge(it, expires_at=timezone.now())
    assert expiry.expire_overdue(by=Worker("tests")) == 1
    shown = words(sign_in(cast.third_approver).get(act_on(it, "approve")))
    assert "It can no longer be decided: Not approved within" in shown
    assert asks_for_nobody(shown)


def test_what_waits_to_be_sent_is_not_said_to_be_over(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    it: Withdrawal = approved(cast, payee)
    page = words(sign_in(cast.third_approver).get(page_of(it)))
    assert "What will be sent" in page
    assert "rejected it" not in page
