"""`manage.py accounts show` and `manage.py accounts propose NAME`: this environment's accounts beside the rows."""

from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payouts.audit import Worker, this_worker
from payouts.domain.errors import CountersignError
from payouts.models import Account
from payouts.worker import accounts
from payouts.workflow.sending.identity import propose_change


class Command(BaseCommand):
    """Compare, or propose that an account becomes what stands in this environment; two administrators decide."""

    help = "Shows who each account is here, or proposes a new key, customer or host to two administrators."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("show", help="each account of this environment, beside its row")
        propose = acts.add_parser("propose", help="ask two administrators to accept what stands here")
        propose.add_argument("name", help="of the account, as in PROVIDER_ACCOUNT_<NAME>, in small letters")
        same = "whether it is the same customer of the provider; needed where the URLs do not say it"
        propose.add_argument("--same-customer", action=BooleanOptionalAction, default=None, help=same)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Print what differs, and do what was asked."""
        if options["act"] == "show":
            self.stdout.write("\n".join(accounts.standings()))
            return
        self._propose(options["name"], options["same_customer"])

    def _propose(self, name: str, said: bool | None) -> None:
        try:
            found = accounts.identity(name)
            change = propose_change(name, found, said=said, seen_by=this_worker().name, by=Worker("command line"))
        except KeyError:
            raise CommandError(f"PROVIDER_ACCOUNT_{name.upper()} is not set here.") from None
        except Account.DoesNotExist:
            raise CommandError(f"Account {name} has no row yet: run manage.py migrate.") from None
        except CountersignError as err:
            raise CommandError(str(err)) from None
        self.stdout.write(f"Proposed as {change.pk}: two administrators accept it on the account's page.")
