"""`manage.py demo_code NAME`: a one-time code of one of the demo's people."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.demo.codes import NotTheDemo, next_code
from payouts.models import Authenticator


class Command(BaseCommand):
    """Print a code that was not used yet; waits for one when they all were."""

    help = "Prints a one-time code of a person of the demo; refuses outside the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("name", help="a name that script/demo printed")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print it."""
        try:
            code = next_code(options["name"], patience=35)
        except NotTheDemo as err:
            raise CommandError(str(err)) from err
        except Authenticator.DoesNotExist as err:
            raise CommandError(f"Nobody called {options['name']} has an authenticator here.") from err
        self.stdout.write(str(code))
