"""The unknown desk in Chromium: one person says with a file what became of it, another confirms with a code."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from payouts.models import Address, Withdrawal
from tests.browser.conftest import Room, Visitor
from tests.props.cast import Cast, code_of, raised
from tests.props.findings import PICTURE, TRANSACTION, lost, proposed

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = [(False, 1280), (True, 1280), (False, 375)]


def test_two_people_find_out_what_became_of_it(
    room: Room, cast: Cast, payee: Address, chain_payee: Address, tmp_path: Path
) -> None:
    it = lost(cast, payee)
    lost(cast, chain_payee)
    file = tmp_path / PICTURE.name
    file.write_bytes(PICTURE.content)
    find(room.visitor(), cast.second_requester, it, file)
    confirm(room.visitor(), cast.first_approver)
    it.refresh_from_db()
    assert (it.status, it.provider_id) == ("completed", "10195")


def find(visitor: Visitor, finder: User, it: Withdrawal, file: Path) -> None:
    """From the unknown desk; a field is forgotten at first, and so the file has to be chosen again."""
    visitor.sign_in(finder)
    page = visitor.page
    page.get_by_role("link", name=re.compile("^Unknown")).click()
    page.get_by_role("row").filter(has_text=it.address.address).get_by_role("link", name="Say what became").click()
    page.get_by_label("Paid: it arrived", exact=True).check()
    page.get_by_label("Provider’s id or transaction").fill("10195")
    page.get_by_label(re.compile("^File")).set_input_files(file)
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("Choose “panel.png” again")).to_be_visible()
    visitor.check()
    visitor.photograph("finding-again")
    page.get_by_label("Where you looked").fill("The provider's panel, page 3")
    page.get_by_label("When you looked").fill(timezone.localtime().strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label(re.compile("^File")).set_input_files(file)
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("Nothing happens until another person")).to_be_visible()


def confirm(visitor: Visitor, checker: User) -> None:
    """From the own desk; the file is downloaded first."""
    visitor.sign_in(checker)
    page = visitor.page
    page.get_by_role("link", name=re.compile("Paid, says")).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="panel.png").click()
    assert download.value.path().read_bytes() == PICTURE.content
    page.get_by_role("link", name="Confirm").click()
    visitor.check()
    page.get_by_label("One-time code").fill(code_of(checker))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Confirmed. It is over.")).to_be_visible()


@pytest.mark.parametrize(("dark", "width"), SIZES)
def test_its_pages_are_readable_in_every_light_and_width(
    room: Room, cast: Cast, payee: Address, chain_payee: Address, dark: bool, width: int
) -> None:
    waiting, several = lost(cast, payee), [lost(cast, chain_payee, status="submitted") for _ in range(3)]
    lost(cast, payee)
    lost(cast, chain_payee)
    found = proposed(cast, waiting, found_as=TRANSACTION, attachment=PICTURE)
    failed = lost(cast, payee, status="failed", closed_because="Not paid, as two people found.")
    repeated = raised(cast, payee, retry_of=failed.pk)
    visitor = room.visitor(dark=dark, width=width)
    visitor.sign_in(cast.first_approver)
    kind = f"{'dark' if dark else 'light'}-{width}"
    chosen = "&".join(f"withdrawal={each.pk}" for each in several)
    for name, path in {
        "desk": "/",
        "unknown": "/payouts/resolution/",
        "accepted": "/payouts/resolution/accepted/",
        "propose": f"/payouts/resolution/propose/?withdrawal={lost(cast, payee).pk}",
        "propose-several": f"/payouts/resolution/propose/?{chosen}",
        "finding": f"/payouts/resolution/{found.pk}/",
        "confirm": f"/payouts/resolution/{found.pk}/confirm/",
        "decline": f"/payouts/resolution/{found.pk}/decline/",
        "asked-again": f"/payouts/withdrawal/{repeated.pk}/approve/",
        "failed": f"/payouts/withdrawal/{failed.pk}/",
        "withdrawal": f"/payouts/withdrawal/{waiting.pk}/",
    }.items():
        visitor.go(path)
        visitor.check()
        visitor.photograph(f"{name}-{kind}")
