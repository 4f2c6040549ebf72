"""`manage.py unblock NAME`: for somebody shut out by wrong attempts, when no administrator can come in."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from payouts import audit
from payouts.audit import Event, Worker
from payouts.workflow.people import throttle


class Command(BaseCommand):
    """Unblock one person; the audit trail names this command."""

    help = "Lets a person try to sign in again, for when no administrator can do it on the People page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:  # noqa: ARG002
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"Nobody is called {username}.")
        with transaction.atomic():
            throttle.unblock(username)
            audit.record(Event.SIGN_IN_UNBLOCKED, by=Worker("command line"), about=user)
        self.stdout.write(f"{username} can try again.")
