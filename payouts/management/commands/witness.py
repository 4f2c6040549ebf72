"""`manage.py witness show | check | move`: what it knows, whether the rows agree, and another place for it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payouts.audit import Worker
from payouts.domain.errors import CountersignError
from payouts.witness.place import shown
from payouts.worker import witness_move, witnessing


class Command(BaseCommand):
    """`show` and `check` only read. `move` pauses everything until two people have accepted the new place."""

    help = (
        "Says what the witness knows (show), or what is missing on which side (check; ends with 1 then); or founds "
        "another one at WITNESS_URL (move), in place of the one that was so far (--from) or is lost (--lost)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["show", "check", "move"])
        parser.add_argument("--from", dest="old", metavar="URL", help="with move: the WITNESS_URL that was so far")
        parser.add_argument("--lost", action="store_true", help="with move: there is none any more")
        parser.add_argument("--reason", default="", help="with move: why, for the two people who accept it")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            match options["what"]:
                case "show":
                    self._show()
                case "check":
                    self._check()
                case _:
                    self._move(options["old"], lost=options["lost"], reason=options["reason"])
        except CountersignError as err:
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
        found = witness_move.compared(witnessing.witness())
        for entry in found.lost:
            when = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(
                f"{entry.account}: call {entry.serial} of {when}, reference {entry.reference}, has no row"
            )
        if found.differences:
            raise CommandError(found.differences.sentence())
        self.stdout.write(f"In step. {found.untold} calls are still to be told, none of which was answered.")

    def _move(self, old: str | None, *, lost: bool, reason: str) -> None:
        if bool(old) == lost:
            raise CommandError("Say either --from with the WITNESS_URL that was so far, or --lost if it is gone.")
        witness_move.move(old, reason=reason, by=Worker("command line"))
        self.stdout.write("Founded. Everything is paused until two people have released it; restart the workers.")
