"""Stopping in time in a real browser: the button, the line on every page, and two people who let it go on."""

import pytest
from playwright.sync_api import expect

from payouts.models import Account, Address, Pause
from payouts.workflow.stopping import pause
from tests.browser.conftest import Room
from tests.props.cast import Cast, approved, code_of
from tests.props.pages.pages import act_on, list_of, page_of
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(False, 1280), (True, 1280), (False, 390), (True, 390)]


def test_one_person_stops_everything_and_two_let_it_go_on(
    transactional_db: None, cast: Cast, payee: Address, room: Room
) -> None:
    asked = approved(cast, payee)
    keeper = room.visitor()
    keeper.sign_in(cast.keeper)
    keeper.page.get_by_role("link", name="Pause everything").click()
    keeper.check()
    keeper.page.get_by_label("Reason").fill("A payee looks wrong")
    keeper.page.get_by_role("button", name="Pause everything").click()
    expect(keeper.page.get_by_role("link", name="Everything is paused")).to_be_visible()
    keeper.go(page_of(asked))
    expect(keeper.page.locator(".next")).to_contain_text("nothing is sent while it is paused")
    for user in (cast.first_approver, cast.administrator):
        visitor = room.visitor()
        visitor.sign_in(user)
        visitor.page.get_by_role("link", name="Everything is paused").click()
        visitor.page.get_by_role("link", name="Release", exact=True).click()
        expect(visitor.page.locator("main")).to_contain_text("1 approved withdrawal")
        visitor.check()
        visitor.page.get_by_label("Reason").fill("Checked with the payee")
        visitor.page.get_by_label("One-time code").fill(code_of(user))
        visitor.page.get_by_role("button", name="Release").click()
        visitor.page.get_by_text("Released.").wait_for()
    assert not Pause.objects.open().exists()


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_what_is_paused_reads_well(
    transactional_db: None, cast: Cast, payee: Address, chain_payee: Address, treasury: Account, room: Room,
    dark: bool, width: int,
) -> None:  # fmt: skip
    for _ in range(3):
        approved(cast, payee)
    approved(cast, chain_payee)
    stopped = pause.stop_account(treasury, code="10003", message="The API key is not valid", by=WORKER)
    assert stopped is not None
    pause.pause_account(treasury.pk, reason="A payee looks wrong", by=cast.keeper)
    everything = pause.pause_everything(reason="Somebody may hold our key at Zoomex: ask Ada", by=cast.keeper)
    visitor = room.visitor(dark=dark, width=width)
    visitor.sign_in(cast.administrator)
    look = f"{'dark' if dark else 'light'}-{width}"
    for name, path in {
        "desk": "/",
        "accounts": list_of("payouts_account"),
        "account": page_of(treasury),
        "pauses": list_of("payouts_pause"),
        "pause": page_of(stopped),
        "release": act_on(stopped, "release"),
        "release-everything": act_on(everything, "release"),
    }.items():
        visitor.go(path)
        visitor.check()
        visitor.photograph(f"pause-{name}-{look}")
    requester = room.visitor(dark=dark, width=width)
    requester.sign_in(cast.requester)
    for name, path in {
        "withdrawals": list_of("payouts_withdrawal"),
        "account-stop": act_on(chain_payee.account, "pause"),
        "everything-stop": "/payouts/pause/everything/",
        "desk-requester": "/",
    }.items():
        requester.go(path)
        requester.check()
        requester.photograph(f"pause-{name}-{look}")
