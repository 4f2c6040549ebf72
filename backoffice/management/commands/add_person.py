"""`manage.py add_person NAME --email E --full-name "…" --role Administrators`: for the first administrator.

Prints a link by which the person chooses a password, once and within the hour; at the first sign-in they set
up their second factor. Later people are invited on the page People. The audit trail says that it was done by
"command line".
"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from payouts.admin.people.invitation import link_for
from payouts.audit import Worker
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Role
from payouts.workflow.people.people import add_person


class Command(BaseCommand):
    help = "Add a person and print the link by which they choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", required=True)
        parser.add_argument("--full-name", required=True)
        parser.add_argument("--role", action="append", default=[], choices=[role.value for role in Role])
        parser.add_argument("--base-url", default=_site(), help="where people reach the site (%(default)s)")

    def handle(self, *, username: str, base_url: str, **options: Any) -> None:
        facts = {"email": options["email"], "full_name": options["full_name"]}
        roles = [Role(name) for name in options["role"]]
        try:
            user = add_person(username, **facts, roles=roles, by=Worker("command line"))
        except (InvalidValue, ValidationError) as err:
            raise CommandError(str(err)) from err
        self.stdout.write(f"Added {username}. To choose a password, once and within the hour:")
        self.stdout.write(link_for(user, base_url=base_url))


def _site() -> str:
    if settings.SITE_URL:
        return str(settings.SITE_URL)
    host = next((host for host in settings.ALLOWED_HOSTS if host[0] not in "*."), "localhost")
    return f"{'https' if settings.HTTPS_ONLY else 'http'}://{host}"
