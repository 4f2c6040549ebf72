"""The queue's skin: a worker runs what was deferred, and a dead worker's jobs let go of their locks."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from croniter import croniter  # type: ignore[import-untyped]
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts import accounts, dispatch, tasks
from payouts.domain.status import Status
from payouts.models import Address
from payouts.workflow import queue
from tests.cast import Cast, approved
from tests.doubles import ACCEPTED, ScriptedProvider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def work_off(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What a worker does until nothing waits, periodic tasks aside."""
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # else its threads' connections stay open
    connector: Any = app.connector

    def run() -> None:
        with app.replace_connector(connector.get_worker_connector()):
            app.run_worker(queues=["payouts"], wait=False, listen_notify=False, install_signal_handlers=False)

    return run


def leave_stalled(task: str, lock: str | None, queueing_lock: str) -> int:
    """A job in the hands of a worker that no longer exists; its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status)"
            " VALUES ('payouts', %s, %s, %s, '{\"account\": \"treasury\"}', 'doing') RETURNING id",
            [task, lock, queueing_lock],
        )
        return int(cursor.fetchone()[0])


def test_the_last_approval_is_all_that_a_worker_needs(
    cast: Cast, payee: Address, monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]
) -> None:
    provider = ScriptedProvider(ACCEPTED)
    monkeypatch.setattr(accounts, "client", lambda account_name: provider)
    asked = approved(cast, payee)
    work_off()
    asked.refresh_from_db()
    assert asked.status == Status.SUBMITTED
    assert ProcrastinateJob.objects.get().status == "succeeded"


def test_a_dead_workers_job_lets_go_of_its_account_although_a_nudge_waits_already(
    monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]
) -> None:
    drained: list[str] = []
    monkeypatch.setattr(dispatch, "drain", lambda account, stop: drained.append(account))
    leave_stalled("drain_account", "account:treasury", "account:treasury")
    queue.nudge("treasury")
    work_off()
    assert drained == []  # the lock is held by somebody who will never let go
    tasks.end_stalled.configure().defer(timestamp=0)
    work_off()
    work_off()
    assert drained == ["treasury"]
    assert not ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).exists()


def test_a_dead_workers_sweep_holds_the_next_one_up_for_no_moment(
    monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]
) -> None:
    sweeps: list[int] = []
    monkeypatch.setattr(dispatch, "sweep", lambda: sweeps.append(1))
    leave_stalled("sweep", tasks.sweep.lock, "sweep")
    tasks.sweep.configure().defer(timestamp=0)
    work_off()
    assert sweeps == [1]


def test_the_rows_are_looked_at_as_soon_as_a_dead_workers_jobs_are_ended(
    monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]
) -> None:
    sweeps: list[int] = []
    monkeypatch.setattr(dispatch, "sweep", lambda: sweeps.append(1))
    tasks.end_stalled.configure().defer(timestamp=0)
    work_off()
    assert sweeps == []
    leave_stalled("drain_account", "account:treasury", "account:treasury")
    tasks.end_stalled.configure().defer(timestamp=1)
    work_off()
    work_off()
    assert sweeps == [1]


def test_the_sweep_comes_every_five_seconds_and_the_end_of_stalled_jobs_every_second() -> None:
    """Asked of the library that the queue asks: where the seconds stand in such a line is easily got wrong."""
    gaps = {}
    for periodic in app.periodic_registry.periodic_tasks.values():
        due = croniter(periodic.cron, 1_800_000_007)
        times = [due.get_next() for _ in range(200)]
        gaps[periodic.task.name] = {later - earlier for earlier, later in pairwise(times)}
    hourly, daily = {3600.0}, {86_400.0}
    assert gaps == {"sweep": {5.0}, "end_stalled": {1.0}, "review_accounts": hourly, "tidy_up": daily}


def test_a_drain_is_told_when_to_stop(monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(dispatch, "drain", lambda account, stop: asked.append(stop()))
    queue.nudge("treasury")
    work_off()
    assert asked == [False]
