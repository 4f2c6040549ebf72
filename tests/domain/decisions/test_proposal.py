"""Proposals: one text for each, whose digest names kind and subject; and when enough people have said yes."""

import hashlib
import json
from decimal import Decimal

import pytest

from payouts.domain.canonical import digest
from payouts.domain.decisions.proposal import (
    STATE_MOVES,
    State,
    is_carried,
    key_digest,
    list_digest,
    proposal_text,
)
from tests.props.facts.proposals import DIGEST, proposal_facts

CONTENT: dict[str, str | None] = {"purpose": "Invoice “7”", "order": "d" * 64, "retry_of": None}


def test_the_text_is_json_with_sorted_keys_and_no_spaces() -> None:
    text = proposal_text("withdrawal", "1", CONTENT)
    assert text.startswith('{"kind":"withdrawal","order":"ddd')
    assert json.loads(text) == {**CONTENT, "kind": "withdrawal", "subject": "1"}
    assert text.isascii()


def test_a_text_of_this_kind_is_told_by_its_digest_from_then_on() -> None:
    """Changed, it would void every approval that is under way."""
    assert key_digest("person", "7") == hashlib.sha256(b'{"kind":"person","subject":"7"}').hexdigest()


@pytest.mark.parametrize(
    ("kind", "subject", "changes"),
    [("address", "1", {}), ("withdrawal", "2", {}), ("withdrawal", "1", {"purpose": "Other"})],
)
def test_kind_subject_and_every_fact_are_in_the_digest(kind: str, subject: str, changes: dict[str, str]) -> None:
    one = digest(proposal_text("withdrawal", "1", CONTENT))
    assert digest(proposal_text(kind, subject, {**CONTENT, **changes})) != one


def test_a_content_cannot_pretend_to_be_of_another_kind() -> None:
    assert json.loads(proposal_text("withdrawal", "1", {"kind": "address", "subject": "2"})) == {
        "kind": "withdrawal",
        "subject": "1",
    }


@pytest.mark.parametrize("amount", [1.5, float("nan"), {1}])
def test_what_has_no_one_text_is_refused(amount: object) -> None:
    with pytest.raises(TypeError):
        proposal_text("withdrawal", "1", {"amount": amount})


def test_an_amount_is_told_in_plain_digits() -> None:
    assert json.loads(proposal_text("withdrawal", "1", {"amount": Decimal("1E+2")}))["amount"] == "100"


def test_a_list_has_one_digest_in_whatever_order() -> None:
    one, two = "1" * 64, "2" * 64
    assert list_digest([two, one]) == list_digest([one, two]) == hashlib.sha256(f"{one}\n{two}".encode()).hexdigest()
    assert list_digest([one]) != list_digest([one, two])
    assert list_digest([one]) == digest(one)


@pytest.mark.parametrize(
    ("needed", "people", "enough"),
    [(1, set(), False), (1, {2}, True), (2, {2}, False), (2, {2, 3}, True), (2, {2, 3, 4}, True), (3, {2, 3}, False)],
)
def test_it_is_carried_by_so_many_different_people(needed: int, people: set[int], enough: bool) -> None:
    assert is_carried(proposal_facts(needed=needed, approvals=dict.fromkeys(people, DIGEST))) is enough


def test_who_may_not_decide_never_counts() -> None:
    assert not is_carried(proposal_facts(needed=2, excluded=frozenset({1}), approvals={1: DIGEST, 2: DIGEST}))


def test_a_yes_to_another_digest_never_counts() -> None:
    assert not is_carried(proposal_facts(needed=2, approvals={2: DIGEST, 3: "e" * 64}))


def test_nothing_is_carried_by_nobody() -> None:
    assert not is_carried(proposal_facts(needed=0))


def test_a_no_is_final_and_a_yes_is_not_taken_back() -> None:
    assert {state for state in State if not STATE_MOVES[state]} == {State.REJECTED, State.WITHDRAWN, State.LAPSED}
    assert STATE_MOVES[State.CARRIED] == {State.REJECTED, State.OPEN}
