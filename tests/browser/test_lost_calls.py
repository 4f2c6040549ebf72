"""A lost call in a real browser: what was sent is tried, what became of it is said and confirmed."""

import pytest
from django.utils import timezone

from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, LostCall
from tests.browser.conftest import Room, Visitor
from tests.props.cast import Cast, code_of
from tests.props.pages.pages import act_on, list_of, page_of
from tests.props.rows.lost import NOTE, lost_call, lost_finding_row, lost_order, order_of, over
from tests.props.rows.sql import insert

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(False, 1280), (True, 1280), (False, 390), (True, 390)]


def test_two_people_find_out_what_became_of_it(
    transactional_db: None, cast: Cast, treasury: Account, room: Room
) -> None:
    order = order_of(treasury)
    call = lost_order(treasury, order)
    visitor = room.visitor()
    visitor.sign_in(cast.second_requester)
    visitor.page.get_by_role("link", name="Call 1 of treasury").click()
    tries(visitor, order)
    says(visitor)
    other = room.visitor()
    other.sign_in(cast.first_approver)
    other.page.get_by_role("link", name="Call 1 of treasury").click()
    other.page.get_by_role("link", name="says: paid").click()
    other.page.get_by_role("link", name="Confirm", exact=True).click()
    other.page.get_by_label("One-time code").fill(code_of(cast.first_approver))
    other.page.get_by_role("button", name="Confirm").click()
    other.page.get_by_text("Confirmed. It is decided.").wait_for()
    assert LostCall.objects.get(pk=call.pk).found_as == "10195"


def tries(visitor: Visitor, order: Order) -> None:
    """Something else first, then what was sent."""
    visitor.page.get_by_role("link", name="Try what was sent").click()
    visitor.page.get_by_label("Kind of payee").select_option("uid")
    visitor.page.get_by_label("Address", exact=True).fill(order.address)
    visitor.page.get_by_label("Coin").fill(order.coin)
    visitor.page.get_by_label("Amount").fill("1250.51")
    visitor.page.get_by_role("button", name="Try what was sent").click()
    visitor.page.get_by_text("This is not what was sent under this reference").first.wait_for()
    visitor.check()
    visitor.page.get_by_label("Amount").fill("1250.5")
    visitor.page.get_by_role("button", name="Try what was sent").click()
    visitor.page.get_by_text("It is kept as a proof").wait_for()


def says(visitor: Visitor) -> None:
    """That it was paid."""
    visitor.page.get_by_role("link", name="Say what became of it").click()
    visitor.page.get_by_label("Paid: it arrived").check()
    visitor.page.get_by_label("Provider’s id or transaction").fill("10195")
    visitor.page.get_by_label("Where you looked").fill("The panel")
    visitor.page.get_by_label("When you looked").fill(timezone.localtime().strftime("%Y-%m-%dT%H:%M"))
    visitor.page.get_by_label("What you saw").fill(NOTE)
    visitor.page.get_by_role("button", name="Say what became of it").click()
    visitor.page.get_by_text("until another person has confirmed it").wait_for()


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_lost_calls_read_well(
    transactional_db: None, cast: Cast, payee: Address, treasury: Account, room: Room, dark: bool, width: int
) -> None:
    gone, ended = lost_order(treasury, order_of(treasury)), over(cast, payee)
    lost_call(treasury, outcome="not_executed")
    row = lost_finding_row(ended, cast.second_requester)
    insert("lostfinding", **row)
    (finding,) = ended.findings.all()
    assert ended.withdrawal is not None
    look = f"{'dark' if dark else 'light'}-{width}"
    visitor = room.visitor(dark=dark, width=width)
    visitor.sign_in(cast.first_approver)
    for name, path in {
        "desk": "/",
        "list": list_of("payouts_lostcall"),
        "gone": page_of(gone),
        "ended": page_of(ended),
        "say": act_on(gone, "say"),
        "try": act_on(gone, "try"),
        "finding": page_of(finding),
        "confirm": act_on(finding, "confirm"),
        "decline": act_on(finding, "decline"),
        "withdrawal": page_of(ended.withdrawal),
        "pause": page_of(gone.pause),
    }.items():
        visitor.go(path)
        visitor.check()
        visitor.photograph(f"lost-{name}-{look}")
    for user in (cast.requester, cast.auditor):
        other = room.visitor(dark=dark, width=width)
        other.sign_in(user)
        for name, path in {"desk": "/", "ended": page_of(ended)}.items():
            other.go(path)
            other.check()
            other.photograph(f"lost-{name}-{user.username}-{look}")
