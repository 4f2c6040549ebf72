"""`manage.py demo_cast`: the demo's people and addresses."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.demo import cast
from backoffice.demo.codes import NotTheDemo, refuse_outside_demo


class Command(BaseCommand):
    """Make who and what is missing, and print who can sign in."""

    help = "Makes the demo's people and addresses; refuses outside the demo."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Enter the cast."""
        try:
            refuse_outside_demo()
        except NotTheDemo as err:
            raise CommandError(str(err)) from err
        cast.enter()
        self.stdout.write(cast.table())
