"""An impatient double click on Approve: one approval, an answer that can be read, and still signed in."""

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from payouts.models import Account, Approval
from payouts.workflow.decisions import approval
from tests.browser.conftest import Room
from tests.props import cast as props
from tests.props.cast import code_of
from tests.props.pages.pages import act_on, page_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_clicks_on_approve_are_one_approval(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    approve = approval.approve

    def at_leisure(*facts: Any, **more: Any) -> Any:
        time.sleep(0.5)  # the second click comes while the first is under way, after its code was taken
        return approve(*facts, **more)

    monkeypatch.setattr(approval, "approve", at_leisure)
    cast = props.hire()
    it = props.raised(cast, props.active_address(cast, Account.objects.get(name="treasury")))
    visitor = room.visitor()
    visitor.sign_in(cast.first_approver)
    visitor.go(act_on(it, "approve"))
    visitor.page.get_by_label("One-time code").fill(code_of(cast.first_approver))
    button = visitor.page.get_by_role("button", name="Approve")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    for _ in range(2):
        visitor.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        visitor.page.wait_for_timeout(30)
    expect(visitor.page.get_by_text("was used already").first).to_be_visible()
    assert visitor.page.url.removeprefix(visitor.site) == act_on(it, "approve")
    visitor.check()
    visitor.page.wait_for_timeout(500)
    visitor.go(page_of(it))
    expect(visitor.page.get_by_text("1 of 2").first).to_be_visible()
    assert Approval.objects.count() == 1
    visitor.go("/security/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("My security")
