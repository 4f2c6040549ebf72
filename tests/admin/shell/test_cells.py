"""Cells: amounts, addresses, statuses and facts as pages show them."""

from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from payouts.admin.shell import cells
from payouts.admin.shell.story import approvals
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, Withdrawal
from payouts.templatetags.countersign import places
from tests.props.cast import ETH_ADDRESS, Cast, active_address, approve, raised
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db


def test_an_address_in_groups_still_reads_and_copies_as_one_piece(cast: Cast, merchant: Account) -> None:
    entry = active_address(cast, merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS)
    assert strip_tags(cells.groups(entry)) == ETH_ADDRESS
    assert cells.groups(entry).count('class="group"') == 11


def test_a_phone_as_the_provider_is_told_it_has_no_area_code(cast: Cast, treasury: Account) -> None:
    entry = active_address(cast, treasury, kind=Kind.PHONE, area_code="44", address="7700900123")
    assert strip_tags(cells.groups(entry)) == "+44 7700900123"
    assert strip_tags(cells.groups_alone(entry)) == "7700900123"


def test_what_people_wrote_is_escaped(cast: Cast, treasury: Account) -> None:
    entry = active_address(cast, treasury, label="<b>Acme</b>")
    assert "<b>Acme</b>" not in cells.recipient(entry)
    assert "<i>" not in cells.facts({"why": "<i>because</i>"})


def test_every_amount_of_a_list_gets_the_room_of_its_longest_decimals() -> None:
    amounts = ("1250", "0.5", "1.000000000000001", "0.02500001")
    assert places([Withdrawal(amount=Decimal(amount)) for amount in amounts]) == 15
    assert places([]) == 2


def test_the_places_that_are_open_are_the_approvals_that_are_missing(cast: Cast, payee: Address) -> None:
    withdrawal = raised(cast, payee)
    assert len(approvals(withdrawal)["missing"]) == 2
    approve(withdrawal, cast.first_approver)
    assert len(approvals(withdrawal)["missing"]) == 1
    assert len(approvals(approve(withdrawal, cast.second_approver))["missing"]) == 0


def test_what_was_approved_and_then_stopped_is_never_called_approved(cast: Cast, payee: Address) -> None:
    withdrawal = raised(cast, payee)
    forge(withdrawal, status="approved", stopped_because="It is not what was approved.")
    assert strip_tags(cells.status(withdrawal)) == "Stopped"
    forge(withdrawal, status="rejected")
    assert strip_tags(cells.status(withdrawal)) == "Rejected"


def test_a_move_is_told_as_one_fact_and_empty_facts_are_left_out() -> None:
    told = strip_tags(cells.facts({"new": "approved", "old": "awaiting_approval", "why": "", "coins": ["BTC", "USDT"]}))
    assert told.split() == ["status", "awaiting", "approval", "→", "approved", "coins", "BTC,", "USDT"]


def test_a_change_reads_from_before_to_after() -> None:
    told = strip_tags(cells.facts({"after": ["Auditors", "Requesters"], "before": []}))
    assert " ".join(told.split()) == "changed none → Auditors, Requesters"


def test_a_digest_is_short_and_in_full_on_demand() -> None:
    told = cells.facts({"digest": "ab" * 32})
    assert f"<summary>{'ab' * 6}…</summary>{'ab' * 32}</details>" in told
