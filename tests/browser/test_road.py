"""The whole road in Chromium, as three people, with a real worker and the simulated providers."""

import re

import pytest
from playwright.sync_api import expect

from payouts.models import Account, AuditEvent, Withdrawal
from payouts.simulator.serve import Running
from tests import cast as props
from tests.browser.conftest import Room
from tests.cast import code_of

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT = 20_000  # milliseconds for a worker that has just started


def test_three_people_take_a_request_to_a_recorded_withdrawal_id(
    room: Room, worker: None, simulator: Running
) -> None:
    cast = props.hire()
    payee = props.active_address(cast, Account.objects.get(name="treasury"), address="24680135")

    requester = room.visitor()
    requester.sign_in(cast.requester)
    expect(requester.page.get_by_role("heading", level=1)).to_have_text("Desk")
    requester.check()
    requester.photograph("desk-requester")
    requester.page.get_by_role("link", name="Address book").first.click()
    requester.check()
    requester.page.get_by_role("link", name=re.compile(payee.label)).first.click()
    requester.check()
    requester.page.get_by_role("link", name="New withdrawal").click()
    requester.page.get_by_label("Amount").fill("1,250.00")
    requester.page.get_by_label("Purpose").fill("Invoice of October")
    requester.page.get_by_role("button", name="Show what will be sent").click()
    expect(requester.page.get_by_text("no thousands separators")).to_be_visible()
    requester.check()
    requester.page.get_by_label("Amount").fill("1250.00")
    requester.page.get_by_role("button", name="Show what will be sent").click()
    expect(requester.page.get_by_text("requestId")).to_be_visible()
    requester.check()
    requester.photograph("preview")
    requester.page.get_by_role("button", name="Raise the request").click()
    requester.check()
    withdrawal = Withdrawal.objects.get()
    assert withdrawal.digest == withdrawal.order().digest()

    for number, (approver, dark, width) in enumerate(
        [(cast.first_approver, False, 1280), (cast.second_approver, True, 380)], start=1
    ):
        visitor = room.visitor(dark=dark, width=width)
        visitor.sign_in(approver)
        visitor.check()
        visitor.photograph(f"desk-approver-{number}")
        visitor.page.get_by_role("link", name=re.compile(payee.label)).first.click()
        visitor.page.get_by_role("link", name="Approve").click()
        shown = visitor.page.locator(".address").first.inner_text()
        assert "".join(shown.split()) == payee.address, "the whole address is there, and copies as one piece"
        visitor.check()
        visitor.photograph(f"approve-{number}")
        visitor.page.get_by_label("One-time code").fill("000000")
        visitor.page.get_by_role("button", name="Approve").click()
        expect(visitor.page.get_by_text("That code is wrong")).to_be_visible()
        visitor.check()
        visitor.page.get_by_label("One-time code").fill(code_of(approver))
        visitor.page.get_by_role("button", name="Approve").click()
        visitor.check()

    page = requester.page
    for _ in range(40):
        page.reload()
        if page.locator("main[data-status=submitted]").count():
            break
        page.wait_for_timeout(500)
    expect(page.locator("main")).to_have_attribute("data-withdrawal-id", "10195")
    requester.check()
    requester.photograph("withdrawal")
    [order] = simulator.book.booked("zoomex")
    assert order.reference == withdrawal.reference
    assert order.address == payee.address

    auditor = room.visitor(dark=True)
    auditor.sign_in(cast.auditor)
    auditor.check()
    auditor.page.get_by_role("link", name="Audit trail").first.click()
    expect(auditor.page.get_by_role("cell", name="Withdrawal approved").first).to_be_visible()
    auditor.check()
    auditor.photograph("audit")
    moves = AuditEvent.objects.filter(event="status_moved", subject_id=str(withdrawal.pk)).order_by("id")
    assert [move.facts["new"] for move in moves] == ["approved", "submitting", "submitted"]
