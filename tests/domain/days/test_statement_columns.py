"""The columns of a statement: guessed where names are usual, never twice, never a required one missing."""

from dataclasses import asdict, fields, replace

import pytest

from payouts.domain.days.statement_columns import REQUIRED, ColumnMapping, check_mapping, guess_mapping
from payouts.domain.errors import InvalidValue

HEADERS = ("Create Time", "Token Name", "To Address", "Withdraw Amount", "Block_Chain", "Order No.", "Fee", "State")
GUESSED = ColumnMapping(
    time="Create Time",
    coin="Token Name",
    address="To Address",
    amount="Withdraw Amount",
    chain="Block_Chain",
    record_id="Order No.",
    fee="Fee",
    status="State",
)


def refusal_of(mapping: ColumnMapping) -> tuple[str, str]:
    with pytest.raises(InvalidValue) as refusal:
        check_mapping(mapping, HEADERS)
    return refusal.value.field, refusal.value.code


def test_usual_names_are_recognised_whatever_their_case_and_punctuation() -> None:
    assert guess_mapping(HEADERS) == GUESSED


def test_what_is_not_recognised_is_left_to_a_person() -> None:
    assert guess_mapping(["Zeit", "Betrag", "Amount (column 3)", "Amount (column 4)"]) == ColumnMapping()


def test_the_likelier_name_wins_and_of_two_alike_the_first() -> None:
    assert guess_mapping(["Date", "TIME", "time"]).time == "TIME"


def test_no_name_is_guessed_for_two_columns() -> None:
    every = [guess_mapping([header]) for header in ("id", "to", "tx", "hash", "token", "date", "value", "network")]
    assert all(sum(bool(theirs) for theirs in asdict(mapping).values()) == 1 for mapping in every)


def test_a_guess_of_everything_required_is_a_valid_mapping() -> None:
    check_mapping(GUESSED, HEADERS)
    check_mapping(replace(GUESSED, chain="", record_id="", fee="", status=""), HEADERS)


@pytest.mark.parametrize("ours", REQUIRED)
def test_without_a_required_column_it_is_refused(ours: str) -> None:
    assert refusal_of(replace(GUESSED, **{ours: ""})) == (ours, "required")


@pytest.mark.parametrize("ours", [field.name for field in fields(ColumnMapping)])
def test_a_column_that_the_file_lacks_is_refused(ours: str) -> None:
    assert refusal_of(replace(GUESSED, **{ours: "fee"})) == (ours, "no_such_column")


def test_one_column_is_not_two_of_ours() -> None:
    assert refusal_of(replace(GUESSED, fee="Withdraw Amount")) == ("fee", "chosen_twice")
