"""The address book: proposed by one person, activated by another, and the same recipient never active twice."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, Asset, PresenceProof
from payouts.workflow.recipients import address_book
from tests.props import decisions
from tests.props.cast import ETH_ADDRESS, TRON_ADDRESS, Cast, proposal
from tests.props.decisions import yes
from tests.props.trail import objected, told, unchanged

OTHER_ETH_ADDRESS = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"


def invalid(proposed: address_book.Draft, *, by: User) -> InvalidValue:
    """What workflow refuses, and that it writes nothing."""
    with unchanged(), pytest.raises(InvalidValue) as caught:
        address_book.propose(proposed, by=by)
    return caught.value


# -- proposing --


@pytest.mark.parametrize("name", ["requester", "keeper"])
def test_requesters_and_keepers_propose(cast: Cast, treasury: Account, name: str) -> None:
    by: User = getattr(cast, name)
    with told() as events:
        made = address_book.propose(proposal(treasury, coins=("USDT", "USDC")), by=by)
    kept = Address.objects.get(pk=made.pk)
    assert (kept.status, kept.proposed_by, kept.coins) == (AddressStatus.PROPOSED, by, ["USDC", "USDT"])
    assert [(event.event, event.facts["address"]) for event in events] == [(Event.ADDRESS_PROPOSED, made.address)]


@pytest.mark.parametrize("name", ["first_approver", "auditor", "administrator", "outsider", "superuser"])
def test_nobody_else_proposes(cast: Cast, treasury: Account, name: str) -> None:
    by: User = getattr(cast, name)
    with objected("no_role", Event.ADDRESS_OBJECTED, by=by):
        address_book.propose(proposal(treasury), by=by)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"kind": Kind.TRX_CHAIN, "address": TRON_ADDRESS}, "kind", "kind_not_taken"),
        ({"address": "12a45678"}, "address", "not_digits"),
        ({"address": ""}, "address", "empty"),
        ({"address": " 12345678"}, "address", "white_space"),
        ({"area_code": "44"}, "area_code", "not_for_kind"),
        ({"coins": ()}, "coins", "no_coin"),
        ({"coins": ("USDT", "DOGE")}, "coins", "coin_not_taken"),
        ({"label": ""}, "label", "blank"),
        ({"label": "x" * 81}, "label", "too_long"),
        ({"label": "a\u202eb"}, "label", "unseen_character"),
        ({"owner": "  "}, "owner", "blank"),
        ({"owner": "x" * 121}, "owner", "too_long"),
    ],
)
def test_a_proposal_that_is_not_in_order_is_refused(
    cast: Cast, treasury: Account, changes: dict[str, Any], field: str, code: str
) -> None:
    refused = invalid(proposal(treasury, **changes), by=cast.requester)
    assert (refused.field, refused.code) == (field, code)


@pytest.mark.parametrize("kind", [Kind.EMAIL, Kind.PHONE, Kind.UID])
def test_a_chain_account_pays_to_chains_only(cast: Cast, merchant: Account, kind: Kind) -> None:
    assert invalid(proposal(merchant, kind=kind), by=cast.requester).code == "kind_not_taken"


def test_a_coin_that_was_switched_off_is_refused(cast: Cast, treasury: Account) -> None:
    Asset.objects.filter(provider="zoomex", coin="USDT").update(enabled=False)
    assert invalid(proposal(treasury), by=cast.requester).code == "coin_not_taken"


def test_a_coin_of_another_network_is_refused(cast: Cast, merchant: Account) -> None:
    assert invalid(proposal(merchant, coins=("ETH",)), by=cast.requester).code == "coin_not_taken"


def test_an_address_without_a_checksum_needs_its_caution_ticked(cast: Cast, merchant: Account) -> None:
    plain = proposal(merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS.lower())
    refused = invalid(plain, by=cast.requester)
    assert (refused.field, refused.code) == ("cautions_ticked", "no_checksum")
    with told() as events:
        address_book.propose(replace(plain, cautions_ticked=frozenset({"no_checksum"})), by=cast.requester)
    assert events[0].facts["cautions_ticked"] == ["no_checksum"]


def test_ticking_a_caution_does_not_make_a_wrong_checksum_right(cast: Cast, merchant: Account) -> None:
    wrong = ETH_ADDRESS.replace("5aAeb", "5AAeb")
    ticked = frozenset({"no_checksum"})
    refused = invalid(proposal(merchant, kind=Kind.ETH_CHAIN, address=wrong, cautions_ticked=ticked), by=cast.requester)
    assert (refused.field, refused.code) == ("address", "wrong_checksum")


# -- twins --


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"kind": Kind.UID, "address": "12345678"}, {"kind": Kind.UID, "address": "12345678"}),
        ({"kind": Kind.EMAIL, "address": "Pay@Acme.com"}, {"kind": Kind.EMAIL, "address": "pay@acme.COM"}),
        (
            {"kind": Kind.PHONE, "area_code": "1", "address": "2425550123"},
            {"kind": Kind.PHONE, "area_code": "1242", "address": "5550123"},
        ),
    ],
    ids=["uid", "e-mail in another case", "phone cut elsewhere"],
)
def test_the_same_recipient_is_not_active_twice(
    cast: Cast, treasury: Account, first: dict[str, Any], second: dict[str, Any]
) -> None:
    waiting = address_book.propose(proposal(treasury, **second), by=cast.requester)
    yes(address_book.propose(proposal(treasury, **first), by=cast.requester), cast.keeper)
    assert invalid(proposal(treasury, **second), by=cast.requester).code == "already_active"
    with objected("already_active", Event.ADDRESS_OBJECTED, by=cast.keeper):
        proof = PresenceProof(person=cast.keeper, act=Act.ACTIVATE_ADDRESS, subject=str(waiting.pk))
        decisions.approve(waiting, proof=proof, by=cast.keeper)


def test_an_ethereum_address_in_another_case_is_the_same_recipient(cast: Cast, merchant: Account) -> None:
    facts: dict[str, Any] = {"kind": Kind.ETH_CHAIN, "cautions_ticked": frozenset({"no_checksum"})}
    active = address_book.propose(proposal(merchant, address=ETH_ADDRESS, **facts), by=cast.requester)
    yes(active, cast.keeper)
    refused = invalid(proposal(merchant, address=ETH_ADDRESS.lower(), **facts), by=cast.requester)
    assert refused.code == "already_active"
    address_book.propose(proposal(merchant, address=OTHER_ETH_ADDRESS, **facts), by=cast.requester)


def test_after_a_revocation_the_recipient_may_be_activated_anew(cast: Cast, treasury: Account) -> None:
    first = yes(address_book.propose(proposal(treasury, address="777"), by=cast.requester), cast.keeper)
    address_book.revoke(first.pk, reason="Wrong owner", by=cast.keeper)
    second = address_book.propose(proposal(treasury, address="777"), by=cast.requester)
    assert yes(second, cast.keeper).status == AddressStatus.ACTIVE
