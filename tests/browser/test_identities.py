"""Another key for an account in a real browser: two administrators compare old and new, and accept it."""

import pytest

from payouts.models import Account
from tests.browser.conftest import Room
from tests.props.cast import Cast, code_of
from tests.props.identities import another, another_key
from tests.props.pages.pages import act_on, list_of, page_of

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(False, 1280), (True, 1280), (False, 390), (True, 390)]


def test_two_administrators_accept_another_key(
    transactional_db: None, cast: Cast, treasury: Account, room: Room
) -> None:
    change = another_key(treasury)
    for user in (cast.administrator, cast.second_administrator):
        visitor = room.visitor()
        visitor.sign_in(user)
        visitor.page.get_by_role("link", name="treasury").click()
        visitor.page.get_by_role("link", name="Accept", exact=True).click()
        visitor.check()
        visitor.page.get_by_label("One-time code").fill(code_of(user))
        visitor.page.get_by_role("button", name="Accept").click()
        visitor.page.get_by_text("Accepted.", exact=True).wait_for()
    assert Account.objects.get(pk=treasury.pk).identity() == change.after()


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_what_changes_reads_well(
    transactional_db: None, cast: Cast, treasury: Account, room: Room, dark: bool, width: int
) -> None:
    change = another(treasury, said=False, host="https://openapi.zoomex.com", key_fingerprint="c" * 64)
    visitor = room.visitor(dark=dark, width=width)
    visitor.sign_in(cast.administrator)
    look = f"{'dark' if dark else 'light'}-{width}"
    for name, path in {
        "desk": "/",
        "account": page_of(treasury),
        "changes": list_of("payouts_identitychange"),
        "change": page_of(change),
        "accept": act_on(change, "accept"),
        "decline": act_on(change, "decline"),
    }.items():
        visitor.go(path)
        visitor.check()
        visitor.photograph(f"identity-{name}-{look}")
