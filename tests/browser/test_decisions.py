"""The pages on which somebody decides about an address or a withdrawal, in Chromium, before and after."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address
from payouts.workflow.decisions import deciding
from payouts.workflow.recipients import address_book
from tests.browser.conftest import Room, Visitor
from tests.props.cast import Cast, approve, approved, code_of, proposal, raised

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = pytest.mark.parametrize(("dark", "width"), [(False, 1280), (True, 1280), (False, 390), (True, 390)])
REASON = "The invoice names another account than the one that the recipient confirmed on the telephone."


class Reader:
    """Somebody who looks at pages in one light and width."""

    def __init__(self, visitor: Visitor, user: User, *, dark: bool, width: int) -> None:
        self.visitor = visitor
        self.light = f"{'dark' if dark else 'light'}-{width}"
        visitor.sign_in(user)
        expect(visitor.page.get_by_role("heading", name="Desk")).to_be_visible()

    def read(self, pages: dict[str, str]) -> None:
        """Open each, by its name and path."""
        for name, path in pages.items():
            self.visitor.go(path)
            self.seen(name)

    def press(self, button: str, code: str = "") -> None:
        """Send the form that the page shows, with this code."""
        if code:
            self.visitor.page.get_by_label("One-time code").fill(code)
        self.visitor.page.get_by_role("button", name=button).click()

    def sees(self, sentence: str, name: str) -> None:
        expect(self.visitor.page.get_by_text(sentence)).to_be_visible()
        self.seen(name)

    def seen(self, name: str) -> None:
        """Everybody can read the page as it is now."""
        self.visitor.check()
        self.visitor.photograph(f"{name}-{self.light}")


@SIZES
def test_an_address_is_decided_on_readable_pages(
    room: Room, cast: Cast, merchant: Account, treasury: Account, dark: bool, width: int
) -> None:
    chain = address_book.propose(proposal(merchant, label="Northwind settlement"), by=cast.requester)
    mail = proposal(treasury, kind=Kind.EMAIL, address="payables@northwind-traders-international.example.com")
    other = address_book.propose(mail, by=cast.requester)
    declined = address_book.propose(proposal(treasury), by=cast.requester)
    deciding.reject(declined.proposal.pk, reason=REASON, by=cast.second_keeper)
    keeper = Reader(room.visitor(dark=dark, width=width), cast.keeper, dark=dark, width=width)
    pages = {
        "address-proposed": f"/payouts/address/{chain.pk}/",
        "address-activate-mail": f"/payouts/address/{other.pk}/activate/",
        "address-decline": f"/payouts/address/{chain.pk}/decline/",
        "address-declined": f"/payouts/address/{declined.pk}/",
        "address-objected": f"/payouts/address/{declined.pk}/activate/",
        "address-activate": f"/payouts/address/{chain.pk}/activate/",
    }
    keeper.read(pages)
    keeper.press("Activate", "000000")
    keeper.sees("That code is wrong", "address-wrong")
    keeper.press("Activate", code_of(cast.keeper))
    keeper.sees("Active. Requests may name it", "address-active")
    keeper.read({"address-revoke": f"/payouts/address/{chain.pk}/revoke/"})


@SIZES
def test_a_withdrawal_is_rejected_on_readable_pages(
    room: Room, cast: Cast, payee: Address, chain_payee: Address, dark: bool, width: int
) -> None:
    waiting, ready, ended = raised(cast, chain_payee), approved(cast, payee), raised(cast, payee)
    approve(waiting, cast.second_approver)
    deciding.reject(ended.proposal.pk, reason=REASON, by=cast.second_approver)
    approver = Reader(room.visitor(dark=dark, width=width), cast.first_approver, dark=dark, width=width)
    pages = {
        "withdrawal-waiting": f"/payouts/withdrawal/{waiting.pk}/",
        "withdrawal-rejected": f"/payouts/withdrawal/{ended.pk}/",
        "withdrawal-objected": f"/payouts/withdrawal/{ended.pk}/reject/",
        "withdrawal-reject-approved": f"/payouts/withdrawal/{ready.pk}/reject/",
        "withdrawal-reject": f"/payouts/withdrawal/{waiting.pk}/reject/",
    }
    approver.read(pages)
    approver.press("Reject")
    approver.sees("Say why.", "withdrawal-reject-nothing")


@SIZES
def test_the_digests_of_a_withdrawal_are_shown_in_full_and_explained(
    room: Room, cast: Cast, chain_payee: Address, dark: bool, width: int
) -> None:
    it = raised(cast, chain_payee)
    approver = Reader(room.visitor(dark=dark, width=width), cast.first_approver, dark=dark, width=width)
    page = approver.visitor.page
    approver.visitor.go(f"/payouts/withdrawal/{it.pk}/")
    for line in page.locator("dd > details.more > summary").all():
        line.click()
    page.evaluate("scrollTo(0, 0)")
    for digest in (it.proposal.digest, it.digest):
        expect(page.get_by_text(digest).first).to_be_visible()
    approver.sees("The worker compares it right before it sends", "withdrawal-digests")
