"""A person's second factor: set up, replaced, its recovery codes renewed, and reset when all is lost."""

import re
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_otp.models import Device

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.errors import CountersignError
from payouts.domain.texts import check_reason
from payouts.models import Authenticator, Authority, PersonSession, RecoveryDevice, hold
from payouts.workflow.decisions import presence

PENDING_FOR = timedelta(minutes=10)
_RECOVERY_CODE = re.compile(r"[a-z2-7]{4}(-?[a-z2-7]{4}){3}", re.IGNORECASE)


class NothingPending(CountersignError):
    """This set-up has expired, or was begun again elsewhere. Begin anew."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class EnrolledAlready(CountersignError):
    """This person has an authenticator; changing it takes a code of it."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def of(user: User) -> Authenticator | None:
    """The person's confirmed authenticator; None for somebody who has yet to enrol."""
    device: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return device


def recovery_codes_left(user: User) -> int:
    """How many recovery codes still work."""
    return sum(device.token_set.count() for device in RecoveryDevice.objects.filter(user=user))


def check(code: str, *, by: User, door: str) -> Device:
    """The device that accepts the code: the authenticator, or the recovery device for one of its codes.

    Raises presence.WrongCode or throttle.Throttled; audited, as is the use of a recovery code.
    """
    typed = "".join(code.split())
    if not _RECOVERY_CODE.fullmatch(typed):
        return presence.check_code(typed, by=by, door=door)
    device = RecoveryDevice.objects.filter(user=by, confirmed=True).first()
    presence.verify(device, typed, by=by, door=door)
    audit.record(Event.RECOVERY_CODE_USED, by=by, about=by, left=recovery_codes_left(by))
    return device


def begin(*, by: User) -> Authenticator:
    """A first authenticator, which does not count until `confirm`. Raises EnrolledAlready."""
    with transaction.atomic(durable=True):
        hold(by)
        if of(by) is not None:
            raise EnrolledAlready
        return _pending(by)


def begin_replacement(code: str, *, by: User, door: str = "session") -> Authenticator:
    """A new authenticator that is pending; the present one counts until `confirm`.

    Takes a fresh code of the present one, or a recovery code when it is lost. Raises WrongCode or Throttled.
    """
    check(code, by=by, door=door)
    with transaction.atomic(durable=True):
        hold(by)
        return _pending(by)


def pending(device_id: int | None, *, by: User) -> Authenticator | None:
    """The person's authenticator of that id that waits for its first code; None for none, or after PENDING_FOR."""
    since = timezone.now() - PENDING_FOR
    waiting = Authenticator.objects.filter(pk=device_id, user=by, confirmed=False, created_at__gt=since)
    device: Authenticator | None = waiting.first()
    return device


def confirm(device_id: int | None, code: str, *, by: User, keep: str) -> tuple[Authenticator, list[str]]:
    """Confirm the pending authenticator, which replaces any earlier one; returns it and new recovery codes.

    The codes exist nowhere else. Every session ends but the one with the key `keep`. Raises NothingPending,
    presence.WrongCode or throttle.Throttled. Nobody replaces a factor by this without a code of it: `begin` refuses
    people who have one, and of several begun before that only the last can be confirmed.
    """
    device = pending(device_id, by=by)
    if device is None:
        raise NothingPending
    presence.verify(device, code, by=by, door="enrolment")
    with transaction.atomic(durable=True):
        hold(by)
        replaced = Authenticator.objects.filter(user=by, confirmed=True).delete()[0]
        if not Authenticator.objects.filter(pk=device.pk, confirmed=False).update(confirmed=True):
            raise NothingPending
        PersonSession.end_all(by.pk, keep=keep)
        audit.record(Event.SECOND_FACTOR_CHANGED if replaced else Event.SECOND_FACTOR_ENROLLED, by=by, about=by)
        codes = _issue(by)
    device.refresh_from_db()
    return device, codes


def renew_recovery_codes(code: str, *, by: User, door: str = "session") -> list[str]:
    """Ten new recovery codes instead of all earlier ones, for a fresh code. Raises WrongCode or Throttled."""
    presence.check_code(code, by=by, door=door)
    with transaction.atomic(durable=True):
        hold(by)
        return _issue(by)


def reset(user: User, *, reason: str, by: Actor) -> None:
    """Forget a lost factor with its recovery codes; the person enrols anew after the next sign-in.

    Ends every session of the person. For the command line: no page does this, because whoever resets a
    colleague's factor could act as two people. Raises InvalidValue for an empty reason.
    """
    check_reason(reason)
    with transaction.atomic(durable=True):
        hold(user)
        Authenticator.objects.filter(user=user).delete()
        RecoveryDevice.objects.filter(user=user).delete()
        Authority.objects.end(user)  # what was decided with the lost one is void
        ended = PersonSession.end_all(user.pk)
        audit.record(Event.SECOND_FACTOR_RESET, by=by, about=user, why=reason, sessions_ended=ended)


def _pending(user: User) -> Authenticator:
    """A new pending authenticator; earlier pending ones are deleted, so that there is never a second."""
    Authenticator.objects.filter(user=user, confirmed=False).delete()
    device: Authenticator = Authenticator.objects.create(user=user, name="Authenticator app", confirmed=False)
    return device


def _issue(user: User) -> list[str]:
    device, _ = RecoveryDevice.objects.get_or_create(user=user, defaults={"name": "Recovery codes"})
    codes: list[str] = device.issue()
    audit.record(Event.RECOVERY_CODES_ISSUED, by=user, about=user, count=len(codes))
    return codes
