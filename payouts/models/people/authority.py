"""Authority numbers: how often something was taken away from a person. A yes given under an earlier one is void."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, models
from django.db.models import F, Func

from payouts.domain.people.roles import Role


class AuthorityManager(models.Manager["Authority"]):
    """Numbers; somebody without a row has the number 0."""

    def end(self, user: User) -> None:
        """Take the next number, for a reason that the tables do not show; the others the database sees itself."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT countersign_end_authority(%s)", [user.pk])


class Authority(models.Model):
    """One person's number. It grows when they are deactivated, lose a role, or others reset their second factor.

    The database counts the first two itself, whoever wrote them (guards/people/authority.sql).
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="authority"
    )
    number = models.PositiveIntegerField()
    ended_at = models.DateTimeField(help_text="When the last one ended.")

    objects = AuthorityManager()

    def __str__(self) -> str:
        return f"authority {self.number} of {self.person_id}"


def number_of(person: str) -> Func:
    """The number of now of the person whose id this path of a query leads to (guards/people/authority.sql)."""
    return Func(F(person), function="countersign_authority", output_field=models.IntegerField())


def still_holding(role: Role, person: int, *, under: int | None) -> "models.QuerySet[User]":
    """The person of this id, while they are active and hold the role, and this is their number; else nobody."""
    held = User.objects.filter(pk=person, is_active=True, groups__name=role.value)
    return held.annotate(now=number_of("pk")).filter(now=under)
