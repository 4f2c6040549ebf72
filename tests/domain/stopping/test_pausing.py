"""Who may stop, who may let it go on, and how many it takes."""

from dataclasses import replace
from itertools import combinations

import pytest

from payouts.domain.people.roles import Act, Person, Role
from payouts.domain.stopping.pausing import (
    Cause,
    PauseFacts,
    may_pause,
    may_release,
    releases_needed,
    releasing_roles,
)
from tests.props.facts.proposals import DIGEST, proposal_facts

RELEASE = proposal_facts(needed=2)
OPEN = PauseFacts(Cause.PERSON, is_open=True, proposal=RELEASE)
SETS_OF_ROLES = [frozenset(roles) for size in range(3) for roles in combinations(Role, size)]


def code(objection: object) -> str | None:
    return getattr(objection, "code", None)


def test_the_causes_are_these() -> None:
    assert {cause.value for cause in Cause} == {"stop_code", "orphan", "person", "out_of_step"}
    assert Cause.STOP_CODE.label == "Stop code"


@pytest.mark.parametrize("cause", Cause)
def test_only_what_the_provider_itself_said_is_one_persons_to_release(cause: Cause) -> None:
    assert releases_needed(cause) == (1 if cause is Cause.STOP_CODE else 2)


@pytest.mark.parametrize("roles", SETS_OF_ROLES)
def test_everybody_but_auditors_and_people_without_a_role_may_pause(roles: frozenset[Role]) -> None:
    expected = None if roles - {Role.AUDITOR} else "no_role"
    assert code(may_pause(Person(1, roles), paused_already=False)) == expected


def test_what_somebody_paused_is_not_paused_twice() -> None:
    person = Person(1, frozenset({Role.REQUESTER}))
    assert code(may_pause(person, paused_already=True)) == "paused_already"


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("roles", SETS_OF_ROLES)
def test_who_may_release_what(cause: Cause, roles: frozenset[Role]) -> None:
    proposal = replace(RELEASE, roles=releasing_roles(cause))
    found = code(may_release(replace(OPEN, cause=cause, proposal=proposal), Person(1, roles), shown_digest=DIGEST))
    if not roles & {Role.APPROVER, Role.ADMINISTRATOR}:
        assert found == "no_role"
    elif cause is Cause.STOP_CODE and Role.ADMINISTRATOR not in roles:
        assert found == "needs_an_administrator"
    else:
        assert found is None


@pytest.mark.parametrize("cause", Cause)
def test_nobody_releases_twice_or_what_has_ended(cause: Cause) -> None:
    administrator = Person(7, frozenset({Role.ADMINISTRATOR}))
    facts = replace(OPEN, cause=cause, proposal=replace(RELEASE, approvals={7: DIGEST}))
    assert code(may_release(facts, administrator, shown_digest=DIGEST)) == "released_already"
    ended = replace(OPEN, cause=cause, is_open=False)
    assert code(may_release(ended, administrator, shown_digest=DIGEST)) == "not_paused"


def test_who_began_it_may_release_it() -> None:
    facts = replace(OPEN, proposal=replace(RELEASE, raised_by=7))
    assert may_release(facts, Person(7, frozenset({Role.APPROVER})), shown_digest=DIGEST) is None


def test_the_acts_stand_in_the_table_of_roles() -> None:
    assert not Person(1, frozenset({Role.AUDITOR})).may(Act.PAUSE)
    assert not Person(1, frozenset({Role.REQUESTER})).may(Act.RELEASE)
