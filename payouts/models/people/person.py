"""From Django's user to the rules' person."""

from django.contrib.auth.models import User

from payouts.domain.people.roles import Person, Role


def person(user: User) -> Person:
    """The user's roles by group membership alone: a superuser without a role is a person without a role."""
    names = set(user.groups.values_list("name", flat=True)) if user.is_active else set()
    return Person(id=user.pk, roles=frozenset(role for role in Role if role.value in names))


def hold(user: User) -> None:
    """Until the transaction ends: one change of a person at a time, without waiting for rows that merely name them."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
