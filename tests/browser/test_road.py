"""The whole road in Chromium, as three people, with a real worker and the simulated providers."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from demo.simulator.serve import Running
from payouts.models import Account, Address, AuditEvent, Withdrawal
from tests.browser.conftest import PATIENCE, Room, Visitor
from tests.props import cast as props
from tests.props.cast import Cast, code_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_people_take_a_request_to_a_recorded_withdrawal_id(room: Room, worker: None, simulator: Running) -> None:
    cast = props.hire()
    payee = props.active_address(cast, Account.objects.get(name="treasury"), address="24680135")
    requester = room.visitor()
    requester.sign_in(cast.requester)
    raise_a_request(requester, payee)
    withdrawal = Withdrawal.objects.get()
    assert withdrawal.digest == withdrawal.order().digest()

    approve(room.visitor(), cast.first_approver, payee, "1")
    approve(room.visitor(dark=True, width=380), cast.second_approver, payee, "2")

    wait_for_the_answer(requester.page)
    expect(requester.page.locator("main")).to_have_attribute("data-withdrawal-id", "10195")
    requester.check()
    requester.photograph("withdrawal")
    [order] = simulator.book.booked("zoomex")
    assert (order.reference, order.address) == (withdrawal.reference, payee.address)
    audit(room.visitor(dark=True), cast, withdrawal)


def raise_a_request(visitor: Visitor, payee: Address) -> None:
    """From the desk through the address book, with a slip of the pen on the way."""
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Desk")
    visitor.check()
    visitor.photograph("desk-requester")
    page.get_by_role("link", name="Address book").first.click()
    visitor.check()
    page.get_by_role("link", name=re.compile(payee.label)).first.click()
    visitor.check()
    page.get_by_role("link", name="New withdrawal").click()
    page.get_by_label("Amount").fill("1,250.00")
    page.get_by_label("Purpose").fill("Invoice of October")
    page.get_by_role("button", name="Show what will be sent").click()
    expect(page.get_by_text("no thousands separators")).to_be_visible()
    visitor.check()
    page.get_by_label("Amount").fill("1250.00")
    page.get_by_role("button", name="Show what will be sent").click()
    expect(page.get_by_text("requestId")).to_be_visible()
    visitor.check()
    visitor.photograph("preview")
    page.get_by_role("button", name="Raise the request").click()
    visitor.check()


def approve(visitor: Visitor, approver: User, payee: Address, number: str) -> None:
    """From the desk to the confirmation page; a wrong code first, then the right one."""
    visitor.sign_in(approver)
    visitor.check()
    visitor.photograph(f"desk-approver-{number}")
    page = visitor.page
    page.get_by_role("link", name=re.compile(payee.label)).first.click()
    page.get_by_role("link", name="Approve").click()
    shown = page.locator(".address").first.inner_text()
    assert "".join(shown.split()) == payee.address, "the whole address is there, and copies as one piece"
    visitor.check()
    visitor.photograph(f"approve-{number}")
    page.get_by_label("One-time code").fill("000000")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("That code is wrong")).to_be_visible()
    visitor.check()
    page.get_by_label("One-time code").fill(code_of(approver))
    page.get_by_role("button", name="Approve").click()
    visitor.check()


def wait_for_the_answer(page: Page) -> None:
    """Look again, as a person does, until the worker has recorded the provider's answer."""
    for _ in range(PATIENCE // 500):
        page.reload()
        if page.locator("main[data-status=submitted]").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("The worker has not recorded an answer.")


def audit(visitor: Visitor, cast: Cast, withdrawal: Withdrawal) -> None:
    """The auditor finds every step."""
    visitor.sign_in(cast.auditor)
    visitor.check()
    visitor.page.get_by_role("link", name="Audit trail").first.click()
    expect(visitor.page.get_by_role("cell", name="Withdrawal approved").first).to_be_visible()
    visitor.check()
    visitor.photograph("audit")
    moves = AuditEvent.objects.filter(event="status_moved", subject_id=str(withdrawal.pk)).order_by("id")
    assert [move.facts["new"] for move in moves] == ["approved", "submitting", "submitted"]
