"""Pauses: begun by people, at once, or by what a provider or a reconciliation says; ended by people (`release`).

The account's row is locked before a pause is written, as it is while a claim is made: when a pause is committed, no
claim made before it is still to come.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.alert import Alert
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act
from payouts.domain.stopping import pausing
from payouts.domain.stopping.pausing import Cause
from payouts.domain.texts import check_reason
from payouts.models import Account, Pause, person
from payouts.workflow.alert import raise_alert
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions.proposing import propose
from payouts.workflow.stopping.release import RELEASE


def pause_account(account_id: int, *, reason: str, by: User) -> Pause:
    """Send nothing through the account from now on. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with attempt(Event.PAUSE_OBJECTED, by=by, act=Act.PAUSE) as trying:
        account = Account.objects.locked(account_id)
        trying.on(account)
        trying.unless(_objection(account, by=by))
        return _pause(account, Cause.PERSON, reason=reason, by=by)


def pause_everything(*, reason: str, by: User) -> Pause:
    """Send nothing through any account from now on. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with attempt(Event.PAUSE_OBJECTED, by=by, act=Act.PAUSE) as trying:
        Account.objects.lock_all()
        trying.unless(_objection(None, by=by))
        return _pause(None, Cause.PERSON, reason=reason, by=by)


def begin(account: Account, cause: Cause, *, reason: str, code: str = "", by: Actor) -> Pause | None:
    """Pause the account in the caller's transaction, with one alert; None when this cause holds it already.

    A caller that locks withdrawals as well has locked the account before them.
    """
    account = Account.objects.locked(account.pk)
    if _holds(Pause.objects.open().filter(account=account, cause=cause)):
        return None
    return _pause(account, cause, reason=reason, code=code, by=by)


def begin_for_all(cause: Cause, *, reason: str, code: str, by: Actor) -> Pause:
    """Pause everything in the caller's transaction, which has locked every account; the pause that holds for this."""
    return held_for_all(cause) or _pause(None, cause, reason=reason, code=code, by=by)


def held_for_all(cause: Cause) -> Pause | None:
    """The pause of everything for this cause, locked; waits for a release that is being written. None when it ended."""
    return Pause.objects.open().filter(account=None, cause=cause).select_for_update(of=("self",)).first()


def stop_account(account: Account, *, code: str, message: str, by: Actor) -> Pause | None:
    """Pause the account because its provider answered one of its stop codes; None when that holds it already."""
    with transaction.atomic():
        return begin(account, Cause.STOP_CODE, reason=f"The provider answered {code}: {message}", code=code, by=by)


def _holds(pauses: QuerySet[Pause]) -> bool:
    """Whether one of them does; waits for a release that is being written, after which it may not any more."""
    return pauses.select_for_update(of=("self",)).first() is not None


def _objection(account: Account | None, *, by: User) -> Objection | None:
    """What is said against a pause by this person; None when they may."""
    return pausing.may_pause(person(by), paused_already=_holds(Pause.objects.by_a_person(account)))


def _pause(account: Account | None, cause: Cause, *, reason: str, code: str = "", by: Actor) -> Pause:
    """Write it, with its event and its alert. The caller holds the lock and knows that nothing of the kind is open."""
    pause = Pause(
        account=account,
        cause=cause.value,
        code=code[:32],
        reason=reason[:500],
        begun_by=by if isinstance(by, User) else None,
        begun_at=timezone.now(),
    )
    pause.proposal = propose(RELEASE, pause, by=by)
    pause.save(force_insert=True)
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
    code = f" ({pause.code})" if pause.cause == Cause.STOP_CODE else ""  # any other is for comparing, not for reading
    who = by.get_username() if isinstance(by, User) else by.name
    return f"{what}. Cause: {Cause(pause.cause).label.lower()}{code}. By {who}."
