"""The worker as tests run it: one step at a time, and without the waiting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from payouts.audit import Event, Worker, this_worker
from payouts.domain.errors import Objection
from payouts.domain.sending.identity import Identity
from payouts.domain.sending.instruction import Fields
from payouts.domain.sending.promises import Promises
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, AuditEvent, Withdrawal
from payouts.preview import fields_to_send
from payouts.worker import accounts, dispatch, reconcile
from payouts.workflow.sending import submission
from payouts.workflow.sending.submission import Claim, OutOfStep, Wait
from payouts.workflow.unknown import resend
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import PROMISES, Crash, ScriptedProvider
from tests.props.rows.guards import forge
from tests.props.witness.believing import in_step

WORKER = this_worker()
GONE = Worker("worker gone:1:000000")  # no session of the database bears its name
Plug = Callable[[ScriptedProvider], ScriptedProvider]


def drain(account: str = "treasury") -> int:
    return dispatch.drain(account, stop=lambda: False)


def crashed(cast: Cast, payee: Address, plug: Plug) -> Withdrawal:
    """One whose worker crashed in the middle of its call, which stays open."""
    asked = approved(cast, payee)
    plug(ScriptedProvider(Crash()))
    with pytest.raises(Crash):
        drain()
    asked.refresh_from_db()
    return asked


def review_all() -> None:
    reconcile.review_accounts(stop=lambda: False)


Claimed = Claim | Wait | OutOfStep | Objection | None


def here(account: str = "treasury") -> Identity:
    """Who the account is by the tests' environment."""
    return accounts.identity(account)


def claim(account: str, *, fields: Callable[[Order], Fields], here: Identity | None = None, by: Worker) -> Claimed:
    """The product's, with a witness that knows everything; by the tests' environment, unless told otherwise."""
    who = here or accounts.identity(account)
    return submission.claim(account, fields=fields, here=who, seen=in_step(), by=by)


def claim_again(
    account: str,
    *,
    fields: Callable[[Order], Fields],
    promises: Promises = PROMISES,
    here: Identity | None = None,
    by: Worker,
) -> Claimed:
    """As `claim`; by a provider that promises everything, unless told otherwise."""
    who = here or accounts.identity(account)
    return resend.claim_again(account, fields=fields, here=who, promises=promises, seen=in_step(), by=by)


def claim_next(account: str = "treasury") -> Claimed:
    return claim(account, fields=fields_to_send, by=WORKER)


def wake(account: Account) -> None:
    """The time for which it is left alone is over."""
    Account.objects.filter(pk=account.pk).update(quiet_until=None, last_answer_at=None)


def statuses(events: list[AuditEvent]) -> list[tuple[str, str]]:
    return [(event.facts["old"], event.facts["new"]) for event in events if event.event == Event.STATUS_MOVED]


def stop_after(calls: int) -> Callable[[], bool]:
    """False so many times, then True."""
    answers = iter([False] * calls)
    return lambda: next(answers, True)


def finish_jobs() -> None:
    """End all jobs, as if the nudges so far had run."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")


def look(withdrawal: Withdrawal) -> str:
    """The time to look has come; the status afterwards."""
    Withdrawal.objects.filter(pk=withdrawal.pk).update(next_look_at=timezone.now() - timedelta(seconds=1))
    reconcile.look_up(withdrawal.account.name)
    withdrawal.refresh_from_db()
    return withdrawal.status


def minutes_pass(withdrawal: Withdrawal, minutes: int = 6) -> None:
    """Everything known of it happened so much earlier."""
    passed = timedelta(minutes=minutes)
    for each in withdrawal.looks.all():
        forge(each, looked_at=each.looked_at - passed, since=each.since - passed, until=each.until - passed)
    for call in withdrawal.submissions.exclude(outcome="open"):
        assert call.answered_at is not None
        forge(call, claimed_at=call.claimed_at - passed, answered_at=call.answered_at - passed)


def soon(withdrawal: Withdrawal) -> str:
    """Its status, of something that is looked at within some minutes; by a clock that no test has turned."""
    withdrawal.refresh_from_db()
    assert withdrawal.next_look_at is not None
    assert timedelta(0) < withdrawal.next_look_at - datetime.now(UTC) < timedelta(minutes=15)
    return withdrawal.status


def look_twice(withdrawal: Withdrawal) -> None:
    look(withdrawal)
    minutes_pass(withdrawal)
    look(withdrawal)


def alerts() -> list[str]:
    return [event.facts["alert"] for event in AuditEvent.objects.filter(event=Event.ALERT_RAISED).order_by("id")]
