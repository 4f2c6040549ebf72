"""A new person in Chromium: password alone leads to enrolment, and the recovery codes are shown once."""

import re

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import expect

from payouts.domain.people.roles import Role
from payouts.models import Authenticator
from tests.browser.conftest import Room
from tests.props.cast import code_of, person_with

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_person_enrols_and_then_signs_in_with_a_code(room: Room) -> None:
    grace = person_with("grace", Role.REQUESTER, enrolled=False)
    visitor = room.visitor(width=380)
    visitor.sign_in(grace, code="")
    visitor.check()
    page = visitor.page
    visitor.go("/payouts/withdrawal/")
    expect(page).to_have_url(re.compile("/enrol/"))
    page.get_by_role("button", name=re.compile("code to scan")).click()
    expect(page.locator("img[src*='qr']")).to_be_visible()
    visitor.check()
    device = Authenticator.objects.get(user=grace)
    page.get_by_label("Code from the app").fill(f"{TOTP(device.bin_key).token():06d}")
    page.get_by_role("button", name="Finish").click()
    codes = page.locator(".codes code")
    expect(codes).to_have_count(10)
    visitor.check()
    first = codes.first.inner_text()
    page.reload()
    expect(page.get_by_text(first)).to_have_count(0)

    again = room.visitor()
    again.sign_in(grace, code=code_of(grace))
    expect(again.page.get_by_role("heading", level=1)).to_have_text("Desk")


def test_the_sign_in_page_works_with_the_keyboard_alone(room: Room) -> None:
    keeper = person_with("kim", Role.KEEPER)
    visitor = room.visitor(dark=True)
    visitor.go("/login/")
    visitor.check()
    keyboard = visitor.page.keyboard
    for text in ("kim", "correct horse battery staple", code_of(keeper)):
        keyboard.type(text)
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Desk")
    visitor.check()
