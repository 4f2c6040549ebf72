"""`manage.py witness show | check`: what the place outside the database knows, and whether the rows agree."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payouts.domain.sending.witness import Known, WitnessAway, differences, still_untold
from payouts.witness.place import shown
from payouts.worker import witnessing
from payouts.workflow.sending import witnessed


class Command(BaseCommand):
    """Only reads: workers found a witness, tell it, and stop what differs from it."""

    help = "Says what the witness knows (show), and what is missing on which side (check; ends with 1 then)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["show", "check"])

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            self._show() if options["what"] == "show" else self._check()
        except WitnessAway as err:
            raise CommandError(f"{shown(settings.WITNESS_URL)}: {err}") from err

    def _show(self) -> None:
        known = witnessing.witness().known()
        self.stdout.write(f"{shown(settings.WITNESS_URL)}: witness {known.witness}")
        for account, entry in sorted(known.last.items()):
            when = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"{account}: {entry.serial} calls, the last at {when}, reference {entry.reference}")
        newest = known.trail.ids[-1] if known.trail.ids else "none"
        self.stdout.write(f"Newest event of the trail: {newest}")
        for proposal in known.released:
            self.stdout.write(f"Released by two people: proposal {proposal}")

    def _check(self) -> None:
        known = witnessing.witness().known()
        link = witnessed.link()
        if link is None or link.witness != known.witness:
            remembered = link.witness if link else "none"
            raise CommandError(f"The database knows another witness ({remembered}) than this one ({known.witness}).")
        rows = witnessed.rows_for(known)
        later = witnessing.witness().known()
        found = differences(rows, later)
        for account in found.lost_calls:
            self.stdout.write(f"{account}: {_calls_of(known, account)}")
        if found:
            raise CommandError(found.sentence())
        self.stdout.write(f"In step. {len(still_untold(rows, later))} calls are still to be told, none of which left.")


def _calls_of(known: Known, account: str) -> str:
    entry = known.last[account]
    return f"call {entry.serial} of {entry.at:%Y-%m-%d %H:%M:%S} UTC, reference {entry.reference}, has no row"
