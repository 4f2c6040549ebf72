"""For whoever runs the machines: rows and witness compared without changing anything, and another place for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings

from payouts.audit import Worker
from payouts.domain.errors import CountersignError
from payouts.domain.sending.witness import Differences, Entry, differences, still_untold
from payouts.domain.texts import check_reason
from payouts.witness.base import Witness
from payouts.witness.place import found_witness, open_witness, shown
from payouts.workflow.sending import went_back, witnessed


class AnotherWitness(CountersignError):
    """The database knows another witness."""


class Differ(CountersignError):
    """Rows and witness differ; the message says in what."""


@dataclass(frozen=True)
class Compared:
    """What was found, at one moment."""

    differences: Differences
    lost: Sequence[Entry]  # the newest call of each account whose calls the rows lack
    untold: int  # calls that the witness is still to be told of


def compared(witness: Witness) -> Compared:
    """Compare the rows with this witness. Raises AnotherWitness where they do not belong to it, and WitnessAway."""
    known = witness.known()
    link = witnessed.link()
    if link is None or link.witness != known.witness:
        remembered = link.witness if link else "none"
        raise AnotherWitness(f"The database knows another witness ({remembered}) than this one ({known.witness}).")
    rows = witnessed.rows_for(known)
    later = witness.known()
    found = differences(rows, later)
    return Compared(found, [known.last[account] for account in found.lost_calls], len(still_untold(rows, later)))


def move(old: str | None, *, reason: str, by: Worker) -> None:
    """Found another witness at WITNESS_URL, for the one at `old`, or for one that is lost (None). Commits.

    Everything is paused from then on, for just that, until two people have accepted it. Raises before anything is
    changed: InvalidValue, Differ or AnotherWitness where the old one and the rows are not in step, and WitnessAway.
    """
    check_reason(reason)
    if old:
        _require_in_step(open_witness(old))
    went_back.require_no_difference()
    said = f"{reason} ({'It was in step with the database.' if old else 'The earlier one is lost.'})"
    witness, place = uuid4(), shown(settings.WITNESS_URL)
    made = found_witness(settings.WITNESS_URL, witnessed.everything_known(witness))
    went_back.pause_for_move(witness, place, reason=said, by=by)
    for row in witnessed.rows_for(made.known()).untold:  # what was called meanwhile
        made.append(row.entry)
    went_back.remember_another(witness, place, by=by)


def _require_in_step(witness: Witness) -> None:
    found = compared(witness).differences
    if found:
        raise Differ(found.sentence())
