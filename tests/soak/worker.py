"""The soak's own worker: `manage.py worker`, which dies where it is told to. The product has no hooks for this.

The soak writes a file named for a boundary into SOAK_ORDERS; the first worker to pass it takes the file and does what
stands in it. SOAK_HASTE shortens the waiting that recovery consists of, so that more of it fits into an hour.
"""

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

ORDERS, HASTE, CLOCK = "SOAK_ORDERS", "SOAK_HASTE", "SOAK_CLOCK_OFF_BY"
LOST_COMMIT = "lost commit"
DEEDS_DONE = "done.jsonl"
CALL, BEGIN, QUIET, LOOK = 4.0, 1.5, 5.0, 2.0  # seconds, with SOAK_HASTE
HANDS_ON = 2.0, 4.0
CRONS = {"sweep": "* * * * * *", "end_stalled": "* * * * * *", "review_accounts": "* * * * * */20"}
HASTE_IN_WORDS = (
    f"a call is given up after {CALL:g} s (product: 40 s) and must begin within {BEGIN:g} s (5 s), an account is left "
    f"alone for at most {QUIET:g} s (10 min), looks come after {LOOK:g} s (15 s and more), a resend after 61 s (5 min),"
    " an account changes hands after 2 to 4 s (20 to 40 s), sweeps come every second (5 s), and reviews every 20 s"
    " (hourly)"
)


def main() -> None:
    """Run as told by the environment."""
    if CLOCK in os.environ:
        _set_clock_wrong(float(os.environ[CLOCK]))
    if HASTE in os.environ:
        _hasten_pace()
    import django
    from django.core.management import call_command

    django.setup()
    if HASTE in os.environ:
        _hasten_queue()
    if ORDERS in os.environ:
        _plant(Path(os.environ[ORDERS]))
    call_command("worker", *sys.argv[1:])


def _set_clock_wrong(seconds: float) -> None:
    """As far as Python code asks; kernel and libpq go on as they are."""
    right = time.time
    time.time = lambda: right() + seconds


def _hasten_pace() -> None:
    from payouts.domain.sending import backoff, pace

    os.environ["LOOK_AGAIN_AFTER_SECONDS"] = "61"  # the database refuses a resend after two looks that are closer
    backoff.FIRST_POLL = backoff.FIRST_LOOK = timedelta(seconds=LOOK)
    backoff.LONGEST_WAIT = timedelta(seconds=4 * LOOK)
    pace.LONGEST_CALL = timedelta(seconds=CALL)
    pace.BEGIN_WITHIN = timedelta(seconds=BEGIN)
    pace.LONGEST_QUIET = timedelta(seconds=QUIET)


def _hasten_queue() -> None:
    import attr
    from procrastinate.contrib.django import app

    from payouts.worker import dispatch

    queue: Any = app
    dispatch.HANDS_ON_AFTER = HANDS_ON
    periodic: dict[Any, Any] = queue.periodic_registry.periodic_tasks
    for key, task in periodic.items():
        periodic[key] = attr.evolve(task, cron=CRONS.get(task.task.name, task.cron))


def _plant(orders: Path) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from tests.props.boundaries import BOUNDARIES, planted

    for boundary in BOUNDARIES:
        setattr(*planted(boundary, partial(_obey, orders, boundary.name)))
    wrapper: Any = BaseDatabaseWrapper
    committed = wrapper.commit

    def commit(self: BaseDatabaseWrapper) -> None:
        committed(self)
        _obey(orders, LOST_COMMIT)

    wrapper.commit = commit


def _obey(orders: Path, place: str) -> None:
    """Do what the file of this place says, if there is one; one passage, one deed."""
    order = orders / place
    try:
        word = order.read_text()
        order.unlink()
    except FileNotFoundError:
        return
    note(orders, place, word)
    DEEDS[word]()


def note(orders: Path, place: str, word: str, **more: object) -> None:
    """One line in the list of deeds done: whole, whoever else writes, and before the writer is dead."""
    line = {"at": time.time(), "pid": os.getpid(), "place": place, "deed": word, **more}
    with (orders / DEEDS_DONE).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(line) + "\n")


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _break() -> None:
    raise RuntimeError("a scripted fault of our own")


def _disconnect() -> None:
    from django.db import connection

    if connection.connection is not None:
        connection.connection.close()


def _lose() -> None:
    from django.db import OperationalError

    raise OperationalError("scripted: the COMMIT was carried out, and its acknowledgement was lost")


DEEDS: dict[str, Callable[[], None]] = {
    "kill": _kill,
    "stop": _stop,
    "break": _break,
    "disconnect": _disconnect,
    "lose": _lose,
}


if __name__ == "__main__":
    main()
