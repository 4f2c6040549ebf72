"""An impatient double click on Approve: one approval, an answer that can be read, and still signed in."""

import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from payouts.models import Account
from payouts.workflow.decisions import deciding
from tests.browser.conftest import PATIENCE, Room
from tests.props import cast as props
from tests.props.cast import code_of
from tests.props.pages.pages import act_on, page_of

pytestmark = pytest.mark.django_db(transaction=True)

LONGEST = PATIENCE / 1000  # seconds


class HeldUp:
    """The first approval stops once its code was taken, until it is let go."""

    def __init__(self) -> None:
        self.began, self.goes_on, self.is_over = threading.Event(), threading.Event(), threading.Event()
        self._approve = deciding.approve

    def __call__(self, *facts: Any, **more: Any) -> Any:
        """As the workflow's."""
        self.began.set()
        self.goes_on.wait(LONGEST)
        try:
            return self._approve(*facts, **more)
        finally:
            self.is_over.set()


def click_twice(page: Page, name: str, held_up: HeldUp) -> None:
    """The second time while the first is under way."""
    button = page.get_by_role("button", name=name)
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.click(*middle)
    assert held_up.began.wait(LONGEST)
    page.mouse.click(*middle)


def test_two_clicks_on_approve_are_one_approval(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = props.hire()
    it = props.raised(cast, props.active_address(cast, Account.objects.get(name="treasury")))
    held_up = HeldUp()
    monkeypatch.setattr(deciding, "approve", held_up)
    visitor = room.visitor()
    visitor.sign_in(cast.first_approver)
    visitor.go(act_on(it, "approve"))
    visitor.page.get_by_label("One-time code").fill(code_of(cast.first_approver))
    click_twice(visitor.page, "Approve", held_up)
    expect(visitor.page.get_by_text("was used already").first).to_be_visible()
    assert visitor.page.url.removeprefix(visitor.site) == act_on(it, "approve")
    visitor.check()
    held_up.goes_on.set()
    assert held_up.is_over.wait(LONGEST)
    visitor.go(page_of(it))
    expect(visitor.page.get_by_text("1 of 2").first).to_be_visible()
    assert it.proposal.approvals.count() == 1
    visitor.go("/security/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("My security")
