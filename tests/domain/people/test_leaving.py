import pytest

from payouts.domain.people.leaving import short_of
from payouts.domain.people.roles import Role


@pytest.mark.parametrize(
    ("left", "short"),
    [
        ({Role.APPROVER: 2}, set()),
        ({Role.APPROVER: 1}, {Role.APPROVER}),
        ({Role.APPROVER: 0, Role.ADMINISTRATOR: 1}, {Role.APPROVER, Role.ADMINISTRATOR}),
        ({Role.ADMINISTRATOR: 2, Role.KEEPER: 0}, set()),
        ({}, set()),
    ],
)
def test_work_stops_where_too_few_hold_a_role(left: dict[Role, int], short: set[Role]) -> None:
    assert set(short_of(left, approvals_needed=2)) == short


def test_the_sentence_says_how_many_are_left_and_what_follows() -> None:
    said = short_of({Role.APPROVER: 1, Role.ADMINISTRATOR: 0}, approvals_needed=3)
    assert said[Role.APPROVER].startswith(
        "Only one other person is among the active Approvers: a payment needs 3 approvals"
    )
    assert said[Role.ADMINISTRATOR].startswith("Nobody else is among the active Administrators")
