"""Nudges: part of the caller's transaction, one waiting per account, never too late, never lost."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.models import Throttle
from payouts.workflow import queue
from tests.props.races import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def fetch() -> int | None:
    """What a worker does to take the next job; its id."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['payouts'], %s)", [worker])
        found = cursor.fetchone()
    return found[0] if found else None


def finish(job: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job])


def waiting() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(status="todo").order_by("id"))


def test_a_nudge_is_committed_with_what_it_is_about() -> None:
    with transaction.atomic():
        queue.nudge("treasury")
    (job,) = waiting()
    assert (job.task_name, job.queue_name, job.lock, job.queueing_lock) == (
        "drain_account",
        "payouts",
        "account:treasury",
        "account:treasury",
    )
    assert job.args == {"account": "treasury"}


def test_a_rollback_leaves_no_nudge() -> None:
    with transaction.atomic():
        queue.nudge("treasury")
        transaction.set_rollback(True)
    assert waiting() == []


def test_many_nudges_are_one_job_an_account() -> None:
    for account in ("treasury", "merchant", "treasury", "treasury"):
        with transaction.atomic():
            queue.nudge(account)
    assert [job.args["account"] for job in waiting()] == ["treasury", "merchant"]


def test_a_nudge_that_finds_one_waiting_does_not_spoil_the_transaction() -> None:
    queue.nudge("treasury")
    with transaction.atomic():
        queue.nudge("treasury")
        Throttle.objects.create(door="after", tried_at=timezone.now())
    assert Throttle.objects.filter(door="after").exists()


def test_a_nudge_for_later_is_brought_forward() -> None:
    queue.nudge("treasury", in_seconds=600)
    (late,) = waiting()
    assert late.scheduled_at is not None
    assert timedelta(seconds=590) < late.scheduled_at - timezone.now() <= timedelta(seconds=600)
    assert fetch() is None
    with transaction.atomic():
        queue.nudge("treasury")
    assert [job.id for job in waiting()] == [late.id]
    assert fetch() == late.id


def test_a_nudge_for_later_does_not_put_off_one_for_now() -> None:
    queue.nudge("treasury")
    queue.nudge("treasury", in_seconds=600)
    (job,) = waiting()
    assert job.scheduled_at is None


def test_a_nudge_while_an_account_is_drained_makes_a_job_for_afterwards() -> None:
    queue.nudge("treasury")
    running = fetch()
    assert running is not None
    with transaction.atomic():
        queue.nudge("treasury")
    (next_one,) = waiting()
    assert fetch() is None  # one drain at a time
    finish(running)
    assert fetch() == next_one.id


def test_a_waiting_nudge_does_not_start_before_the_approval_that_counts_on_it_is_committed() -> None:
    """Else it would look, find nothing approved yet, and end; and nobody would look again."""
    queue.nudge("treasury")
    with transaction.atomic():
        queue.nudge("treasury")
        Throttle.objects.create(door="approved", tried_at=timezone.now())
        started: list[int | None] = []
        in_thread(lambda: started.append(fetch())).join(timeout=10)
        assert started == [None]
    assert fetch() is not None
    assert Throttle.objects.filter(door="approved").exists()


def test_a_nudge_that_starts_at_the_same_instant_is_followed_by_another() -> None:
    """A worker holds the waiting job uncommitted; the approval waits for it, and then makes its own."""
    queue.nudge("treasury")
    approved = threading.Event()

    def approve() -> None:
        with transaction.atomic():
            queue.nudge("treasury")
        approved.set()

    with transaction.atomic():
        running = fetch()
        thread = in_thread(approve)
        assert not approved.wait(timeout=0.2)
    thread.join(timeout=10)
    assert approved.is_set()
    (next_one,) = waiting()
    assert next_one.id != running


def test_a_nudge_that_starts_between_two_looks_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The approval finds one waiting, and before it can hold it a worker has taken it."""
    queue.nudge("treasury")
    hold = queue._hold_waiting_nudge

    def taken_just_before(account: str, in_seconds: int) -> bool:
        in_thread(fetch).join(timeout=10)
        return hold(account, in_seconds)

    monkeypatch.setattr(queue, "_hold_waiting_nudge", taken_just_before)
    with transaction.atomic():
        queue.nudge("treasury")
    assert len(waiting()) == 1


def test_two_approvals_at_once_make_one_nudge_and_neither_fails() -> None:
    first_inserted, second_done = threading.Event(), threading.Event()

    def second() -> None:
        first_inserted.wait(10)
        with transaction.atomic():
            queue.nudge("treasury")
        second_done.set()

    thread = in_thread(second)
    with transaction.atomic():
        queue.nudge("treasury")
        first_inserted.set()
        assert not second_done.wait(timeout=0.2)
    thread.join(timeout=10)
    assert second_done.is_set()
    assert len(waiting()) == 1


def test_when_the_first_of_two_rolls_back_the_second_still_has_its_nudge() -> None:
    first_inserted = threading.Event()

    def second() -> None:
        first_inserted.wait(10)
        with transaction.atomic():
            queue.nudge("treasury")

    thread = in_thread(second)
    with transaction.atomic():
        queue.nudge("treasury")
        first_inserted.set()
        transaction.set_rollback(True)
    thread.join(timeout=10)
    assert len(waiting()) == 1
