"""The queue's skin over dispatch: each task parses nothing and calls one function."""

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app

from payouts import dispatch

log = logging.getLogger(__name__)


@app.task(name="drain_account", queue="payouts", pass_context=True)
def drain_account(context: JobContext, account: str) -> None:
    """Send whatever is approved for one account."""
    dispatch.drain(account, stop=context.should_abort)


@app.periodic(cron="*/15 * * * * *")
@app.task(name="sweep", queue="payouts", lock="sweep", queueing_lock="sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001  the queue says when it was due
    """Look at the rows for what a lost job or a dead worker left behind."""
    dispatch.sweep()


@app.periodic(cron="*/15 * * * * *")
@app.task(name="requeue_stalled", queue="payouts", queueing_lock="requeue_stalled", pass_context=True)
async def requeue_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Requeue jobs whose worker stopped beating: their locks would keep the account from being drained."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        log.warning("job requeued: its worker is gone", extra={"job": job.id})
        await jobs.retry_job(job)
