"""Who may say yes to a proposal, whatever its kind: of all combinations one is right; and each kind has its words."""

from dataclasses import replace
from itertools import product

import pytest

from payouts.domain.decisions.deciding import Words, may_approve
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, Role
from tests.props.facts.proposals import DIGEST, proposal_facts

RAISER, APPROVER = Person(1, frozenset(Role)), Person(2, frozenset({Role.APPROVER}))
OPEN = proposal_facts(raised_by=1, excluded=frozenset({1}), roles=frozenset({Role.APPROVER}))
WORDS = Words(Act.APPROVE)


def code(facts: object = OPEN, person: Person = APPROVER, words: Words = WORDS, shown: str = DIGEST) -> str | None:
    objection = may_approve(facts, person, words, shown_digest=shown)  # type: ignore[arg-type]
    return objection.code if objection else None


def test_somebody_else_with_the_role_says_yes_to_what_was_shown() -> None:
    assert code() is None


@pytest.mark.parametrize(
    ("facts", "person", "shown", "said"),
    [
        (OPEN, Person(2, frozenset()), DIGEST, "no_role"),
        (OPEN, RAISER, DIGEST, "own_proposal"),
        (replace(OPEN, approvals={2: DIGEST}), APPROVER, DIGEST, "approved_already"),
        (replace(OPEN, expired=True), APPROVER, DIGEST, "expired"),
        (replace(OPEN, digest_now="e" * 64), APPROVER, DIGEST, "digest_differs"),
        (OPEN, APPROVER, "e" * 64, "stale_page"),
        (OPEN, APPROVER, "", "stale_page"),
    ],
)
def test_what_is_said_to_everybody_else(facts: object, person: Person, shown: str, said: str) -> None:
    assert code(facts, person, shown=shown) == said


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_nobody_says_yes_to_what_is_not_open(state: State) -> None:
    assert code(replace(OPEN, state=state)) == "already_decided"


def test_a_kind_has_words_of_its_own() -> None:
    words = Words(Act.APPROVE, closed=Objection("over", ""), excluded=Objection("yours", ""))
    assert code(words=words) == "over"
    assert code(person=RAISER, words=replace(words, closed=None)) == "yours"
    narrow = replace(OPEN, roles=frozenset({Role.ADMINISTRATOR}))
    assert code(narrow, words=replace(WORDS, role=Objection("needs_an_administrator", ""))) == "needs_an_administrator"


def test_what_the_kind_has_against_it_comes_last() -> None:
    against = [None, Objection("address_not_active", "")]
    objection = may_approve(OPEN, APPROVER, WORDS, shown_digest=DIGEST, now=against)
    assert objection == against[1]
    assert may_approve(OPEN, RAISER, WORDS, shown_digest=DIGEST, now=against) != against[1]


def test_a_yes_needs_everything_at_once() -> None:
    """All combinations of role, person, earlier yes, time, state, page and content: one of them is right."""

    def permits(role: bool, another: bool, first: bool, timely: bool, is_open: bool, current: bool, same: bool) -> bool:
        facts = replace(
            OPEN,
            excluded=frozenset() if another else frozenset({2}),
            approvals={} if first else {2: DIGEST},
            expired=not timely,
            state=State.OPEN if is_open else State.CARRIED,
            digest_now=DIGEST if same else "e" * 64,
        )
        person = APPROVER if role else Person(2, frozenset(Role) - {Role.APPROVER})
        return code(facts, person, shown=DIGEST if current else "e" * 64) is None

    assert [each for each in product((True, False), repeat=7) if permits(*each)] == [(True,) * 7]
