"""Proof of presence: a fresh one-time code, accepted once, for one act on a list of things."""

from collections.abc import Iterable
from datetime import timedelta
from typing import cast

import django_otp
from django.contrib.auth.models import User
from django.utils import timezone
from django_otp.models import Device

from payouts import audit
from payouts.audit import Event
from payouts.domain.decisions.proposal import list_digest
from payouts.domain.errors import CountersignError, Objection
from payouts.models import Authenticator, PresenceProof
from payouts.workflow.people import throttle

FRESH_FOR = timedelta(seconds=60)


class WrongCode(CountersignError):
    """That code is wrong or was used already. Wait for the next one in your app and enter it."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def prove(code: str, *, act: str, digests: Iterable[str], by: User, door: str = "session") -> PresenceProof:
    """Turn a code from the person's authenticator into a proof for one act on a list of digests; already committed.

    One thing is a list of one. `door` names where the person knocks, for throttling. Raises WrongCode or
    throttle.Throttled; both are in the audit trail by then.
    """
    device = check_code(code, by=by, door=door)
    shown = sorted(set(digests))
    return PresenceProof.objects.create(
        person=by,
        act=act,
        digests=shown,
        subject=list_digest(shown),
        device=device.persistent_id,
        proved_at=timezone.now(),
    )


def check_code(code: str, *, by: User, door: str) -> Authenticator:
    """The person's authenticator, when it accepts the code; accepted once across all processes.

    Raises WrongCode, also for somebody without an authenticator, or throttle.Throttled; audited.
    """
    device = Authenticator.objects.filter(user=by, confirmed=True).first()
    verify(device, code, by=by, door=door)
    return cast(Authenticator, device)


def verify(device: Device | None, code: str, *, by: User, door: str) -> None:
    """Accept a code of this device once, or raise WrongCode or throttle.Throttled; audited and committed.

    `django_otp.verify_token` locks the device's row: two parallel posts of one code cannot both pass.
    """
    knocked = f"code:{by.get_username().lower()}:{door}"
    try:
        throttle.knock(knocked)
    except throttle.Throttled as objection:
        audit.record(Event.CODE_THROTTLED, by=by, about=by, until=objection.until)
        raise
    if device is None or not django_otp.verify_token(by, device.persistent_id, code):
        audit.record(Event.CODE_WRONG, by=by, about=by)
        raise WrongCode
    throttle.opened(knocked)


def use(proof: PresenceProof | None, *, act: str, digests: Iterable[str], by: User) -> Objection | None:
    """Use the proof up, in the act's own transaction; the objection when it is not of this act on exactly these."""
    covered = (by.pk, act, list_digest(set(digests)))
    if proof is None or (proof.person_id, proof.act, proof.subject) != covered:
        return Objection("no_proof", "A fresh one-time code is needed for exactly this.")
    if timezone.now() - proof.proved_at > FRESH_FOR:
        return Objection("proof_too_old", "The one-time code is too old. Enter a fresh one.")
    unused = PresenceProof.objects.filter(pk=proof.pk, used_at__isnull=True)
    if unused.update(used_at=timezone.now()) != 1:
        return Objection("proof_used", "That one-time code was used for something already. Enter a fresh one.")
    return None
