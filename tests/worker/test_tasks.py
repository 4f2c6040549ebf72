"""The queue's skin: a worker runs what was deferred, and a dead worker's jobs let go of their locks."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from croniter import croniter  # type: ignore[import-untyped]
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Submission
from payouts.models.audit import AuditEvent
from payouts.worker import accounts, dispatch, mailing, tasks
from payouts.workflow import queue
from payouts.workflow.alert import raise_alert
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ACCEPTED, Crash, ScriptedProvider
from tests.props.rows.guards import forge
from tests.props.worker import GONE, WORKER, claim_next

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


def being_drained(*, by: str) -> int:
    """A drain of the account that has called its provider; the job's id."""
    queue.nudge("treasury")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo' RETURNING id")
        (job,) = cursor.fetchone()
    claim_next()
    forge(Submission.objects.get(), worker=by)
    return int(job)


def drains() -> list[tuple[int, str]]:
    return list(ProcrastinateJob.objects.order_by("id").values_list("id", "status"))


@pytest.mark.parametrize("waits_already", [True, False])
def test_the_drain_of_a_worker_that_is_gone_is_handed_on_at_once(
    cast: Cast, payee: Address, waits_already: bool, caplog: pytest.LogCaptureFixture
) -> None:
    approved(cast, payee)
    left = being_drained(by=GONE.name)
    if waits_already:
        queue.nudge("treasury")
    dispatch.take_over()
    [(job, status)] = drains()
    assert (job > left, status) == (True, "todo")
    assert "drains ended: their worker is gone" in caplog.text
    dispatch.take_over()
    assert drains() == [(job, "todo")]


def test_the_drain_of_a_worker_that_is_there_is_its_own(cast: Cast, payee: Address) -> None:
    approved(cast, payee)
    job = being_drained(by=WORKER.name)
    dispatch.take_over()
    assert drains() == [(job, "doing")]


def test_a_drain_that_has_called_nobody_yet_is_not_taken_for_the_last_ones(cast: Cast, payee: Address) -> None:
    """Whoever is gone called before it began: another worker has just taken the account over."""
    approved(cast, payee)
    being_drained(by=GONE.name)
    dispatch.take_over()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    dispatch.take_over()
    [(_, status)] = drains()
    assert status == "doing"


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


def test_an_alert_is_mailed_by_a_worker_as_soon_as_the_mail_server_takes_it(
    treasury: Account, monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None], settings: Any
) -> None:
    settings.ALERTS_TO = ["finance@example.com"]

    def away(*args: Any) -> None:
        raise OSError

    raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="It is wrong.", by=WORKER)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(mailing, "send_mail", away)
        work_off()
        work_off()
    assert ProcrastinateJob.objects.get(status="todo").scheduled_at > timezone.now() + timedelta(seconds=50)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    work_off()
    work_off()
    assert [sent.to for sent in mail.outbox] == [["finance@example.com"]]


@pytest.mark.parametrize("commits", [True, False])
def test_an_alert_that_a_worker_raises_is_mailed_if_it_is_committed_and_else_not(
    treasury: Account, monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None], commits: bool
) -> None:
    """A worker's queue has a connection of its own, which knows nothing of the transaction."""

    def raise_one() -> None:
        with suppress(Crash), transaction.atomic():
            raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="It is wrong.", by=WORKER)
            if not commits:
                raise Crash

    mailed: list[int] = []
    monkeypatch.setattr(dispatch, "sweep", raise_one)
    monkeypatch.setattr(mailing, "mail_alert", mailed.append)
    tasks.sweep.configure().defer(timestamp=0)
    work_off()
    work_off()
    assert mailed == [event.pk for event in AuditEvent.objects.filter(event=Event.ALERT_RAISED)]
    assert len(mailed) == commits
    assert ProcrastinateJob.objects.filter(task_name="mail_alert").count() == commits


def test_the_mail_that_a_dead_worker_had_in_hand_is_sent_by_another(
    monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]
) -> None:
    mailed: list[int] = []
    monkeypatch.setattr(mailing, "mail_alert", mailed.append)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('payouts', 'mail_alert', '{\"event_id\": 7}', 'doing')"
        )
    work_off()
    assert mailed == []
    tasks.end_stalled.configure().defer(timestamp=0)
    work_off()
    work_off()
    assert mailed == [7]


def test_the_sweep_comes_every_five_seconds_and_what_was_left_is_handed_on_every_second() -> None:
    """Asked of the library that the queue asks: where the seconds stand in such a line is easily got wrong."""
    gaps = {}
    for periodic in app.periodic_registry.periodic_tasks.values():
        due = croniter(periodic.cron, 1_800_000_007)
        times = [due.get_next() for _ in range(200)]
        gaps[periodic.task.name] = {later - earlier for earlier, later in pairwise(times)}
    often = {"end_stalled": {1.0}, "take_over": {1.0}}
    hourly, daily = {3600.0}, {86_400.0}
    assert gaps == {"sweep": {5.0}, **often, "review_accounts": hourly, "tidy_up": daily}


def test_a_drain_is_told_when_to_stop(monkeypatch: pytest.MonkeyPatch, work_off: Callable[[], None]) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(dispatch, "drain", lambda account, stop: asked.append(stop()))
    queue.nudge("treasury")
    work_off()
    assert asked == [False]
