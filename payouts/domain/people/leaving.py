"""What is missing once somebody has left, or a role was taken away. Pure."""

from collections.abc import Mapping

from payouts.domain.people.roles import Role

ADMINISTRATORS_NEEDED = 2  # one cannot change their own access, and releases take another


def short_of(left: Mapping[Role, int], *, approvals_needed: int) -> dict[Role, str]:
    """What to tell whoever takes roles away, by role; `left` says how many active others hold each of them."""
    needed = {Role.APPROVER: approvals_needed, Role.ADMINISTRATOR: ADMINISTRATORS_NEEDED}
    return {role: _sentence(role, left[role], least) for role, least in needed.items() if left.get(role, least) < least}


def _sentence(role: Role, left: int, needed: int) -> str:
    who = {0: "Nobody else is", 1: "Only one other person is"}.get(left, f"Only {left} other people are")
    if role is Role.APPROVER:
        follows = f"a payment needs {needed} approvals, so none could be approved"
    else:
        follows = "an administrator changes the access of others and never their own"
    return f"{who} among the active {role.value}: {follows}. Give the role to somebody else first."
