"""From Django's user to the rules' person."""

from django.contrib.auth.models import User
from django.db import connection

from payouts.domain.people.roles import Person, Role


def person(user: User) -> Person:
    """The user's roles by group membership alone: a superuser without a role is a person without a role."""
    held = user.groups.filter(user__is_active=True)  # as the row says now, and not the object
    names = set(held.values_list("name", flat=True))
    return Person(id=user.pk, roles=frozenset(role for role in Role if role.value in names))


def hold_as_they_are(user: User) -> None:
    """Keep others from taking anything away from the user until the transaction ends; several may at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM auth_user WHERE id = %s FOR SHARE", [user.pk])


def hold(user: User) -> None:
    """Lock the user's row until the transaction ends, so that changes of one person happen one after the other.

    Rows that merely refer to the user can still be written meanwhile.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
