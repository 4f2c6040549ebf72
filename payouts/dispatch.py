"""From approved to answered: claim, call, record. The row is committed before the call, and no transaction spans it."""

import logging
import os
import socket
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from payouts import accounts
from payouts.audit import Worker
from payouts.domain.answer import Answer, Exchange, NotExecuted
from payouts.domain.pace import LONGEST_CALL
from payouts.domain.status import Status
from payouts.preview import fields_to_send
from payouts.providers.base import Provider
from payouts.workflow import queue
from payouts.workflow.answer import give_up_overdue, record_answer
from payouts.workflow.submission import Claim, Wait, accounts_with_work, claim, may_still_send

log = logging.getLogger(__name__)

SHORT_WAIT = 1.5  # seconds a drain waits itself; for longer it asks to be called again
RECORD_AGAIN_AFTER = 1.0  # seconds
TOO_LATE = NotExecuted(
    code="claimed_too_long_ago",
    message="The worker was held up between its claim and the call. Nothing was sent.",
    retry_after=5.0,
    exchange=Exchange(http_status=None, duration_ms=0, raw=""),
)


def this_worker() -> Worker:
    """The name that the trail gives to this process."""
    return Worker(f"worker {socket.gethostname()}:{os.getpid()}")


def drain(account: str, *, stop: Callable[[], bool]) -> int:
    """Send whatever is approved for one account, one call at a time; how many calls were made.

    `stop` is asked between calls, so that a worker told to end finishes the call in hand.
    """
    provider = _client(account)
    calls = 0
    while provider is not None and not stop():
        match claim(account, fields=fields_to_send, by=this_worker()):
            case None:
                break
            case Wait(seconds=seconds) if seconds > SHORT_WAIT:
                queue.nudge(account, in_seconds=int(seconds) + 1)
                break
            case Wait(seconds=seconds):
                time.sleep(seconds)
            case Claim() as claimed:
                _submit(claimed, provider)
                calls += 1
    return calls


def _submit(claimed: Claim, provider: Provider) -> None:
    answer = provider.submit(claimed.order) if may_still_send(claimed.submission) else TOO_LATE
    status = _record(claimed, answer)
    log.info(
        "answered",
        extra={
            "reference": claimed.order.reference,
            "account": claimed.order.account,
            "status": status.value,
            "http_status": answer.exchange.http_status,
            "duration_ms": answer.exchange.duration_ms,
        },
    )


def _record(claimed: Claim, answer: Answer) -> Status:
    """Write the answer down, trying again while the database is away: it exists nowhere else.

    What cannot be written before the submission's deadline becomes unknown, by the sweep.
    """
    give_up_at = time.monotonic() + LONGEST_CALL.total_seconds()
    while True:
        try:
            return record_answer(claimed.submission, answer, by=this_worker())
        except (OperationalError, InterfaceError):
            log.warning("answer not written yet", extra={"reference": claimed.order.reference})
            connection.close()
            if time.monotonic() > give_up_at:
                raise
            time.sleep(RECORD_AGAIN_AFTER)


def _client(account: str) -> Provider | None:
    try:
        return accounts.client(account)
    except KeyError:
        log.error("account is not configured here", extra={"account": account})
        return None


def sweep() -> None:
    """Look at the rows: calls whose worker is gone become unknown, and what is approved gets a nudge."""
    given_up = give_up_overdue(by=this_worker())
    if given_up:
        log.error("calls given up as unknown", extra={"count": given_up})
    for account in accounts_with_work():
        queue.nudge(account)
