"""People: who there is, which roles they hold, and whether they may come in. Roles change with a fresh code only."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.decisions.proposal import key_digest
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.people.roles import Act, Role, role_objection
from payouts.models import PersonSession, PresenceProof, hold, person
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions import presence
from payouts.workflow.people import throttle


def write_groups() -> None:
    """Make the group of each role that is not there yet; run after every migrate."""
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
    with attempt(Event.PEOPLE_OBJECTED, by=by, name=username) as trying:
        trying.unless(_objection(proof, subject=username, by=by))
        return add_person(username, full_name=full_name, email=email, roles=roles, by=by)


def change_roles(user: User, *, roles: Iterable[Role], proof: PresenceProof | None, by: User) -> None:
    """Give exactly these roles; every session of the person ends. Nobody changes their own. Raises NotPermitted."""
    with attempt(Event.PEOPLE_OBJECTED, by=by, about=user) as trying:
        hold(user)
        trying.unless(_own(user, by) or _objection(proof, subject=str(user.pk), by=by))
        before = _held(user)
        user.groups.set(_groups(roles))
        PersonSession.end_all(user.pk)
        audit.record(Event.ROLES_CHANGED, by=by, about=user, before=before, after=_held(user))


def deactivate(user: User, *, proof: PresenceProof | None, by: User) -> None:
    """Keep the person out from now on, and end every session. Raises NotPermitted (audited)."""
    _switch(user, active=False, event=Event.PERSON_DEACTIVATED, proof=proof, by=by)


def reactivate(user: User, *, proof: PresenceProof | None, by: User) -> None:
    """Let the person in again. Raises NotPermitted (audited)."""
    _switch(user, active=True, event=Event.PERSON_REACTIVATED, proof=proof, by=by)


def _switch(user: User, *, active: bool, event: Event, proof: PresenceProof | None, by: User) -> None:
    with attempt(Event.PEOPLE_OBJECTED, by=by, about=user) as trying:
        hold(user)
        trying.unless(_own(user, by) or _objection(proof, subject=str(user.pk), by=by))
        User.objects.filter(pk=user.pk).update(is_active=active)
        PersonSession.end_all(user.pk)
        audit.record(event, by=by, about=user)


def end_sessions(user: User, *, by: User, keep: str = "") -> int:
    """Sign the person out everywhere, but for the session with the key `keep`; how many sessions ended.

    For the person's own sessions, or anybody's as an administrator. Raises NotPermitted (audited).
    """
    with attempt(Event.PEOPLE_OBJECTED, by=by, about=user) as trying:
        hold(user)
        trying.unless(None if user.pk == by.pk else role_objection(person(by), Act.MANAGE_PEOPLE))
        ended = PersonSession.end_all(user.pk, keep=keep)
        audit.record(Event.SESSIONS_ENDED, by=by, about=user, count=ended)
    return ended


def unblock(user: User, *, proof: PresenceProof | None, by: User) -> None:
    """Open the doors that too many wrong attempts have shut. Raises NotPermitted."""
    with attempt(Event.PEOPLE_OBJECTED, by=by, about=user) as trying:
        trying.unless(_objection(proof, subject=str(user.pk), by=by))
        throttle.unblock(user.get_username())
        audit.record(Event.SIGN_IN_UNBLOCKED, by=by, about=user)


def _objection(proof: PresenceProof | None, *, subject: str, by: User) -> Objection | None:
    role = role_objection(person(by), Act.MANAGE_PEOPLE)
    return role or presence.use(proof, act=Act.MANAGE_PEOPLE, digests=[key_digest("person", subject)], by=by)


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
