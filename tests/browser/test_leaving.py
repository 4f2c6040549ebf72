"""What somebody leaves behind, and what does not count any more, in a real browser."""

import pytest
from django.contrib.auth.models import User

from payouts.models import Address
from payouts.workflow.withdrawals.standing import fall_back_all
from tests.browser.conftest import Room, Visitor
from tests.props.cast import Cast, approved, raised
from tests.props.pages.pages import act_on, page_of
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(False, 1280), (True, 1280), (False, 390), (True, 390)]


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_who_leaves_and_what_is_void_reads_well(
    transactional_db: None, cast: Cast, payee: Address, room: Room, dark: bool, width: int
) -> None:
    raised(cast, payee)
    asked = approved(cast, payee)
    look = f"{'dark' if dark else 'light'}-{width}"
    User.objects.filter(pk=cast.third_approver.pk).update(is_active=False)
    visitor = room.visitor(dark=dark, width=width)
    visitor.sign_in(cast.administrator)
    looked_at(visitor, act_on(cast.first_approver, "deactivate"), f"leaving-{look}")
    looked_at(visitor, page_of(cast.requester), f"leaver-{look}")
    User.objects.filter(pk=cast.first_approver.pk).update(is_active=False)
    fall_back_all(by=WORKER)
    other = room.visitor(dark=dark, width=width)
    other.sign_in(cast.second_approver)
    looked_at(other, page_of(asked), f"void-{look}")


def looked_at(visitor: Visitor, path: str, name: str) -> None:
    visitor.go(path)
    visitor.check()
    visitor.photograph(name)
