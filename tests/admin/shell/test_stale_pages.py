"""Pages that were opened before something changed, double clicks, and what a POST may not bring along."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from payouts.audit import Event
from payouts.domain.errors import MovedMeanwhile
from payouts.domain.people.roles import Role
from payouts.models import Address, Withdrawal
from payouts.workflow.recipients import address_book
from tests.conftest import SignIn
from tests.props.cast import Cast, approve, code_of, proposal, raised
from tests.props.pages.cases import APPROVED, REASON, WAITING, status_of
from tests.props.pages.pages import act_on, hidden, objected_to, words
from tests.props.rows.guards import forge
from tests.props.trail import told

pytestmark = pytest.mark.django_db


def test_approving_an_old_digest_is_refused(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    form = {"code": code_of(cast.first_approver), "digest": "0" * 64}
    with told() as events:
        answer = sign_in(cast.first_approver).post(act_on(waiting, "approve"), form)
    assert answer.status_code == 409
    assert "showed something else" in objected_to(answer)
    assert not waiting.proposal.approvals.exists()
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.APPROVAL_OBJECTED, "stale_page")]


def test_the_page_carries_the_digest_of_what_it_shows(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    page = sign_in(cast.first_approver).get(act_on(waiting, "approve"))
    assert hidden(page) == {"digest": waiting.proposal.digest}
    shown = words(page).replace(" ", "")
    for part in (waiting.address.address, "1,250.00USDT", waiting.reference, waiting.purpose.replace(" ", "")):
        assert part in shown


def test_amount_and_address_in_the_post_have_no_effect(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    order = waiting.order()
    form = {"code": code_of(cast.first_approver), "digest": waiting.proposal.digest}
    swapped = {"amount": "999999", "address": "99999999", "coin": "BTC", "status": "approved", "by": "1"}
    assert sign_in(cast.first_approver).post(act_on(waiting, "approve"), form | swapped).status_code == 302
    waiting = Withdrawal.objects.get(pk=waiting.pk)
    assert waiting.order() == order
    assert waiting.proposal.approvals.get().digest == waiting.proposal.digest
    assert waiting.status == WAITING


def test_what_was_cancelled_meanwhile_is_not_approved(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    approver = sign_in(cast.first_approver)
    form = hidden(approver.get(act_on(waiting, "approve")))
    assert sign_in(cast.requester).post(act_on(waiting, "cancel"), REASON).status_code == 302
    answer = approver.post(act_on(waiting, "approve"), form | {"code": code_of(cast.first_approver)})
    assert answer.status_code == 409
    assert objected_to(answer) == "Too late: this withdrawal is already cancelled."
    assert not waiting.proposal.approvals.exists()


def test_a_move_lost_to_somebody_faster_reads_as_such(
    cast: Cast, waiting: Withdrawal, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*args: Any, **kwargs: Any) -> None:
        raise MovedMeanwhile

    monkeypatch.setattr("payouts.workflow.withdrawals.approval.move", overtaken)
    answer = sign_in(cast.first_approver).post(act_on(waiting, "reject"), REASON)
    assert answer.status_code == 409
    assert "Somebody else was faster" in objected_to(answer)


def test_a_double_click_on_approve_is_one_approval_and_a_readable_page(
    cast: Cast, waiting: Withdrawal, sign_in: SignIn
) -> None:
    client = sign_in(cast.first_approver)
    form = {"code": code_of(cast.first_approver), "digest": waiting.proposal.digest}
    assert client.post(act_on(waiting, "approve"), form).status_code == 302
    again = client.post(act_on(waiting, "approve"), form)
    assert again.status_code == 409
    assert objected_to(again) == "You have approved this one already."
    assert waiting.proposal.approvals.count() == 1


def test_the_second_approval_is_the_last(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    approve(waiting, cast.first_approver)
    form = {"code": code_of(cast.second_approver), "digest": waiting.proposal.digest}
    sign_in(cast.second_approver).post(act_on(waiting, "approve"), form)
    assert status_of(waiting) == APPROVED


def test_nobody_approves_their_own_request_on_the_page(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    both = cast.requester
    both.groups.add(*cast.first_approver.groups.all())
    mine = raised(cast, payee)
    client = sign_in(both)
    assert objected_to(client.get(act_on(mine, "approve"))) == "Somebody else has to approve your request."
    answer = client.post(act_on(mine, "approve"), {"code": code_of(both), "digest": mine.proposal.digest})
    assert answer.status_code == 409
    assert objected_to(answer) == "Somebody else has to approve your request."
    assert not mine.proposal.approvals.exists()


def test_nothing_is_approved_once_the_address_is_revoked(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    approver = sign_in(cast.first_approver)
    form = hidden(approver.get(act_on(waiting, "approve")))
    assert sign_in(cast.keeper).post(act_on(waiting.address, "revoke"), REASON).status_code == 302
    answer = approver.post(act_on(waiting, "approve"), form | {"code": code_of(cast.first_approver)})
    assert answer.status_code == 409
    assert "revoked" in objected_to(answer)


def test_only_the_person_who_asked_can_cancel(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    for user in (cast.second_requester, cast.first_approver, cast.auditor):
        answer = sign_in(user).post(act_on(waiting, "cancel"), REASON)
        assert answer.status_code == 409
        assert "Only the person who asked" in objected_to(answer)
    assert status_of(waiting) == WAITING


def test_nobody_activates_their_own_proposal_on_the_page(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    mine = address_book.propose(proposal(payee.account), by=cast.keeper)
    answer = sign_in(cast.keeper).post(act_on(mine, "activate"), {"code": code_of(cast.keeper)})
    assert answer.status_code == 409
    assert "Somebody else has to activate" in objected_to(answer)
    assert status_of(mine) == "proposed"


def test_an_address_changed_past_the_guards_is_seen_before_anybody_approves(
    cast: Cast, waiting: Withdrawal, sign_in: SignIn
) -> None:
    forge(waiting.address, address="66666666")
    approver = sign_in(cast.first_approver)
    page = approver.get(act_on(waiting, "approve"))
    assert "not what was asked for" in objected_to(page)
    form = {"code": code_of(cast.first_approver), "digest": waiting.proposal.digest}
    with told() as events:
        assert approver.post(act_on(waiting, "approve"), form).status_code == 409
    assert [event.facts["why"] for event in events] == ["digest_differs"]
    assert not waiting.proposal.approvals.exists()


def test_an_attempt_on_ones_own_request_is_in_the_trail_whatever_the_form_lacks(
    cast: Cast, payee: Address, sign_in: SignIn
) -> None:
    cast.first_approver.groups.add(Group.objects.get(name=Role.REQUESTER))
    own = raised(cast, payee, by=cast.first_approver)
    with told() as events:
        answer = sign_in(cast.first_approver).post(act_on(own, "approve"), {})
    assert answer.status_code == 409
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.APPROVAL_OBJECTED, "own_request")]
