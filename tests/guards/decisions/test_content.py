"""Raw SQL against what is approved: the content of a proposal is what the rows say, column by column, at every yes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.domain.decisions.proposal import State, proposal_text
from payouts.models import Account, Address, Evidence, Resolution, ResolutionLine
from payouts.workflow.decisions.registry import KINDS
from payouts.workflow.stopping.pause import pause_account, pause_everything
from tests.props.cast import Cast, active_address, approved, raised
from tests.props.decisions import yes
from tests.props.findings import PICTURE, confirm, lost, proposed
from tests.props.rows.decisions import approval_row, carry, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.kinds import EXAMPLES, Example
from tests.props.rows.rows import evidence_row, line_row, resolution_row, unknown
from tests.props.rows.sql import execute, insert, refused_by

LONG_AGO = timezone.now() - timedelta(days=9)
WITH_ROWS = [kind for kind in EXAMPLES if kind != "sign_off"]  # a day's statement is made from a hundred rows

SAID: list[tuple[str, str, Any]] = [
    ("withdrawal", "digest", "e" * 64),
    ("withdrawal", "purpose", "Other"),
    ("withdrawal", "invoice_reference", "7"),
    ("address", "kind", "email"),
    ("address", "area_code", "44"),
    ("address", "address", "6"),
    ("address", "coins", ["USDT"]),
    ("address", "label", "Other"),
    ("address", "owner", "Other"),
    ("address", "fingerprint", True),
    ("resolution", "verdict", "not_paid"),
    ("resolution", "where_looked", "Elsewhere"),
    ("resolution", "looked_at", LONG_AGO),
    ("resolution", "note", "Other"),
    ("lost_call", "verdict", "not_paid"),
    ("lost_call", "found_as", "7"),
    ("lost_call", "where_looked", "Elsewhere"),
    ("lost_call", "looked_at", LONG_AGO),
    ("lost_call", "note", "Other"),
    ("release", "account_id", None),
    ("release", "cause", "orphan"),
    ("release", "code", "7"),
    ("release", "reason", "Never mind"),
    ("release", "begun_at", LONG_AGO),
]


def refused(example: Example) -> None:
    with refused_by("what_is_approved_is_what_the_rows_say"):
        say_yes(example.proposal, example.approvers[0])


@pytest.mark.parametrize("kind", WITH_ROWS)
def test_the_pages_and_the_database_read_one_content_from_the_rows(cast: Cast, payee: Address, kind: str) -> None:
    example = EXAMPLES[kind](cast, payee)
    row = approval_row(example.proposal, example.approvers[0])
    execute("SET LOCAL datestyle = 'SQL, DMY'; SET LOCAL timezone = 'Asia/Kathmandu'")
    insert("approval", **row)
    execute("SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL timezone = 'UTC'")
    says = dict(KINDS[kind].content(example.thing))
    if kind == "withdrawal":
        says["order"] = example.thing.digest  # which was made up
    assert example.proposal.content == proposal_text(kind, str(example.thing.pk), says)


ODD = "Łódź 7 “a” \\ <b> 'c' \"d\" 💶"


def test_what_people_write_is_read_alike(cast: Cast, treasury: Account) -> None:
    payee = active_address(cast, treasury, label=ODD, owner=ODD, fingerprint=True)
    earlier = raised(cast, payee, purpose=ODD)
    forge(earlier, status="failed")
    assert approved(cast, payee, purpose=ODD, retry_of=earlier.pk).status == "approved"
    finding: dict[str, Any] = {"where_looked": ODD, "note": ODD, "attachment": PICTURE}
    found = proposed(cast, lost(cast, payee), lost(cast, payee), **finding)
    assert confirm(found, cast.first_approver).proposal.state == State.CARRIED
    for pause in (pause_account(treasury.pk, reason=ODD, by=cast.keeper), pause_everything(reason=ODD, by=cast.keeper)):
        yes(pause, cast.first_approver, note=ODD)
        assert yes(pause, cast.administrator, note=ODD).released_at is not None


@pytest.mark.parametrize(("kind", "column", "value"), SAID)
def test_nothing_is_approved_that_its_row_does_not_say(
    cast: Cast, payee: Address, kind: str, column: str, value: Any
) -> None:
    example = EXAMPLES[kind](cast, payee)
    forge(example.thing, **{column: value})
    refused(example)


def test_no_request_is_approved_as_a_repetition_of_another_one(cast: Cast, payee: Address) -> None:
    example = EXAMPLES["withdrawal"](cast, payee)
    forge(example.thing, retry_of=raised(cast, payee))
    refused(example)


def test_no_entry_is_approved_for_another_account(cast: Cast, payee: Address, merchant: Account) -> None:
    example = EXAMPLES["address"](cast, payee)
    forge(example.thing, account=merchant)
    refused(example)


def test_no_finding_is_approved_with_other_evidence(cast: Cast, payee: Address) -> None:
    example = EXAMPLES["resolution"](cast, payee)
    insert("evidence", **evidence_row(cast.requester))
    forge(example.thing, evidence=Evidence.objects.get())
    refused(example)


def test_no_finding_is_approved_with_a_line_more_or_less_or_another_one(cast: Cast, payee: Address) -> None:
    example = EXAMPLES["resolution"](cast, payee)
    forge(example.thing.lines.first(), found_as="7")
    refused(example)
    forge(example.thing.lines.first(), found_as=example.thing.lines.last().found_as)
    insert("resolutionline", **line_row({"id": example.thing.pk}, unknown(cast, payee, amount=Decimal(8))))
    refused(example)


def test_a_finding_about_nothing_is_not_approved(cast: Cast) -> None:
    row = resolution_row(cast.third_approver)
    insert("resolution", **row)
    with refused_by("what_is_approved_is_what_the_rows_say"):
        say_yes(Resolution.objects.get().proposal, cast.first_approver)


def test_a_line_that_was_added_after_the_approval_keeps_it_from_being_carried(cast: Cast, payee: Address) -> None:
    example = EXAMPLES["resolution"](cast, payee)
    say_yes(example.proposal, example.approvers[0])
    insert("resolutionline", **line_row({"id": example.thing.pk}, unknown(cast, payee, amount=Decimal(8))))
    with refused_by("what_is_approved_is_what_the_rows_say"):
        carry(example.proposal, example.approvers[1])
    assert ResolutionLine.objects.filter(resolution=example.thing).count() == 3
