"""The fingerprint on the pages: offered where there is room, explained, and never added behind anybody's back."""

from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client

from payouts.admin.shell import cells
from payouts.domain.money import readable
from payouts.models import Account, Address, Asset, Withdrawal
from payouts.workflow.recipients import address_book
from tests.admin.recipients.test_proposing import TRON, UID, propose
from tests.conftest import SignIn
from tests.props.cast import Cast, active_address, proposal, raised
from tests.props.pages.pages import act_on, hidden, objected_to, page_of, words
from tests.props.pages.raising import new, previewed, raise_it

pytestmark = pytest.mark.django_db

DRAWN = "The last two decimals of each amount are drawn"


@pytest.fixture
def marked(cast: Cast, merchant: Account) -> Address:
    """An entry whose amounts get a fingerprint."""
    return active_address(cast, merchant, fingerprint=True)


@pytest.fixture
def keeper(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.keeper)


def sum_of(withdrawal: Withdrawal) -> str:
    """What the pages say of its parts."""
    part = format(withdrawal.fingerprint, "f").rstrip("0")
    return f"1,250.00 + {part} to tell it apart = 1,250.{part.removeprefix('0.')} USDT"


# -- proposing --


def test_it_is_offered_explained_and_off(cast: Cast, keeper: Client) -> None:
    page = keeper.get("/payouts/address/propose/?account=merchant")
    assert "Tell equal amounts apart" in words(page)
    assert "do not carry our reference" in words(page)
    assert page.context["form"]["fingerprint"].value() is None
    propose(keeper, "merchant", TRON)
    assert Address.objects.get().fingerprint is False


def test_a_tick_makes_it_part_of_the_entry(cast: Cast, keeper: Client) -> None:
    propose(keeper, "merchant", TRON | {"fingerprint": "on"})
    entry = Address.objects.get()
    assert entry.fingerprint is True
    assert DRAWN in words(keeper.get(page_of(entry)))
    assert "fingerprint added to each amount" in words(keeper.get(page_of(entry)))


def test_it_is_not_offered_where_no_coin_has_room(keeper: Client) -> None:
    Asset.objects.filter(provider="zoomex").update(decimals=3)
    assert "Tell equal amounts apart" not in words(keeper.get("/payouts/address/propose/?account=treasury"))
    assert propose(keeper, "treasury", UID | {"fingerprint": "on"}).status_code == 302
    assert Address.objects.get().fingerprint is False


def test_a_chosen_coin_without_room_is_said_at_the_tick(keeper: Client) -> None:
    Asset.objects.filter(provider="zoomex", coin="USDT").update(decimals=2)
    answer = propose(keeper, "treasury", UID | {"fingerprint": "on"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["fingerprint"])
    assert "USDT takes 2 decimals here, and a fingerprint needs 4." in words(answer)


def test_the_keeper_who_activates_sees_it(cast: Cast, merchant: Account, sign_in: SignIn) -> None:
    for ticked in (True, False):
        entry = address_book.propose(proposal(merchant, fingerprint=ticked), by=cast.requester)
        assert (DRAWN in words(sign_in(cast.keeper).get(act_on(entry, "activate")))) is ticked


# -- raising --


def test_every_page_shows_of_what_the_amount_is_made(
    cast: Cast, requester: Client, marked: Address, sign_in: SignIn
) -> None:
    preview = previewed(requester, marked)
    assert sum_of(preview.context["withdrawal"]) in words(preview)
    raise_it(requester, marked, preview)
    asked = Withdrawal.objects.get()
    assert sum_of(asked) == sum_of(preview.context["withdrawal"])
    assert asked.digest == hidden(preview)["digest"]
    for page in (sign_in(cast.first_approver).get(act_on(asked, "approve")), requester.get(page_of(asked))):
        assert sum_of(asked) in words(page)
        assert page.context["fields"]["withdraw_amount"] == format(asked.amount, "f").rstrip("0")


def test_without_one_nothing_is_said_of_it(cast: Cast, requester: Client, swap_payee: Address) -> None:
    preview = previewed(requester, swap_payee)
    raise_it(requester, swap_payee, preview)
    for page in (preview, requester.get(page_of(Withdrawal.objects.get()))):
        assert "to tell it apart" not in words(page)
    assert "fingerprint" not in words(requester.get(new(swap_payee)))


def test_a_long_amount_is_split_exactly() -> None:
    whole = Decimal("99999999999999999999.123456789012345699")
    asked = Withdrawal(amount=whole, fingerprint=Decimal("0.000000000000000099"), coin="ETH")
    assert cells.told_apart(asked).startswith("99,999,999,999,999,999,999.1234567890123456 + 0.000000000000000099 to")


def test_the_form_says_which_decimals_are_left(requester: Client, marked: Address) -> None:
    assert "A fingerprint takes the coin’s last two decimals." in words(requester.get(new(marked)))
    answer = previewed(requester, marked, amount="1250.12345")
    assert answer.status_code == 422
    assert "Write at most 4 decimals" in str(answer.context["form"].errors["amount"])


def test_what_another_request_took_meanwhile_is_explained(cast: Cast, requester: Client, marked: Address) -> None:
    preview = previewed(requester, marked)
    drafted = preview.context["withdrawal"]
    raised(cast, marked, by=cast.second_requester, id=UUID(int=drafted.id.int % 99))
    answer = raise_it(requester, marked, preview)
    assert answer.status_code == 409
    again = answer.context["withdrawal"]
    assert again.amount != drafted.amount
    assert sum_of(again) in words(answer)
    assert objected_to(answer).startswith("Another request may have taken the last decimals meanwhile: the amount is ")
    assert readable(again.amount, places=2) in objected_to(answer)
    assert raise_it(requester, marked, answer).status_code == 302
    assert Withdrawal.objects.get(pk=drafted.pk).amount == again.amount


def test_when_all_were_taken_meanwhile_it_is_said_at_the_amount(cast: Cast, requester: Client, marked: Address) -> None:
    preview = previewed(requester, marked)
    for number in range(99):
        raised(cast, marked, id=UUID(int=number))
    answer = raise_it(requester, marked, preview)
    assert answer.status_code == 422
    assert "All 99 fingerprints of this amount are in use." in str(answer.context["form"].errors["amount"])
    assert Withdrawal.objects.count() == 99
