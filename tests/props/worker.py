"""The worker as tests run it: one step at a time, and without the waiting."""

from collections.abc import Callable

import pytest
from django.db import connection

from payouts.audit import Event, Worker, this_worker
from payouts.models import Account, Address, AuditEvent, Withdrawal
from payouts.preview import fields_to_send
from payouts.worker import dispatch, reconcile
from payouts.workflow.sending.submission import Claim, Wait, claim
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import Crash, ScriptedProvider

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


def claim_next(account: str = "treasury") -> Claim | Wait | None:
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
    """The nudges so far have run."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
