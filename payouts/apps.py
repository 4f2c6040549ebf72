"""The app: start-up checks, and the rows that every migrate makes true."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PayoutsConfig(AppConfig):
    """Countersign's payouts."""

    name = "payouts"
    verbose_name = "Payouts"

    def ready(self) -> None:
        """Register the checks; after a migrate, write groups, accounts and assets."""
        from payouts import checks  # noqa: F401  registers

        post_migrate.connect(_write_rows, sender=self)


def _write_rows(**kwargs: Any) -> None:  # noqa: ARG001
    from payouts.worker.accounts import write_rows
    from payouts.workflow.people.people import write_groups

    write_groups()
    write_rows()
