"""`manage.py reset_second_factor NAME --reason "…"`: for somebody who lost the phone and the recovery codes.

Removes the authenticator and the recovery codes, ends every session, tells the person by e-mail, and writes
the reason to the audit trail. Whoever knows the password can then enrol a new authenticator, so two people
should know of every reset: whoever types this, and whoever made sure, face to face or by a call, that it is
really the person who asks.
"""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from backoffice.doors import notices
from payouts.audit import Worker
from payouts.domain.errors import InvalidValue
from payouts.workflow.people import second_factor


class Command(BaseCommand):
    help = "Forget a person's lost second factor; they enrol anew after the next sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True)

    def handle(self, *, username: str, reason: str, **options: Any) -> None:  # noqa: ARG002
        try:
            user = User.objects.get(username=username)
            second_factor.reset(user, reason=reason, by=Worker("command line"))
        except (User.DoesNotExist, InvalidValue) as err:
            raise CommandError(str(err)) from err
        notices.send(user, "second factor reset", "Your authenticator and recovery codes were removed.")
        self.stdout.write(f"{username} has no second factor now, and enrols anew at the next sign-in.")
        self.stdout.write("Two people should know of this: tell a second administrator now.")
