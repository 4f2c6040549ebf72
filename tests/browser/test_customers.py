"""Accounts of one customer in a real browser: whose record it is, what is not sent again, and who differs."""

import pytest
from django.utils import timezone

from payouts.audit import Event, Worker, record
from payouts.models import Account
from payouts.workflow.sending import identity
from payouts.workflow.unknown.records import note
from tests.browser.conftest import Room
from tests.props.accounts.twins import said, same_payee, twin_of
from tests.props.cast import Cast, active_address, approved
from tests.props.days import at, days_ago, record_of, sent
from tests.props.pages.pages import list_of, page_of
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(False, 1280), (True, 1280), (False, 390), (True, 390)]
WORKER = Worker("worker payouts-7f9c:412")


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_what_two_accounts_of_a_customer_show_reads_well(
    transactional_db: None,
    cast: Cast,
    treasury: Account,
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    dark: bool,
    width: int,
) -> None:
    monkeypatch.setattr(identity, "is_gone", lambda worker: False)
    said(treasury="1001")
    payee = active_address(cast, Account.objects.get(pk=treasury.pk))
    twin = twin_of(Account.objects.get(pk=treasury.pk), customer="1001")
    day = days_ago(1)
    it = sent(cast, payee, at(day), provider_id="10195")
    note(twin, [record_of(it)], by=WORKER)
    for each in (payee, same_payee(cast, payee, twin)):
        lost = approved(cast, each)
        forge(lost, status="unknown", next_look_at=timezone.now())
    record(Event.IDENTITY_DIFFERS, by=WORKER, about=treasury, differ=["host", "key"], host="https://openapi.zoomex.com")
    look = f"{'dark' if dark else 'light'}-{width}"
    for user, pages in (
        (cast.administrator, {"desk": "/", "account": page_of(treasury)}),
        (
            cast.auditor,
            {
                "day": f"/reconciliation/twin/{day}/",
                "unknown": list_of("payouts_resolution"),
                "withdrawal": page_of(lost),
            },
        ),
    ):
        visitor = room.visitor(dark=dark, width=width)
        visitor.sign_in(user)
        for name, path in pages.items():
            visitor.go(path)
            visitor.check()
            visitor.photograph(f"customers-{name}-{look}")
