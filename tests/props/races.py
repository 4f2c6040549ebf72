"""Acts at the same instant in real threads, and what became of them."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from payouts.audit import Event
from payouts.domain.errors import CountersignError, NotPermitted
from payouts.models import AuditEvent, Withdrawal
from payouts.workflow.withdrawals.request import RaisedAlready

Deed = Callable[[], Any]
MANY = 100
ROUNDS = range(int(os.environ.get("RACE_ROUNDS", "4")))  # of each race; script/soak --races sets more


def at_once(*acts: Deed) -> list[Any]:
    """Start all acts together; what each returned, or the objection that it raised. Other errors fail the test."""
    start = threading.Barrier(len(acts))

    def run(act: Deed) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return act()
        except (CountersignError, RaisedAlready) as objection:
            return objection
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def in_thread(act: Deed) -> threading.Thread:
    """Start one act beside the test's own; join it."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def until_somebody_waits() -> None:
    """Wait until some session waits for a lock of this database."""
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")


def many_at_once(act: Deed) -> Counter[str]:
    """A hundred times the same, sixteen at a time; how often it ended in which way."""

    def run(_: int) -> str:
        try:
            act()
        except (CountersignError, RaisedAlready) as objection:
            return type(objection).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(16) as threads:
        return Counter(threads.map(run, range(MANY)))


def codes(results: list[Any]) -> list[str]:
    """The objections among the results, by code."""
    return [result.objection.code for result in results if isinstance(result, NotPermitted)]


def moves(withdrawal: Withdrawal) -> list[str]:
    """Where the trail says that it went, in order."""
    events = AuditEvent.objects.filter(subject_id=str(withdrawal.pk), event=Event.STATUS_MOVED).order_by("id")
    return [event.facts["new"] for event in events]


def told(event: Event) -> int:
    return AuditEvent.objects.filter(event=event).count()


def status_of(withdrawal: Withdrawal) -> str:
    return Withdrawal.objects.get(pk=withdrawal.pk).status
