"""People: who there is, which roles they hold, and whether they may come in. Roles change with a fresh code only."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.errors import InvalidValue, NotPermitted, Objection
from payouts.domain.people.roles import Act, Role
from payouts.domain.withdrawals import policy
from payouts.models import PersonSession, PresenceProof, hold, person
from payouts.workflow.decisions import presence
from payouts.workflow.people import throttle


def write_groups() -> None:
    """One group per role, after every migrate."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


def add_person(username: str, *, full_name: str, email: str, roles: Iterable[Role], by: Actor) -> User:
    """A new person without a password: they set their own by the link that they are sent. Raises InvalidValue.

    The caller has checked that `by` may; see `invite` for the act as administrators do it.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidValue("username", "taken", "Somebody has this name already.")
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidValue("email", "taken", "Somebody has this e-mail address already.")
    first, _, last = full_name.partition(" ")
    with transaction.atomic():
        user = User(username=username, email=email, first_name=first, last_name=last, is_staff=True)
        user.set_unusable_password()
        _save(user)
        user.groups.set(_groups(roles))
        audit.record(Event.PERSON_ADDED, by=by, about=user, name=username, roles=_held(user))
    return user


def invite(
    username: str, *, full_name: str, email: str, roles: Iterable[Role], proof: PresenceProof | None, by: User
) -> User:
    """Add a person as an administrator, with a fresh code. Raises NotPermitted (audited), InvalidValue."""
    with transaction.atomic(durable=True):
        objection = _objection(proof, subject=username, by=by)
        user = add_person(username, full_name=full_name, email=email, roles=roles, by=by) if objection is None else None
        if objection is not None:
            audit.record(Event.PEOPLE_OBJECTED, by=by, name=username, why=objection.code)
    if user is None:
        raise NotPermitted(objection or Objection("no_role", ""))
    return user


def change_roles(user: User, *, roles: Iterable[Role], proof: PresenceProof | None, by: User) -> None:
    """Give exactly these roles; every session of the person ends. Nobody changes their own. Raises NotPermitted."""
    with transaction.atomic(durable=True):
        hold(user)
        objection = _own(user, by) or _objection(proof, subject=str(user.pk), by=by)
        if objection is None:
            before = _held(user)
            user.groups.set(_groups(roles))
            PersonSession.end_all(user.pk)
            audit.record(Event.ROLES_CHANGED, by=by, about=user, before=before, after=_held(user))
        else:
            audit.record(Event.PEOPLE_OBJECTED, by=by, about=user, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)


def deactivate(user: User, *, proof: PresenceProof | None, by: User) -> None:
    """Keep the person out from now on, in every session. Raises NotPermitted."""
    _switch(user, active=False, event=Event.PERSON_DEACTIVATED, proof=proof, by=by)


def reactivate(user: User, *, proof: PresenceProof | None, by: User) -> None:
    """Let the person in again. Raises NotPermitted."""
    _switch(user, active=True, event=Event.PERSON_REACTIVATED, proof=proof, by=by)


def _switch(user: User, *, active: bool, event: Event, proof: PresenceProof | None, by: User) -> None:
    with transaction.atomic(durable=True):
        hold(user)
        objection = _own(user, by) or _objection(proof, subject=str(user.pk), by=by)
        if objection is None:
            User.objects.filter(pk=user.pk).update(is_active=active)
            PersonSession.end_all(user.pk)
            audit.record(event, by=by, about=user)
        else:
            audit.record(Event.PEOPLE_OBJECTED, by=by, about=user, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)


def end_sessions(user: User, *, by: User, keep: str = "") -> int:
    """Sign the person out everywhere, but for the session with the key `keep`; how many sessions ended.

    One's own, or anybody's for administrators. Raises NotPermitted.
    """
    with transaction.atomic(durable=True):
        hold(user)
        objection = None if user.pk == by.pk else policy.role_objection(person(by), Act.MANAGE_PEOPLE)
        ended = PersonSession.end_all(user.pk, keep=keep) if objection is None else 0
        if objection is None:
            audit.record(Event.SESSIONS_ENDED, by=by, about=user, count=ended)
        else:
            audit.record(Event.PEOPLE_OBJECTED, by=by, about=user, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return ended


def unblock(user: User, *, proof: PresenceProof | None, by: User) -> None:
    """Open the doors that too many wrong attempts have shut. Raises NotPermitted."""
    with transaction.atomic(durable=True):
        objection = _objection(proof, subject=str(user.pk), by=by)
        if objection is None:
            throttle.unblock(user.get_username())
            audit.record(Event.SIGN_IN_UNBLOCKED, by=by, about=user)
        else:
            audit.record(Event.PEOPLE_OBJECTED, by=by, about=user, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)


def _objection(proof: PresenceProof | None, *, subject: str, by: User) -> Objection | None:
    role = policy.role_objection(person(by), Act.MANAGE_PEOPLE)
    return role or presence.use(proof, act=Act.MANAGE_PEOPLE, subject=subject, by=by)


def _own(user: User, by: User) -> Objection | None:
    if user.pk == by.pk:
        return Objection("own_roles", "Another administrator has to change your roles or your access.")
    return None


def _groups(roles: Iterable[Role]) -> list[Group]:
    return list(Group.objects.filter(name__in=[role.value for role in roles]))


def _held(user: User) -> list[str]:
    """The roles as they stand in the tables, also of a person who is kept out."""
    return sorted(user.groups.values_list("name", flat=True))


def _save(user: User) -> None:
    try:
        user.full_clean(exclude=["password"])
        with transaction.atomic():
            user.save()
    except ValidationError as err:
        field, (fault, *_) = next(iter(err.error_dict.items()))
        raise InvalidValue(field, fault.code or "invalid", " ".join(fault.messages)) from err
    except IntegrityError as err:  # somebody took the name between the look and the write
        raise InvalidValue("username", "taken", "Somebody has this name already.") from err
