"""The app's configuration: start-up checks, and what is written after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PayoutsConfig(AppConfig):
    name = "payouts"
    verbose_name = "Payouts"

    def ready(self) -> None:
        """Register the checks, and hand down what the providers' code promises.

        After a migrate, put the guards in force, and write groups, accounts and assets.
        """
        from payouts import checks, database_checks  # noqa: F401  register
        from payouts.preview import promised as of_code
        from payouts.workflow.sending import promised

        promised.hand_down(of_code)

        post_migrate.connect(_make_true, sender=self)


def _make_true(**kwargs: Any) -> None:  # noqa: ARG001
    from payouts import guards
    from payouts.worker.accounts import write_rows
    from payouts.workflow.people.people import write_groups

    guards.put_in_force()
    write_groups()
    write_rows()
