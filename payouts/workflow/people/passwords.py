"""Passwords: changed by the person, or set by the link that was sent to them."""

from django.contrib.auth.models import User
from django.db import transaction

from payouts import audit
from payouts.audit import Event
from payouts.domain.errors import CountersignError
from payouts.models import PersonSession
from payouts.workflow.people import throttle


class WrongPassword(CountersignError):
    """That is not your current password."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def check(password: str, *, by: User) -> None:
    """Make sure that the person knows the current password. Raises WrongPassword or throttle.Throttled."""
    door = f"password:{by.get_username().lower()}:session"
    throttle.knock(door)
    if not by.check_password(password):
        audit.record(Event.PASSWORD_WRONG, by=by, about=by)
        raise WrongPassword
    throttle.opened(door)


def change(password: str, *, by: User, keep: str) -> None:
    """Set a person's own password and end their sessions, but for the one with the key `keep`.

    The caller has checked the current password, a fresh code, and the new password against the validators.
    """
    _set(by, password, keep=keep, event=Event.PASSWORD_CHANGED)


def set_by_link(user: User, password: str) -> None:
    """Set the password of whoever holds the link that was sent to them; every session of the person ends."""
    _set(user, password, keep="", event=Event.PASSWORD_RESET)


def _set(user: User, password: str, *, keep: str, event: Event) -> None:
    with transaction.atomic(durable=True):
        user.set_password(password)
        user.save(update_fields=["password"])
        ended = PersonSession.end_all(user.pk, keep=keep)
        audit.record(event, by=user, about=user, sessions_ended=ended)
