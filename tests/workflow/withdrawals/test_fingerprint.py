"""The fingerprint of an amount: only where the entry says so, the same on every look, and never another payment's."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, Asset, Withdrawal
from payouts.workflow.recipients import address_book
from payouts.workflow.withdrawals import request
from tests.props.accounts.twins import said, twin_of
from tests.props.cast import ETH_ADDRESS, Cast, active_address, proposal, raised, request_for
from tests.props.races import at_once, codes
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged

pytestmark = pytest.mark.django_db

# 99 units apart, so that both draw the same decimals.
FIRST, TWIN = UUID(int=99 * 7 + 16), UUID(int=99 * 8 + 16)


@pytest.fixture
def marked(cast: Cast, merchant: Account) -> Address:
    """An entry whose amounts get a fingerprint."""
    return active_address(cast, merchant, fingerprint=True)


# -- the entry --


def test_the_tick_is_part_of_the_entry_and_of_the_trail(cast: Cast, merchant: Account) -> None:
    with told() as events:
        entry = address_book.propose(proposal(merchant, fingerprint=True), by=cast.requester)
    assert Address.objects.get(pk=entry.pk).fingerprint is True
    assert events[0].facts["fingerprint"] == "added to each amount"


def test_without_the_tick_nothing_is_added(cast: Cast, chain_payee: Address) -> None:
    asked = raised(cast, chain_payee)
    assert (chain_payee.fingerprint, asked.amount, asked.fingerprint) == (False, Decimal("1250"), Decimal(0))


def test_every_coin_needs_room_for_it(cast: Cast, merchant: Account) -> None:
    Asset.objects.filter(provider="swapspace", coin="USDC").update(decimals=3)
    both = proposal(merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS, coins=("USDT", "USDC"), fingerprint=True)
    with unchanged(), pytest.raises(InvalidValue) as caught:
        address_book.propose(both, by=cast.requester)
    assert (caught.value.field, caught.value.code) == ("fingerprint", "no_room")
    Asset.objects.filter(provider="swapspace", coin="USDC").update(decimals=4)
    assert address_book.propose(both, by=cast.requester).fingerprint


# -- the amount --


def test_the_digest_covers_the_whole_amount(cast: Cast, marked: Address) -> None:
    with told() as events:
        asked = raised(cast, marked, id=FIRST)
    kept = Withdrawal.objects.get(pk=asked.pk)
    assert (kept.amount, kept.fingerprint) == (Decimal("1250.000017"), Decimal("0.000017"))
    assert kept.order().amount == kept.amount
    assert kept.digest == kept.order().digest()
    assert (events[0].facts["amount"], events[0].facts["fingerprint"]) == ("1250.000017", "0.000017")


def test_preview_and_request_agree(cast: Cast, marked: Address) -> None:
    asked = request_for(marked)
    drafts = {request.draft(asked, marked, by=cast.requester).digest for _ in range(3)}
    assert len(drafts) == 1
    assert request.raise_withdrawal(asked, shown_digest=drafts.pop(), by=cast.requester).fingerprint


def test_an_equal_amount_gets_another_one(cast: Cast, marked: Address) -> None:
    amounts = [raised(cast, marked, id=each).amount for each in (FIRST, TWIN)]
    assert amounts == [Decimal("1250.000017"), Decimal("1250.000018")]


def test_the_same_form_twice_is_still_one_request(cast: Cast, marked: Address) -> None:
    """Its own amount is not another one's."""
    first = raised(cast, marked, id=FIRST)
    with unchanged(), pytest.raises(request.RaisedAlready):
        request.raise_withdrawal(request_for(marked, id=FIRST), shown_digest=first.digest, by=cast.requester)


@pytest.mark.parametrize(
    ("status", "hours", "free"),
    [
        ("unknown", 200, False),
        ("submitted", 200, False),
        ("awaiting_approval", 200, False),
        ("completed", 23, False),
        ("completed", 25, True),
        ("cancelled", 23, False),
        ("cancelled", 25, True),
    ],
)
def test_a_fingerprint_rests_until_its_payment_is_over_and_a_day_old(
    cast: Cast, marked: Address, status: str, hours: int, free: bool
) -> None:
    first = raised(cast, marked, id=FIRST)
    forge(first, status=status, requested_at=timezone.now() - timedelta(hours=hours))
    assert (raised(cast, marked, id=TWIN).amount == first.amount) is free


def test_another_coin_or_recipient_does_not_take_it(cast: Cast, marked: Address, merchant: Account) -> None:
    raised(cast, marked, id=FIRST)
    other = active_address(cast, merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS, fingerprint=True)
    assert raised(cast, other, id=TWIN).amount == Decimal("1250.000017")


def test_an_entry_of_the_same_recipient_that_was_revoked_counts(cast: Cast, marked: Address, merchant: Account) -> None:
    raised(cast, marked, id=FIRST)
    address_book.revoke(marked.pk, reason="Renamed", by=cast.keeper)
    again = active_address(cast, merchant, fingerprint=True)
    assert raised(cast, again, id=TWIN).amount == Decimal("1250.000018")


def test_the_last_two_decimals_belong_to_it(cast: Cast, marked: Address) -> None:
    with unchanged(), pytest.raises(InvalidValue) as caught:
        raised(cast, marked, amount=Decimal("1250.00001"))
    assert (caught.value.field, caught.value.code) == ("amount", "room_in_use")


def test_when_all_are_taken_it_is_said(cast: Cast, marked: Address) -> None:
    for _ in range(99):
        raised(cast, marked)
    with unchanged(), pytest.raises(InvalidValue) as caught:
        raised(cast, marked)
    assert (caught.value.field, caught.value.code) == ("amount", "all_taken")
    assert len(set(Withdrawal.objects.values_list("amount", flat=True))) == 99


# -- between preview and request --


def test_what_another_request_took_meanwhile_is_shown_again(cast: Cast, marked: Address) -> None:
    asked = request_for(marked, id=FIRST)
    shown = request.draft(asked, marked, by=cast.requester).digest
    raised(cast, marked, by=cast.second_requester, id=TWIN)
    with objected("stale_page", Event.RAISE_OBJECTED, by=cast.requester):
        request.raise_withdrawal(asked, shown_digest=shown, by=cast.requester)
    again = request.draft(asked, marked, by=cast.requester)
    assert request.raise_withdrawal(asked, shown_digest=again.digest, by=cast.requester).amount == again.amount


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(3))
def test_two_that_were_shown_the_same_are_not_both_raised(cast: Cast, marked: Address, _: int) -> None:
    asked = [request_for(marked, id=each) for each in (FIRST, TWIN)]
    digests = [request.draft(each, marked, by=cast.requester).digest for each in asked]
    results = at_once(
        lambda: request.raise_withdrawal(asked[0], shown_digest=digests[0], by=cast.requester),
        lambda: request.raise_withdrawal(asked[1], shown_digest=digests[1], by=cast.second_requester),
    )
    assert codes(results) == ["stale_page"]
    assert Withdrawal.objects.get().amount == Decimal("1250.000017")


@pytest.mark.parametrize(("own", "other", "is_told_apart"), [("", "", True), ("1", "1", True), ("1", "2", False)])
def test_it_is_told_from_what_other_accounts_of_the_customer_pay(
    cast: Cast, marked: Address, merchant: Account, own: str, other: str, is_told_apart: bool
) -> None:
    """Their records are the same list: two equal amounts there could not be told apart."""
    twin = twin_of(merchant)
    elsewhere = active_address(cast, twin, kind=Kind(marked.kind), address=marked.address, fingerprint=True)
    said(merchant=own, twin=other)
    amounts = [raised(cast, each, id=pk).amount for each, pk in ((marked, FIRST), (elsewhere, TWIN))]
    assert (amounts[0] != amounts[1]) == is_told_apart
