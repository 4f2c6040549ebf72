"""Workers that ended in the middle of a call: the account goes on, while the call itself waits for its deadline.

Every database session of a process bears the process's name, and the kernel closes the sessions when the process ends,
however it ends. So a worker without a session is gone; one that is merely suspended keeps its sessions. A worker that
only lost its sessions (the network, a restart of the database) is taken for gone as well, which costs little: an answer
that it gets before the deadline is recorded as usual, and a call that it has not begun is not made.
"""

import logging

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.models import Account, Submission

log = logging.getLogger(__name__)

# Where our own session does not bear its name (a proxy may take it away) nothing can be told of the others'.
GONE = """
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = pg_backend_pid() AND application_name = %s)
    AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE 'worker ' || application_name = %s)
"""


def is_gone(worker: str) -> bool:
    """Whether no session of the database is the worker's; False where sessions do not bear names."""
    with connection.cursor() as cursor:
        cursor.execute(GONE, [settings.PROCESS_NAME, worker])
        (gone,) = cursor.fetchone()
    return bool(gone)


def go_on_without(submission: Submission, *, by: Worker) -> None:
    """Mark an open call as left behind by its worker, so that the account may make its next call a second from now.

    Under the account's lock. The call stays open until it is answered or given up: it may have paid, and nothing of its
    withdrawal is free.
    """
    Submission.objects.filter(pk=submission.pk).update(worker_gone_at=Now())
    Account.objects.mark_answered(submission.account_id)
    audit.record(Event.WORKER_GONE, by=by, about=submission.withdrawal, number=submission.number)
    log.warning("worker gone", extra={"reference": submission.reference})
