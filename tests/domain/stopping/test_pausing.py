"""Who may stop, who may let it go on, and how many it takes."""

from dataclasses import replace
from itertools import combinations

import pytest

from payouts.domain.people.roles import Act, Person, Role
from payouts.domain.stopping.pausing import Cause, PauseFacts, is_over, may_pause, may_release, releases_needed

OPEN = PauseFacts(Cause.PERSON, is_open=True, releases_needed=2, released_by=frozenset())
SETS_OF_ROLES = [frozenset(roles) for size in range(3) for roles in combinations(Role, size)]


def code(objection: object) -> str | None:
    return getattr(objection, "code", None)


def test_the_causes_are_these() -> None:
    assert {cause.value for cause in Cause} == {"stop_code", "orphan", "person"}
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
    found = code(may_release(replace(OPEN, cause=cause), Person(1, roles)))
    if not roles & {Role.APPROVER, Role.ADMINISTRATOR}:
        assert found == "no_role"
    elif cause is Cause.STOP_CODE and Role.ADMINISTRATOR not in roles:
        assert found == "needs_an_administrator"
    else:
        assert found is None


@pytest.mark.parametrize("cause", Cause)
def test_nobody_releases_twice_or_what_has_ended(cause: Cause) -> None:
    administrator = Person(7, frozenset({Role.ADMINISTRATOR}))
    facts = replace(OPEN, cause=cause, released_by=frozenset({7}))
    assert code(may_release(facts, administrator)) == "released_already"
    assert code(may_release(replace(facts, is_open=False, released_by=frozenset()), administrator)) == "not_paused"


def test_it_is_over_once_enough_people_have_released_it() -> None:
    assert [is_over(replace(OPEN, released_by=frozenset(range(number)))) for number in range(4)] == [
        False,
        False,
        True,
        True,
    ]
    assert is_over(replace(OPEN, releases_needed=1, released_by=frozenset({1})))


def test_the_acts_stand_in_the_table_of_roles() -> None:
    assert not Person(1, frozenset({Role.AUDITOR})).may(Act.PAUSE)
    assert not Person(1, frozenset({Role.REQUESTER})).may(Act.RELEASE)
