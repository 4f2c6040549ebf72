"""The one door from workflow to the queue: nudges that an account has something to send or to look up, and mails.

The rows are the truth and a nudge may be lost; a mail may not, since only its job knows that it has still to be sent.
In a web process a nudge joins the caller's transaction; a worker's goes out at once. Jobs are deferred by the name of
their task: the tasks themselves stand above workflow.
"""

from contextlib import suppress

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from payouts.models.audit import AuditEvent
from payouts.workflow.sending.worker_gone import is_gone

QUEUE = "payouts"


def nudge(account: str, *, in_seconds: int = 0) -> None:
    """Queue a drain of the account, for now or in so many seconds.

    A drain that waits already serves instead: it is locked until this transaction ends, so that it cannot run in
    between and miss what this transaction is about to commit.
    """
    job = app.configure_task(
        "drain_account",
        queue=QUEUE,
        lock=lock_name(account),
        queueing_lock=lock_name(account),
        schedule_in={"seconds": in_seconds} if in_seconds else None,
    )
    while True:
        try:
            with transaction.atomic():
                job.defer(account=account)
        except AlreadyEnqueued:
            if _hold_waiting_nudge(account, in_seconds):
                return
        else:
            return


def ask_for_look(account: str) -> None:
    """Queue a look at the provider's records of the account.

    A look that waits already serves instead: it reads what is due when it starts, and the sweep asks again.
    """
    lock = f"look:{account}"
    job = app.configure_task("look_up", queue=QUEUE, lock=lock, queueing_lock=lock)
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(account=account)


# Behind the drains, and a few at a time, so that a mail server that hangs keeps no payment waiting. Through Django's
# connection, since a worker's queue has another one; and by the database's clock.
MAIL = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, args, scheduled_at) VALUES (
    'payouts', 'mail_alert', -1, %s, jsonb_build_object('event_id', %s::bigint),
    statement_timestamp() + %s * interval '1 second'
)
"""
MAILS_AT_A_TIME = 4


def ask_for_mail(alert: AuditEvent, *, in_seconds: int | None = None) -> None:
    """Queue the mail of an alert, in the caller's transaction: each alert in the trail is mailed, and no other."""
    with connection.cursor() as cursor:
        cursor.execute(MAIL, [f"mail:{alert.pk % MAILS_AT_A_TIME}", alert.pk, in_seconds])


# Each drain under way that has called its provider, and who did: whoever makes an account's calls is draining it.
DRAINS = """
SELECT job.id, account.name, last_call.worker FROM procrastinate_jobs AS job
JOIN payouts_account AS account ON job.lock = %s || account.name
CROSS JOIN LATERAL (
    SELECT worker, claimed_at FROM payouts_submission WHERE account_id = account.id ORDER BY claimed_at DESC LIMIT 1
) AS last_call
WHERE job.status = 'doing' AND last_call.claimed_at > (
    SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'started'
)
FOR UPDATE OF job SKIP LOCKED
"""


def take_over() -> int:
    """End the drains of workers that are gone and have the accounts drained by others; how many there were."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(DRAINS, [lock_name("")])
        drains = cursor.fetchall()
        gone = {worker for worker in {worker for _, _, worker in drains} if is_gone(worker)}
        left = [(job, account) for job, account, worker in drains if worker in gone]
        for job, account in left:
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', true)", [job])
            nudge(account)
    return len(left)


def lock_name(account: str) -> str:
    """The name of the queue's lock that allows one drain of the account at a time."""
    return f"account:{account}"


def _hold_waiting_nudge(account: str, in_seconds: int) -> bool:
    """Lock the drain that waits, and bring it forward when `in_seconds` is 0; False when none waits any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' FOR UPDATE",
            [lock_name(account)],
        )
        row = cursor.fetchone()
        if row is None:
            return False
        if not in_seconds:
            cursor.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE id = %s AND scheduled_at > %s",
                [row[0], timezone.now()],
            )
        return True
