"""`manage.py witness show | check | move`: what it knows, whether the rows agree, and another place for it."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payouts.audit import Worker
from payouts.domain.errors import InvalidValue
from payouts.domain.sending.witness import Known, WitnessAway, differences, still_untold
from payouts.domain.texts import check_reason
from payouts.witness.base import Witness
from payouts.witness.place import found_witness, open_witness, shown
from payouts.worker import witnessing
from payouts.workflow.sending import went_back, witnessed

COMMAND_LINE = Worker("command line")


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
                    self._check(witnessing.witness())
                case _:
                    self._move(options["old"], lost=options["lost"], reason=options["reason"])
        except (WitnessAway, InvalidValue) as err:
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

    def _move(self, old: str | None, *, lost: bool, reason: str) -> None:
        if bool(old) == lost:
            raise CommandError("Say either --from with the WITNESS_URL that was so far, or --lost if it is gone.")
        check_reason(reason)
        if old:
            self._check(open_witness(old))
        said = f"{reason} ({'The earlier one is lost.' if lost else 'It was in step with the database.'})"
        witness, place = uuid4(), shown(settings.WITNESS_URL)
        went_back.require_no_difference()
        made = found_witness(settings.WITNESS_URL, witnessed.everything_known(witness))  # fails before anything changes
        went_back.pause_for_move(witness, place, reason=said, by=COMMAND_LINE)
        for row in witnessed.rows_for(made.known()).untold:  # what was called meanwhile
            made.append(row.entry)
        went_back.remember_another(witness, place, by=COMMAND_LINE)
        self.stdout.write("Founded. Everything is paused until two people have released it; restart the workers.")

    def _check(self, witness: Witness) -> None:
        known = witness.known()
        link = witnessed.link()
        if link is None or link.witness != known.witness:
            remembered = link.witness if link else "none"
            raise CommandError(f"The database knows another witness ({remembered}) than this one ({known.witness}).")
        rows = witnessed.rows_for(known)
        later = witness.known()
        found = differences(rows, later)
        for account in found.lost_calls:
            self.stdout.write(f"{account}: {_calls_of(known, account)}")
        if found:
            raise CommandError(found.sentence())
        untold = len(still_untold(rows, later))
        self.stdout.write(f"In step. {untold} calls are still to be told, none of which was answered.")


def _calls_of(known: Known, account: str) -> str:
    entry = known.last[account]
    return f"call {entry.serial} of {entry.at:%Y-%m-%d %H:%M:%S} UTC, reference {entry.reference}, has no row"
