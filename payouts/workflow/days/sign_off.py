"""Signing a day off: somebody who neither made nor checked anything of it says that it is in order."""

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.days import reviewing
from payouts.domain.days.day import DayStatement
from payouts.domain.days.reviewing import DayFacts
from payouts.domain.errors import NotPermitted
from payouts.domain.people.roles import Act
from payouts.domain.texts import check_reason
from payouts.models import Account, PresenceProof, SignOff, person
from payouts.workflow.days.compared import was_compared
from payouts.workflow.days.day import day_of, statement_of, took_part
from payouts.workflow.decisions import presence


def sign_off(
    account: Account, day: date, *, shown_digest: str, note: str = "", proof: PresenceProof | None, by: User
) -> SignOff | None:
    """Sign the day exactly as the page showed it. The sign-off keeps the whole statement.

    `proof` is of this act on `shown_digest`, and already committed. Raises NotPermitted once the objection is in the
    trail, InvalidValue.
    """
    if note:
        check_reason(note)
    signed = None
    with transaction.atomic(durable=True):
        account = Account.objects.locked(account.pk)
        statement = statement_of(account, day)
        objection = reviewing.may_sign_off(facts_of(account, statement, by=by), person(by), shown_digest=shown_digest)
        objection = objection or presence.use(proof, act=Act.SIGN_OFF, subject=shown_digest, by=by)
        if proof is not None and objection is None:
            signed = _sign(account, statement, note=note, proof=proof, by=by)
        elif objection is not None:
            about = {"account": account.name, "day": str(day)}
            audit.record(Event.REVIEW_OBJECTED, by=by, about=account, act=Act.SIGN_OFF, why=objection.code, **about)
    if objection is not None:
        raise NotPermitted(objection)
    return signed


def facts_of(account: Account, statement: DayStatement, *, by: User) -> DayFacts:
    """What the rules need to know of the day and of the person's part in it."""
    return DayFacts(
        digest=statement.digest(),
        is_over=statement.day < day_of(timezone.now()),
        is_signed=SignOff.objects.filter(account=account, day=statement.day).exists(),
        can_look_up=account.can_look_up,
        was_compared=was_compared(account, statement.day),
        open_orphans=statement.open_orphans(),
        unsettled=statement.unsettled(),
        took_part=took_part(account, statement.day, by),
    )


def _sign(account: Account, statement: DayStatement, *, note: str, proof: PresenceProof, by: User) -> SignOff:
    signed = SignOff.objects.create(
        account=account,
        day=statement.day,
        digest=statement.digest(),
        statement=statement.canonical(),
        note=note,
        signed_by=by,
        signed_at=timezone.now(),
        proof=proof,
    )
    facts = {"account": account.name, "day": str(statement.day), "digest": signed.digest, "proof": str(proof.pk)}
    audit.record(Event.DAY_SIGNED_OFF, by=by, about=signed, note=note, **facts)
    return signed
