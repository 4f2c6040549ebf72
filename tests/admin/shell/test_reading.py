"""What people read in cells: amounts, statuses and times; whatever people wrote is text and never markup."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from payouts.admin.shell import cells
from payouts.domain.recipients.kind import Kind
from payouts.models import Address, Proposal, Withdrawal
from tests.props.cast import ETH_ADDRESS, TRON_ADDRESS

MARKUP = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1250", "1,250.00 USDT"),
        ("1250.000000000000000000", "1,250.00 USDT"),
        ("0.123456789012345678", "0.123456789012345678 USDT"),
        ("12345678901234567890.1", "12,345,678,901,234,567,890.10 USDT"),
    ],
)
def test_an_amount_reads_well_and_is_never_rounded(amount: str, shown: str) -> None:
    assert strip_tags(cells.amount(Decimal(amount), "USDT")) == shown


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (Kind.TRX_CHAIN, TRON_ADDRESS),
        (Kind.ETH_CHAIN, ETH_ADDRESS),
        (Kind.UID, "10000001"),
        (Kind.EMAIL, "ada@example.com"),
    ],
)
def test_an_address_is_shown_whole_and_never_translated(kind: Kind, address: str) -> None:
    cell = cells.groups(Address(kind=kind, address=address))
    assert strip_tags(cell) == address
    assert 'translate="no"' in cell


@pytest.mark.parametrize(
    ("status", "stopped", "approvals", "shown"),
    [
        ("awaiting_approval", "", 1, "Awaiting approval 1/2"),
        ("awaiting_approval", "", None, "Awaiting approval"),
        ("approved", "", 2, "Approved"),
        ("approved", "differs", 2, "Stopped"),
        ("unknown", "", 2, "Unknown"),
    ],
)
def test_a_status_is_said_in_words(status: str, stopped: str, approvals: int | None, shown: str) -> None:
    withdrawal = Withdrawal(status=status, stopped_because=stopped, proposal=Proposal(needed=2))
    assert strip_tags(cells.status(withdrawal, approvals=approvals)) == shown


def test_a_time_names_its_zone() -> None:
    cell = cells.when(datetime(2025, 3, 7, 9, 5, 30, tzinfo=UTC))
    assert strip_tags(cell) == "7 Mar 2025, 09:05 UTC"
    assert 'datetime="2025-03-07T09:05:30+00:00"' in cell
    assert cells.when(None) == "–"


def test_whatever_people_wrote_is_text() -> None:
    entry = Address(kind=Kind.EMAIL, address=f"{MARKUP}@x", label=MARKUP, owner=MARKUP)
    for cell in (
        cells.pill("x", MARKUP),
        cells.amount(Decimal(1), MARKUP),
        cells.groups(entry),
        cells.recipient(entry),
        cells.recipient(entry, url='"><script>'),
        cells.facts({MARKUP: MARKUP, "list": [MARKUP]}),
    ):
        assert "<script" not in cell
