"""Raw SQL against the address book, accounts and assets."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from payouts.domain.people.roles import Role
from payouts.domain.recipients.book import ADDRESS_MOVES, AddressStatus
from payouts.models import Account, Address, Asset
from payouts.workflow.recipients import address_book
from tests.props.cast import Cast, active_address, proposal
from tests.props.rows.decisions import carry, close, say_yes
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.rows import address_row
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update


@pytest.fixture
def entry(cast: Cast, treasury: Account) -> Address:
    """A proposal of the requester."""
    return address_book.propose(proposal(treasury), by=cast.requester)


def activate(entry: Address, by: User) -> None:
    """Their yes, its proposal carried, then its move."""
    carry(entry.proposal, by)
    update(entry, status="active")


# -- addresses --


@pytest.mark.parametrize("status", [status for status in AddressStatus if status is not AddressStatus.PROPOSED])
def test_an_address_starts_as_a_proposal(cast: Cast, treasury: Account, status: AddressStatus) -> None:
    insert("address", **address_row(treasury, cast.requester))
    with refused_by("address_starts_as_a_proposal"):
        insert("address", **address_row(treasury, cast.requester, status=status.value))


def test_an_address_has_a_known_kind_and_some_coin(cast: Cast, treasury: Account) -> None:
    with refused_by("address_kind_is_known"):
        insert("address", **address_row(treasury, cast.requester, kind="iban"))
    with refused_by("address_receives_some_coin"):
        insert("address", **address_row(treasury, cast.requester, coins=[]))


@pytest.mark.parametrize(("old", "new"), list(permutations(AddressStatus, 2)))
def test_the_database_makes_the_declared_moves_and_no_other(
    cast: Cast, treasury: Account, old: AddressStatus, new: AddressStatus
) -> None:
    entry = active_address(cast, treasury)
    forge(entry, status=old)
    if new in ADDRESS_MOVES[old]:
        update(entry, status=new.value)
    else:
        with refused_by("address_moves_as_declared"):
            update(entry, status=new.value)


def test_there_is_no_status_but_the_known_ones(entry: Address) -> None:
    with refused_by("address_moves_as_declared"):
        update(entry, status="trusted")
    with guards_off(), refused_by("address_status_is_known"):
        update(entry, status="trusted")


def test_active_means_that_another_person_approved_it(cast: Cast, entry: Address) -> None:
    with refused_by("active_means_another_person_approved"):
        update(entry, status="active")
    say_yes(entry.proposal, cast.keeper)
    with refused_by("active_means_another_person_approved"):
        update(entry, status="active")
    activate(entry, cast.second_keeper)


@pytest.mark.parametrize("state", ["rejected", "withdrawn", "lapsed"])
def test_what_was_turned_down_is_not_activated(cast: Cast, entry: Address, state: str) -> None:
    say_yes(entry.proposal, cast.keeper)
    close(entry.proposal, state, cast.requester)
    with refused_by("active_means_another_person_approved"):
        update(entry, status="active")


def test_an_address_is_activated_by_another_person(cast: Cast, entry: Address) -> None:
    with refused_by("address_is_activated_by_another_person"):
        say_yes(entry.proposal, cast.requester)


def test_no_proposal_lies_about_who_proposed_it(cast: Cast, entry: Address) -> None:
    cast.requester.groups.add(Group.objects.get(name=Role.KEEPER))
    forge(entry.proposal, raised_by=cast.keeper, excluded=[cast.keeper.pk])
    with refused_by("address_is_activated_by_another_person"):
        say_yes(entry.proposal, cast.requester)


@pytest.mark.parametrize("status", ["active", "declined", "revoked"])
def test_nobody_activates_what_is_no_proposal_any_more(cast: Cast, entry: Address, status: str) -> None:
    forge(entry, status=status)
    with refused_by("activation_only_while_proposed"):
        say_yes(entry.proposal, cast.keeper)


def test_nobody_is_written_down_afterwards_as_the_one_who_activated_it(cast: Cast, payee: Address) -> None:
    with refused_by("what_was_decided_never_changes"):
        update(payee.proposal, decided_by_id=cast.second_keeper.pk)
    with refused_by("approvals_never_change"):
        update(payee.proposal.approvals.get(), approver_id=cast.second_keeper.pk)


def test_an_active_address_has_who_activated_it_and_when(cast: Cast, entry: Address) -> None:
    say_yes(entry.proposal, cast.keeper)
    with refused_by("it_is_carried_by_who_approved_it"):
        close(entry.proposal, "carried", None)
    with refused_by("what_is_decided_says_when"):
        close(entry.proposal, "carried", cast.keeper, decided_at=None)


def test_a_recipient_is_active_once_in_an_account(cast: Cast, treasury: Account) -> None:
    first = active_address(cast, treasury, address="777")
    insert("address", **address_row(treasury, cast.requester, recipient_key=first.recipient_key))
    twin = Address.objects.get(label="By hand")
    with refused_by("one_active_entry_per_recipient"):
        activate(twin, cast.keeper)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "email"),
        ("area_code", "44"),
        ("address", "6"),
        ("recipient_key", "6"),
        ("coins", ["USDT", "BTC"]),
        ("label", "Other"),
        ("owner", "Other"),
        ("proposed_at", timezone.now() - timedelta(days=1)),
        ("fingerprint", True),
    ],
)
@pytest.mark.parametrize("active", [True, False])
def test_what_identifies_an_address_never_changes(
    entry: Address, payee: Address, column: str, value: Any, active: bool
) -> None:
    with refused_by("what_identifies_an_address_never_changes"):
        update(payee if active else entry, **{column: value})


def test_an_address_never_changes_hands(cast: Cast, payee: Address, merchant: Account) -> None:
    another = {"proposal_id": active_address(cast, payee.account).proposal_id}
    for columns in ({"account_id": merchant.pk}, {"proposed_by_id": cast.keeper.pk}, {"id": uuid4()}, another):
        with refused_by("what_identifies_an_address_never_changes"):
            update(payee, **columns)


def test_addresses_are_never_deleted(entry: Address) -> None:
    with refused_by("addresses_are_never_deleted"):
        delete(entry)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("addresses_are_never_deleted"):
        truncate("address")


# -- accounts and assets --


@pytest.mark.parametrize("name", ["", "Treasury", "a b", "a\n", "-a", "a/b", "é"])
def test_an_account_has_a_plain_name(treasury: Account, name: str) -> None:
    with refused_by("account_name_is_plain"):
        update(treasury, name=name)


def test_an_account_has_its_own_name(treasury: Account, merchant: Account) -> None:
    with refused_by("payouts_account_name_key"):
        update(treasury, name=merchant.name)


def test_an_asset_has_one_row(treasury: Account) -> None:
    first = Asset.objects.get(provider="zoomex", coin="USDT")
    with refused_by("one_row_per_asset"):
        insert("asset", provider="zoomex", network=first.network, coin="USDT", decimals=2, enabled=True)


def test_the_decimals_of_an_asset_fit_the_column(treasury: Account) -> None:
    with refused_by("asset_decimals_fit_the_column"):
        update(Asset.objects.get(provider="zoomex", coin="USDT"), decimals=19)
