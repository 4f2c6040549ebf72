"""The address book's rules: each act, each status it is not for, each person it is not for."""

from dataclasses import replace

import pytest

from payouts.domain.decisions.proposal import State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Person, Role
from payouts.domain.recipients.book import AddressFacts, AddressStatus, may_activate, may_decline, may_revoke
from tests.props.facts.proposals import DIGEST, proposal_facts

REQUESTER = Person(1, frozenset({Role.REQUESTER}))
KEEPER = Person(4, frozenset({Role.KEEPER}))
EVERYTHING = frozenset(Role)
OPEN = proposal_facts(raised_by=REQUESTER.id, excluded=frozenset({REQUESTER.id}), roles=frozenset({Role.KEEPER}))
PROPOSED = AddressFacts(AddressStatus.PROPOSED, REQUESTER.id, OPEN)
ACTIVE = AddressFacts(AddressStatus.ACTIVE, REQUESTER.id, replace(OPEN, state=State.CARRIED))


def code(objection: Objection | None) -> str | None:
    return objection.code if objection else None


def test_a_keeper_activates_and_declines_proposals_and_revokes_what_is_active() -> None:
    assert may_activate(PROPOSED, KEEPER, shown_digest=DIGEST) is None
    assert may_decline(PROPOSED, KEEPER) is None
    assert may_revoke(ACTIVE, KEEPER) is None


@pytest.mark.parametrize("status", AddressStatus)
def test_each_act_on_an_address_is_for_one_status(status: AddressStatus) -> None:
    facts = replace(PROPOSED, status=status)
    on_proposals = None if status is AddressStatus.PROPOSED else "already_moved_on"
    on_active = None if status is AddressStatus.ACTIVE else "already_moved_on"
    assert code(may_activate(facts, KEEPER, shown_digest=DIGEST)) == on_proposals
    assert code(may_decline(facts, KEEPER)) == on_proposals
    assert code(may_revoke(facts, KEEPER)) == on_active


def test_nobody_activates_what_they_proposed_whatever_their_roles() -> None:
    assert code(may_activate(PROPOSED, Person(REQUESTER.id, EVERYTHING), shown_digest=DIGEST)) == "own_proposal"


def test_the_proposer_may_take_a_proposal_back_without_being_a_keeper() -> None:
    assert may_decline(PROPOSED, REQUESTER) is None
    assert code(may_decline(PROPOSED, Person(9, REQUESTER.roles))) == "no_role"


def test_the_proposer_alone_cannot_revoke_what_is_active() -> None:
    assert code(may_revoke(ACTIVE, REQUESTER)) == "no_role"


def test_what_the_page_showed_has_to_be_the_entry() -> None:
    assert code(may_activate(PROPOSED, KEEPER, shown_digest="e" * 64)) == "stale_page"


def test_without_the_role_nobody_activates_or_revokes() -> None:
    stranger = Person(9, EVERYTHING - {Role.KEEPER})
    assert code(may_activate(PROPOSED, stranger, shown_digest=DIGEST)) == "no_role"
    assert code(may_revoke(ACTIVE, stranger)) == "no_role"
