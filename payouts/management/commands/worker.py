"""`manage.py worker`: the process that sends what was approved. Run it under a supervisor that always restarts it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from procrastinate.contrib.django import app


class Command(BaseCommand):
    """Work on the queue until SIGTERM or Ctrl-C; the call in hand is finished first."""

    help = (
        "Sends approved withdrawals. More workers, on this machine or others, share the accounts between them. "
        "It ends with status 0 when PostgreSQL restarts: supervise it with 'restart always'."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many accounts at a time."""
        parser.add_argument("--concurrency", type=int, default=8, help="accounts served at a time (8)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run until told to stop."""
        # The app's own connector is the web's: it joins Django's transactions and cannot listen.
        worker_connector: Any = app.connector
        with app.replace_connector(worker_connector.get_worker_connector()):
            app.run_worker(
                queues=["payouts"],
                concurrency=options["concurrency"],
                delete_jobs="successful",
                # A drain asks between calls whether to stop, and is told at once.
                shutdown_graceful_timeout=0.1,
                fetch_job_polling_interval=2.0,
            )
