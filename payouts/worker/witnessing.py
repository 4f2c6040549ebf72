"""The witness as this process asks it: before a claim what it knows, before the first byte that there is a call.

Never while a row is locked: a witness that hangs must not hold up the button that pauses everything.
"""

import logging
import threading
import time
from dataclasses import replace
from functools import cache
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection
from django.db.backends.signals import connection_created

from payouts.audit import Worker
from payouts.domain.sending.answer import Answer
from payouts.domain.sending.witness import (
    Differences,
    Known,
    Row,
    Rows,
    Trail,
    WitnessAway,
    WitnessRefused,
    differences,
    still_untold,
)
from payouts.preview import fields_to_send
from payouts.witness.base import Witness
from payouts.witness.place import found_witness, open_witness, shown
from payouts.worker import accounts
from payouts.worker.lost_calls import lost_calls
from payouts.workflow.sending import lost, went_back, witnessed
from payouts.workflow.sending.submission import Claim

log = logging.getLogger(__name__)

ANOTHER = "The witness is not this database's own: WITNESS_URL names another one, or the database is a copy."
FORGOTTEN = (
    "The witness knows payments of account {}, which has no row, and this process does not have it: run "
    "manage.py migrate where it is configured."
)
LATE = "Payments were made before there was a witness that knows of them."
_new_connection = threading.Event()


@cache
def witness() -> Witness:
    """The witness of this process's environment."""
    return open_witness(settings.WITNESS_URL)


def seen(*, by: Worker) -> Known | None:
    """What the witness knows now; None when it cannot be asked, which desk and alert say then."""
    try:
        return witness().known()
    except WitnessAway as err:
        _say_away(err, by=by)
        return None


def tell(claimed: Claim, *, by: Worker) -> bool:
    """Tell it of a call that is about to be made. False when the call must not be made."""
    call = claimed.submission
    try:
        entry = witnessed.entry_of(call, claimed.instruction.account)
        witness().append(entry, trail=claimed.trail, after=claimed.after)
    except WitnessAway as err:
        _say_away(err, by=by)
        return False
    except WitnessRefused:
        log.critical("witness refused", extra={"reference": claimed.instruction.reference})
        compare(by=by)
        return False
    return True


def compare(*, by: Worker) -> bool:
    """Compare rows and witness in full; True when they are in step, or could be brought so.

    Calls that it was not told of, and no provider answered, are told it now. Anything else that is
    missing on one side pauses everything, and what was lost becomes rows; what two people released goes on.
    """
    try:
        return _compare(by=by)
    except WitnessAway as err:
        _say_away(err, by=by)
        return False


def _compare(*, by: Worker) -> bool:
    known = _of_this_database(by=by)
    if known is None:
        return False
    rows = witnessed.rows_for(known)
    later = witness().known()
    found = _make_rows_of_accounts(differences(rows, later), by=by)
    released = went_back.released_since(known, found)
    if found and released is None:
        calls = [entry for account in found.lost_calls for entry in lost_calls(witness(), account)]
        went_back.stop(known, found, calls, fields=fields_to_send, by=by)
        return False
    for row in still_untold(rows, later):
        _tell_late(row)
    _remember_server(rows, found, released, by=by)
    if released is not None:
        witness().release(released, trail=witnessed.trails(Trail())[1])
    went_back.mark_back(by=by)
    return True


def _remember_server(rows: Rows, found: Differences, released: UUID | None, *, by: Worker) -> None:
    """The first that could be asked, and later the one that people released. One that does not tell is no reason."""
    if found.server is not None:
        went_back.remember_server(found.server, release=released, by=by)
    elif rows.server is None:
        _say_that_it_does_not_tell()
    elif rows.remembered is None:
        went_back.remember_server(rows.server, release=None, by=by)


@cache
def _say_that_it_does_not_tell() -> None:
    """Once per process."""
    log.warning("server does not tell its names", extra={"reason": "our role may not call pg_control_system()"})


def _tell_late(row: Row) -> None:
    try:
        witness().append(row.entry)
    except WitnessRefused:
        log.warning("witness was told meanwhile", extra={"reference": row.entry.reference})


def _make_rows_of_accounts(found: Differences, *, by: Worker) -> Differences:
    """The differences, once accounts that the rows forgot have theirs again: without one, a lost call has no place.

    What this process cannot make, because it has no such account, is left to the processes that have: without a row
    nothing is sent through it, and whoever makes the row finds its lost calls. Everybody would else be paused, released
    and paused again.
    """
    missing = accounts.make_missing(found.lost_calls)
    for name in missing:
        _say_once(FORGOTTEN.format(name), by=by)
    return replace(found, lost_calls=tuple(name for name in found.lost_calls if name not in missing))


def _of_this_database(*, by: Worker) -> Known | None:
    """What the witness knows, if the rows belong to it; founded where neither exists yet."""
    link = witnessed.link()
    if link is None:
        return _found(by=by)
    known = witness().known()
    if known.witness == link.witness:
        return known
    _say_once(ANOTHER, by=by)
    return None


def _found(*, by: Worker) -> Known | None:
    """Make the first witness, while no account has made a call; or take an empty one that somebody just made."""
    if not witnessed.may_found():
        _say_once(LATE, by=by)
        return None
    try:
        known = found_witness(settings.WITNESS_URL, Known(uuid4())).known()
    except WitnessAway:
        known = witness().known()
    if known.last or known.released or known.trail.ids:
        _say_once(ANOTHER, by=by)
        return None
    try:
        went_back.remember(known.witness, shown(settings.WITNESS_URL), by=by)
    except IntegrityError:
        return None  # another worker was faster; the next comparison finds its row
    return known


def keep_telling(*, by: Worker) -> None:
    """About once a second tell it of what is new in the trail; compare on each new connection. Never returns."""
    connection_created.connect(lambda **_: _new_connection.set(), weak=False)
    _new_connection.set()
    while True:
        try:
            tell_trail(by=by)
        except Exception:
            log.exception("trail not told")
            connection.close()
        time.sleep(1)


def tell_trail(*, by: Worker) -> None:
    """Tell it of the newest events, where those that it knows are there; compare in full where they are not."""
    if _new_connection.is_set():
        _new_connection.clear()
        compare(by=by)
    known = seen(by=by)
    if known is None:
        return
    there, now = witnessed.trails(known.trail)
    if not there:
        compare(by=by)
    elif now != known.trail:
        witness().tell(now, after=known.trail)


def heard(claimed: Claim, answer: Answer, *, by: Worker) -> None:
    """An answer came whose call has no row any more: the database went back. Everything pauses; the answer is kept."""
    call = witnessed.entry_of(claimed.submission, claimed.instruction.account)
    compare(by=by)
    if not lost.is_known(call.call):  # the witness could not be asked, or went back as well
        accounts.make_missing([call.account])
        known = Known(witness=call.call, last={call.account: call})
        found = Differences(lost_calls=(call.account,))
        went_back.stop(known, found, [call], fields=fields_to_send, by=by)
    lost.keep_answer(call, answer, by=by)


def _say_away(err: WitnessAway, *, by: Worker) -> None:
    log.error("witness away", extra={"reason": str(err)})
    went_back.mark_away(str(err), by=by)


_said: set[str] = set()


def _say_once(sentence: str, *, by: Worker) -> None:
    """In the log each time; as an alert once per process, which sends nothing and stops nobody else."""
    log.error("witness is another", extra={"reason": sentence})
    if sentence not in _said:
        _said.add(sentence)
        went_back.mark_stranger(sentence, by=by)
