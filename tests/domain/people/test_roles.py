"""Who may do which act at all: every combination of roles, against a table written by hand."""

from itertools import chain, combinations

import pytest

from payouts.domain.errors import Objection
from payouts.domain.people.roles import NO_ROLE, ROLES_FOR, Act, Person, Role, first, role_objection

PERMITTED: dict[Role, set[Act]] = {
    Role.REQUESTER: {
        Act.RAISE, Act.CANCEL, Act.PROPOSE_ADDRESS, Act.PROPOSE_RESOLUTION, Act.ADD_STATEMENT, Act.PAUSE,
        Act.PROPOSE_LOST_CALL,
        Act.VIEW_WITHDRAWALS, Act.VIEW_ADDRESSES, Act.VIEW_ACCOUNTS, Act.VIEW_RECONCILIATION,
    },
    Role.APPROVER: {
        Act.APPROVE, Act.REJECT, Act.PROPOSE_RESOLUTION, Act.CONFIRM_RESOLUTION, Act.ADD_STATEMENT,
        Act.PAUSE, Act.RELEASE, Act.CLOSE_ORPHAN, Act.SIGN_OFF, Act.PROPOSE_LOST_CALL, Act.CONFIRM_LOST_CALL,
        Act.VIEW_WITHDRAWALS, Act.VIEW_ADDRESSES, Act.VIEW_ACCOUNTS, Act.VIEW_RECONCILIATION,
    },
    Role.KEEPER: {
        Act.PROPOSE_ADDRESS, Act.ACTIVATE_ADDRESS, Act.DECLINE_ADDRESS, Act.REVOKE_ADDRESS, Act.PAUSE,
        Act.VIEW_WITHDRAWALS, Act.VIEW_ADDRESSES, Act.VIEW_ACCOUNTS, Act.VIEW_RECONCILIATION,
    },
    Role.AUDITOR: {
        Act.VIEW_WITHDRAWALS, Act.VIEW_ADDRESSES, Act.VIEW_ACCOUNTS, Act.VIEW_AUDIT, Act.VIEW_PEOPLE,
        Act.VIEW_RECONCILIATION, Act.SIGN_OFF,
    },
    Role.ADMINISTRATOR: {Act.VIEW_ACCOUNTS, Act.VIEW_PEOPLE, Act.MANAGE_PEOPLE, Act.PAUSE, Act.RELEASE,
                         Act.ACCEPT_IDENTITY, Act.DECLINE_IDENTITY},
}  # fmt: skip
LOOKING = {
    Act.VIEW_WITHDRAWALS, Act.VIEW_ADDRESSES, Act.VIEW_ACCOUNTS, Act.VIEW_AUDIT, Act.VIEW_PEOPLE,
    Act.VIEW_RECONCILIATION,
}  # fmt: skip
COMBINATIONS = list(chain.from_iterable(combinations(Role, count) for count in range(len(Role) + 1)))


def holder_of(*roles: Role) -> Person:
    return Person(id=1, roles=frozenset(roles))


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("roles", COMBINATIONS, ids=lambda roles: "+".join(role.name for role in roles) or "none")
def test_several_roles_permit_what_each_of_them_permits_and_nothing_else(act: Act, roles: tuple[Role, ...]) -> None:
    assert holder_of(*roles).may(act) is any(act in PERMITTED[role] for role in roles)


def test_there_are_thirty_two_combinations() -> None:
    assert len(COMBINATIONS) == 2 ** len(Role)


def test_every_act_is_somebodys() -> None:
    assert set(ROLES_FOR) == set(Act)
    assert all(ROLES_FOR.values())


@pytest.mark.parametrize("act", Act)
def test_a_person_without_a_role_may_do_nothing(act: Act) -> None:
    assert not holder_of().may(act)


def test_auditors_look_and_change_nothing_but_their_own_review() -> None:
    assert {act for act in Act if holder_of(Role.AUDITOR).may(act)} == LOOKING | {Act.SIGN_OFF}


def test_administrators_see_no_withdrawal_and_no_address() -> None:
    administrator = holder_of(Role.ADMINISTRATOR)
    assert not administrator.may(Act.VIEW_WITHDRAWALS)
    assert not administrator.may(Act.VIEW_ADDRESSES)


def test_only_administrators_change_people() -> None:
    assert [role for role in Role if holder_of(role).may(Act.MANAGE_PEOPLE)] == [Role.ADMINISTRATOR]


@pytest.mark.parametrize("act", Act)
def test_every_act_needs_a_role(act: Act) -> None:
    assert role_objection(Person(9, frozenset()), act) == NO_ROLE
    assert role_objection(Person(9, frozenset(Role)), act) is None


def test_the_first_objection_is_the_one_that_is_told() -> None:
    second = Objection("second", "")
    assert first([None, second, Objection("third", "")]) is second
    assert first([None, None]) is None
