"""Reconciliation in a browser: a file is uploaded and mapped, a day is read, explained, signed and printed."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from payouts.audit import Worker
from payouts.domain.people.roles import Act
from payouts.models import Account, Address, Orphan, SignOff
from payouts.workflow.days import review
from payouts.workflow.days.sign_off import day_now, sign_off
from payouts.workflow.unknown.records import note
from tests.browser.conftest import Room, Visitor
from tests.props.cast import Cast, code_of
from tests.props.days import at, compared, days_ago, record_of, sent, stranger
from tests.props.decisions import proof_of

pytestmark = pytest.mark.django_db(transaction=True)

BY = Worker("tests")
DAY = days_ago(2)
KEY = f"/reconciliation/treasury/{DAY}/"
HEADER = "Create Time;Token;To Address;Withdraw Amount;Fee;Status;Tx Hash"


def csv_of(chain_payee: Address) -> bytes:
    """Two payments of ours and one of nobody's, in a time that is two hours ahead."""
    lines = [
        f"{DAY} 12:00:03;USDT;{chain_payee.address};1250;1;Success;0xa1",
        f"{DAY} 13:00:03;USDT;{chain_payee.address};77.5;1;Success;0xa2",
        f"{DAY} 14:00:00;USDT;{chain_payee.address};9000;1;Success;0xbad",
    ]
    return "\n".join([HEADER, *lines]).encode()


def visit(room: Room, user: User, path: str, **window: Any) -> Visitor:
    """Somebody signs in and goes there."""
    visitor = room.visitor(**window)
    visitor.sign_in(user)
    visitor.page.get_by_role("heading", name="Desk").wait_for()
    visitor.go(path)
    return visitor


@pytest.fixture
def uploader(room: Room, cast: Cast, chain_payee: Address, merchant: Account, tmp_path: Path) -> Visitor:
    """Somebody who has chosen a file for a day with an accepted and an unknown withdrawal."""
    sent(cast, chain_payee, at(DAY, "10:00:00"), status="submitted")
    sent(cast, chain_payee, at(DAY, "11:00:00"), status="unknown", amount=Decimal("77.5"))
    file = tmp_path / "export.csv"
    file.write_bytes(csv_of(chain_payee))
    them = visit(room, cast.second_requester, "/reconciliation/")
    them.page.get_by_role("link", name="Add a statement").click()
    them.page.get_by_label("CSV file").set_input_files(file)
    them.check()
    them.photograph("statement-file")
    them.page.get_by_role("button", name="Keep it").click()
    return them


def test_a_file_is_mapped_while_one_looks(uploader: Visitor) -> None:
    page = uploader.page
    assert page.get_by_label("Recipient’s address").input_value() == "To Address"
    page.get_by_label("Whose time the file tells").select_option("UTC+02:00")
    page.get_by_label("Amount").select_option("Token")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("main")).to_contain_text("already chosen")
    uploader.check()
    page.get_by_label("Amount").select_option("Withdraw Amount")
    page.get_by_role("button", name="Look again").click()
    expect(page.locator("main")).to_contain_text("10:00:03")
    uploader.check()
    uploader.photograph("statement-mapping")


def test_what_a_file_tells_leads_to_those_who_attest_it(uploader: Visitor) -> None:
    page = uploader.page
    page.get_by_label("Whose time the file tells").select_option("UTC+02:00")
    page.get_by_role("button", name="Add it to merchant").click()
    page.get_by_text("Added, and compared").wait_for()
    uploader.check()
    uploader.photograph("statement-result")
    assert Orphan.objects.get().record.tx_id == "0xbad"  # type: ignore[union-attr]
    page.get_by_role("button", name="Say what became of these").click()
    assert "found_as=0xa1" in page.url
    assert "0xa2" not in page.url  # of the unknown one a person decides, and nothing is ticked for them


def a_day_with_orphans(cast: Cast, payee: Address, treasury: Account) -> None:
    """Nine paid, one of them not listed by the provider; one failed; one of nobody's."""
    compared(treasury)
    moments = [at(DAY, "09:00:00") + timedelta(minutes=7 * number) for number in range(9)]
    done = [
        sent(cast, payee, moment, provider_id=str(10195 + at_), amount=Decimal(100 + at_), fee=Decimal(1))
        for at_, moment in enumerate(moments)
    ]
    sent(cast, payee, at(DAY, "20:00:00"), status="failed", provider_id="10300")
    note(treasury, [*(record_of(it) for it in done[1:]), stranger(at(DAY, "03:00:00"))], by=BY)
    review.review(treasury, DAY, by=BY)


def explained(cast: Cast) -> None:
    """By an approver who had no other part in it."""
    for orphan in Orphan.objects.open():
        review.close_orphan(orphan.pk, reason="Made by hand by the treasurer, ticket 7", by=cast.third_approver)


def test_what_has_no_partner_is_explained(room: Room, cast: Cast, payee: Address, treasury: Account) -> None:
    a_day_with_orphans(cast, payee, treasury)
    them = visit(room, cast.third_approver, "/reconciliation/")
    them.check()
    them.photograph("reconciliation")
    for orphan in Orphan.objects.order_by("pk"):
        them.go(f"/payouts/orphan/{orphan.pk}/")
        them.check()
        them.photograph(f"orphan-{orphan.kind}")
        them.page.get_by_role("link", name="Explain it").click()
        them.check()
        them.page.get_by_label("Reason").fill("Made by hand by the treasurer, ticket 7")
        them.page.get_by_role("button", name="Explain it").click()
        them.page.get_by_text("Explained. It stays").wait_for()
    assert not Orphan.objects.open().exists()


def test_a_day_is_signed_and_printed(room: Room, cast: Cast, payee: Address, treasury: Account) -> None:
    a_day_with_orphans(cast, payee, treasury)
    explained(cast)
    auditor = visit(room, cast.auditor, KEY)
    auditor.check()
    auditor.photograph("day")
    auditor.page.get_by_role("link", name="Sign off").click()
    auditor.check()
    auditor.photograph("sign-off")
    auditor.page.get_by_label("One-time code").fill(code_of(cast.auditor))
    auditor.page.get_by_role("button", name="Sign off").click()
    auditor.page.get_by_text("Signed off.", exact=True).wait_for()
    auditor.check()
    keep_as_pdf(auditor, "day")
    auditor.page.emulate_media(media="print")
    auditor.page.set_viewport_size({"width": 1050, "height": 740})
    expect(auditor.page.get_by_role("navigation").first).not_to_be_visible()
    expect(auditor.page.get_by_text("Statement of reconciliation")).to_be_visible()
    expect(auditor.page.locator("main")).to_contain_text(SignOff.objects.get().proposal.digest)
    auditor.photograph("day-print")


def keep_as_pdf(visitor: Visitor, name: str) -> None:
    """What the browser would print, where SCREENSHOTS says."""
    pdf = visitor.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    if folder := os.environ.get("SCREENSHOTS"):
        (Path(folder) / f"{name}.pdf").write_bytes(pdf)


@pytest.mark.parametrize(("name", "window"), [("dark", {"dark": True}), ("narrow", {"width": 390, "height": 844})])
def test_a_signed_day_says_that_it_has_changed(
    name: str, window: dict[str, Any], room: Room, cast: Cast, payee: Address, treasury: Account
) -> None:
    a_day_with_orphans(cast, payee, treasury)
    explained(cast)
    shown = day_now(treasury, DAY).digest
    proof = proof_of(cast.auditor, Act.SIGN_OFF, shown)
    sign_off(treasury, DAY, shown_digest=shown, proof=proof, by=cast.auditor)
    note(treasury, [stranger(at(DAY, "04:00:00"))], by=BY)
    review.review(treasury, DAY, by=BY)
    later = visit(room, cast.keeper, KEY, **window)
    expect(later.page.locator("main")).to_contain_text("Changed since it was signed")
    later.check()
    later.photograph(f"day-{name}")
    later.go("/reconciliation/")
    later.check()
    later.photograph(f"reconciliation-{name}")
