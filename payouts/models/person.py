"""From Django's user to the rules' person."""

from django.contrib.auth.models import User

from payouts.domain.roles import Person, Role


def person(user: User) -> Person:
    """The user's roles by group membership alone: a superuser without a role is a person without a role."""
    names = set(user.groups.values_list("name", flat=True)) if user.is_active else set()
    return Person(id=user.pk, roles=frozenset(role for role in Role if role.value in names))
