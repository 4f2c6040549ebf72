"""Pauses: begun by people, at once, or by what a provider or a reconciliation says; ended by people with a code each.

The account's row is locked before a pause is written, as it is while a claim is made: when a pause is committed, no
claim made before it is still to come.
"""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.alert import Alert
from payouts.domain.errors import NotPermitted, Objection
from payouts.domain.people.roles import Act
from payouts.domain.stopping import pausing
from payouts.domain.stopping.pausing import Cause
from payouts.domain.texts import check_reason
from payouts.models import Account, Pause, PresenceProof, Release, person
from payouts.workflow import queue
from payouts.workflow.alert import raise_alert
from payouts.workflow.decisions import presence


def pause_account(account_id: int, *, reason: str, by: User) -> Pause:
    """Send nothing through the account from now on. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with transaction.atomic(durable=True):
        account = Account.objects.locked(account_id)
        objection = _objection(account, by=by)
        if objection is None:
            pause = _pause(account, Cause.PERSON, reason=reason, by=by)
    if objection is not None:
        raise NotPermitted(objection)
    return pause


def pause_everything(*, reason: str, by: User) -> Pause:
    """Send nothing through any account from now on. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with transaction.atomic(durable=True):
        list(Account.objects.select_for_update(no_key=True).order_by("pk"))  # in one order, against deadlocks
        objection = _objection(None, by=by)
        if objection is None:
            pause = _pause(None, Cause.PERSON, reason=reason, by=by)
    if objection is not None:
        raise NotPermitted(objection)
    return pause


def begin(account: Account, cause: Cause, *, reason: str, code: str = "", by: Actor) -> Pause | None:
    """Pause the account in the caller's transaction, with one alert; None when this cause holds it already.

    A caller that locks withdrawals as well has locked the account before them.
    """
    account = Account.objects.locked(account.pk)
    if _holds(Pause.objects.open().filter(account=account, cause=cause)):
        return None
    return _pause(account, cause, reason=reason, code=code, by=by)


def stop_account(account: Account, *, code: str, message: str, by: Actor) -> Pause | None:
    """Pause the account because its provider answered one of its stop codes; None when that holds it already."""
    with transaction.atomic():
        return begin(account, Cause.STOP_CODE, reason=f"The provider answered {code}: {message}", code=code, by=by)


def release(pause_id: UUID, *, proof: PresenceProof | None, reason: str, by: User) -> Pause:
    """Add one person's yes to going on; the last one needed ends the pause and has what waits sent.

    `proof` is of this act on the pause's id. Raises NotPermitted once the objection is in the trail, InvalidValue.
    """
    check_reason(reason)
    with transaction.atomic(durable=True):
        pause = Pause.objects.locked(pause_id)
        objection = pausing.may_release(pause.facts(), person(by))
        objection = objection or presence.use(proof, act=Act.RELEASE, subject=str(pause.pk), by=by)
        if proof is not None and objection is None:
            _add_release(pause, proof=proof, reason=reason, by=by)
            if pausing.is_over(pause.facts()):
                _end(pause, by=by)
        elif objection is not None:
            audit.record(Event.PAUSE_OBJECTED, by=by, about=pause, act=Act.RELEASE, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return pause


def _holds(pauses: QuerySet[Pause]) -> bool:
    """Whether one of them does; waits for a release that is being written, after which it may not any more."""
    return pauses.select_for_update(of=("self",)).first() is not None


def _objection(account: Account | None, *, by: User) -> Objection | None:
    """What is said against a pause by this person, written down; None when they may."""
    already = _holds(Pause.objects.by_a_person(account))
    objection = pausing.may_pause(person(by), paused_already=already)
    if objection is not None:
        audit.record(Event.PAUSE_OBJECTED, by=by, about=account, act=Act.PAUSE, why=objection.code)
    return objection


def _pause(account: Account | None, cause: Cause, *, reason: str, code: str = "", by: Actor) -> Pause:
    """Write it, with its event and its alert. The caller holds the lock and knows that nothing of the kind is open."""
    pause = Pause.objects.create(
        account=account,
        cause=cause.value,
        code=code[:32],
        reason=reason[:500],
        releases_needed=pausing.releases_needed(cause),
        begun_by=by if isinstance(by, User) else None,
        begun_at=timezone.now(),
    )
    event = Event.ACCOUNT_PAUSED if account else Event.EVERYTHING_PAUSED
    facts = {"account": account.name if account else "", "cause": cause, "code": pause.code, "why": pause.reason}
    audit.record(event, by=by, about=pause, **facts)
    raise_alert(
        Alert.ACCOUNT_PAUSED if account else Alert.EVERYTHING_PAUSED, about=pause, sentence=_sentence(pause, by), by=by
    )
    return pause


def _sentence(pause: Pause, by: Actor) -> str:
    """What mail may say: the reason itself stands on the pause's page."""
    what = f"Account {pause.account}" if pause.account else "Every account"
    code = f" ({pause.code})" if pause.code else ""
    who = by.get_username() if isinstance(by, User) else by.name
    return f"{what}. Cause: {Cause(pause.cause).label.lower()}{code}. By {who}."


def _add_release(pause: Pause, *, proof: PresenceProof, reason: str, by: User) -> None:
    Release.objects.create(pause=pause, person=by, proof=proof, reason=reason, released_at=timezone.now())
    audit.record(Event.PAUSE_RELEASED, by=by, about=pause, why=reason, proof=str(proof.pk))


def _end(pause: Pause, *, by: User) -> None:
    pause.released_at = timezone.now()
    pause.save(update_fields=["released_at"])
    audit.record(Event.PAUSE_ENDED, by=by, about=pause, account=pause.account.name if pause.account else "all")
    for account in [pause.account] if pause.account else Account.objects.order_by("pk"):
        queue.nudge(account.name)
