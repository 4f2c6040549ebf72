"""`manage.py worker`: the process that sends what was approved. Run it under a supervisor that always restarts it."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app

from payouts.audit import this_worker
from payouts.worker import clock, witnessing
from payouts.worker.tasks import BEAT


class Command(BaseCommand):
    """Work on the queue until SIGTERM or Ctrl-C; the call in hand is finished first."""

    help = (
        "Sends approved withdrawals. More workers, on this machine or others, share the accounts between them. "
        "It ends with status 0 when PostgreSQL restarts: supervise it with 'restart always'."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=64, help="accounts served at a time (64)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        # After those that ask no database, which say what they have to say while it is away.
        self.check(tags=[Tags.database], databases=["default"])
        for beside in (clock.keep_measuring, witnessing.keep_telling):
            threading.Thread(target=beside, kwargs={"by": this_worker()}, daemon=True).start()
        # The app's own connector is the web's: it joins Django's transactions and cannot listen.
        worker_connector: Any = app.connector
        with app.replace_connector(worker_connector.get_worker_connector()):
            asyncio.run(_work(options["concurrency"]))


async def _work(concurrency: int) -> None:
    """Each account that is served has a thread to itself; asyncio's own pool has no more than four beside the CPUs."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency, thread_name_prefix="account"))
    async with app.open_async():
        await app.run_worker_async(
            queues=["payouts"],
            concurrency=concurrency,
            delete_jobs="successful",
            # A drain asks between calls whether to stop, and is told at once.
            shutdown_graceful_timeout=0.1,
            fetch_job_polling_interval=0.25,  # a lock that is let go tells nobody
            update_heartbeat_interval=BEAT,
        )
