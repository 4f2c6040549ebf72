"""The queue's tasks: each hands over to a function of the worker, which is tested without the queue."""

import logging
from contextlib import suppress
from datetime import UTC, datetime

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.retry import RetryStrategy

from payouts.worker import dispatch, housekeeping, mailing, reconcile

log = logging.getLogger(__name__)

# croniter's sixth field is the seconds, and it stands last
EVERY_5_SECONDS, EVERY_SECOND = "* * * * * */5", "* * * * * *"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
BEAT, SILENT_FOR = 0.5, 3.0  # seconds: a worker that was silent for so long lets go of its jobs


@app.task(name="drain_account", queue="payouts", pass_context=True)
def drain_account(context: JobContext, account: str) -> None:
    """Send whatever is approved for one account."""
    dispatch.drain(account, stop=context.should_abort)


@app.task(name="look_up", queue="payouts")
def look_up(account: str) -> None:
    """Look at the provider's records for what is unknown or accepted."""
    reconcile.look_up(account)


@app.task(name="mail_alert", queue="payouts", retry=RetryStrategy(max_attempts=10, wait=60))
def mail_alert(event_id: int) -> None:
    """Mail an alert to ALERTS_TO, which tries a failing mail server again itself. The retries are for other faults."""
    mailing.mail_alert(event_id)


@app.periodic(cron="7 * * * *")
@app.task(name="review_accounts", queue="payouts", lock="review", queueing_lock="review", pass_context=True)
def review_accounts(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Compare the last days with the providers' records, both ways."""
    reconcile.review_accounts(stop=context.should_abort)


@app.periodic(cron=EVERY_5_SECONDS)
@app.task(name="sweep", queue="payouts", queueing_lock="sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001  the queue says when it was due
    """Look at the rows for what a lost job or a dead worker left behind.

    Without a lock of the queue: a worker that dies in a sweep must not hold up the next, and two at once do no harm.
    """
    dispatch.sweep()
    reconcile.ask_for_looks()


@app.periodic(cron="17 3 * * *")
@app.task(name="tidy_up", queue="payouts", queueing_lock="tidy_up")
def tidy_up(timestamp: int) -> None:  # noqa: ARG001
    housekeeping.tidy_up()


@app.periodic(cron=EVERY_SECOND)
@app.task(name="take_over", queue="payouts", queueing_lock="take_over")
def take_over(timestamp: int) -> None:  # noqa: ARG001
    """Hand on the accounts that a worker was draining when it ended."""
    dispatch.take_over()


@app.periodic(cron=EVERY_SECOND)
@app.task(name="end_stalled", queue="payouts", queueing_lock="end_stalled", pass_context=True)
async def end_stalled(context: JobContext, timestamp: int) -> None:
    """End jobs whose worker stopped beating: their locks would keep the account from being drained. Then sweep.

    For what `take_over` does not see: a worker that hangs or is suspended, a host that is gone, other jobs than drains.
    The jobs are ended and not retried: a retried one would have to wait beside the nudge that the sweep has made since,
    and the queueing lock allows one. The rows say what is left to do, except for a mail, which is tried again. Should
    the worker live after all, two drain the account for a while: the database lets one of them call at a time.
    """
    jobs = context.app.job_manager
    stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=SILENT_FOR))
    for job in stalled:
        log.warning("job ended: its worker is silent", extra={"job": job.id})
        with suppress(ConnectorException):  # somebody else was faster: the others' turn comes all the same
            if job.task_name == mail_alert.name:
                await jobs.retry_job(job, retry_at=LONG_AGO)  # now, whatever this clock says
            else:
                await jobs.finish_job(job, status=Status.FAILED, delete_job=True)
    if stalled:
        with suppress(AlreadyEnqueued):
            await sweep.configure().defer_async(timestamp=timestamp)
