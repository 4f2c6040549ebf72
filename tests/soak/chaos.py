"""What goes wrong during the soak, one fault at a time, by a seeded draw."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from django.db import connection

from tests.props.boundaries import BOUNDARIES
from tests.soak.people import insist
from tests.soak.scene import Scene, Worker
from tests.soak.troubles import AT
from tests.soak.worker import CALL, DEEDS_DONE, LOST_COMMIT, note

AWAY_FOR = 1.0  # seconds without a database
STOPPED_FOR = CALL + 2.0  # seconds: past the deadline of the call in hand, and past the sweep
SCRIPTED_AHEAD = 12  # provider faults that may wait for their call
ORDERED_AHEAD = 4  # boundaries that may wait for a passer-by: with one at every door nobody would get anywhere
# Where every sweep comes by: what broke is found by sweeps, and with each of them broken nothing else would happen.
SWEEP = {
    "take_over",
    "give_up_overdue",
    "expire_overdue",
    "fall_back_all",
    "accounts_with_work",
    "accounts_with_resends",
    "nudge",
    "accounts_due",
}
SELDOM = 0.15


class Chaos:
    """Strikes; `struck` counts what was begun, and tests.soak.worker's list of deeds what came of the orders."""

    def __init__(self, scene: Scene, workers: Sequence[Worker], draw: random.Random) -> None:
        self.scene, self.workers, self.draw = scene, workers, draw
        self.orders = scene.directory
        self.struck: Counter[str] = Counter()
        self.is_over = False
        self._stopped: dict[int, float] = {}
        self._ordered: list[str] = []
        self._boundaries = self._scripted = 0
        self._weights: dict[Callable[[], None], float] = {  # how often each is drawn
            self._trouble_at_the_provider: 40,
            self._order_break: 16,
            self._order_disconnect: 16,
            self._end_a_session: 8,
            self._order_lost_commit: 5,
            # What a dead worker held is let go after some seconds: with more of these, nothing else would happen.
            self._order_kill: 0.7,
            self._kill: 0.15,
            self._order_stop: 0.1,
            self._stop: 0.1,
            self._restart_postgres: 0.06,
        }

    def only_kill(self) -> None:
        """From here on nothing but kills, at each boundary in turn and anywhere, and restarts of the database."""
        self._weights = {self._order_kill: 5, self._kill: 2, self._restart_postgres: 3}

    def kill_more(self) -> None:
        """About one fault in ten is a kill: in a short run there would else be hardly one."""
        self._weights |= {self._order_kill: 7, self._kill: 2}

    def strike(self) -> None:
        """One fault, drawn."""
        (fault,) = self.draw.choices(list(self._weights), list(self._weights.values()))
        fault()

    def count(self) -> int:
        """How many faults there have been."""
        deeds = self.orders / DEEDS_DONE
        return self.struck.total() + (deeds.read_bytes().count(b"\n") if deeds.exists() else 0)

    def wake(self) -> None:
        """Let go on what was stopped for long enough."""
        for worker in self.workers:
            if _is_stopped(worker.pid):
                since = self._stopped.setdefault(worker.pid, time.monotonic())
                if time.monotonic() - since > STOPPED_FOR:
                    self._continue(worker.pid)
            else:
                self._stopped.pop(worker.pid, None)

    def end(self) -> None:
        """Nothing more goes wrong: orders that nobody took are taken back, and what is stopped goes on."""
        self.is_over = True
        self.struck["fault of a provider"] = self._scripted - self.scene.faults_waiting()
        self.scene.clear_faults()
        for boundary in BOUNDARIES:
            (self.orders / boundary.name).unlink(missing_ok=True)
        (self.orders / LOST_COMMIT).unlink(missing_ok=True)
        for worker in self.workers:
            if _is_stopped(worker.pid):
                self._continue(worker.pid)

    # -- the provider --

    def _trouble_at_the_provider(self) -> None:
        waiting = self.scene.faults_waiting()
        self.struck["fault of a provider"] = self._scripted - waiting
        if waiting < SCRIPTED_AHEAD:
            provider = self.draw.choice(list(AT))
            self.scene.script_fault({"provider": provider, **self.draw.choice(AT[provider])})
            self._scripted += 1

    # -- processes --

    def _order_kill(self) -> None:
        place = BOUNDARIES[self._boundaries % len(BOUNDARIES)].name
        self._boundaries += 1  # in turn: each boundary as often as the others
        self._order(place, "kill")

    def _order_stop(self) -> None:
        self._order_anywhere("stop")

    def _order_break(self) -> None:
        self._order_anywhere("break")

    def _kill(self) -> None:
        self._signal(signal.SIGKILL, "kill")

    def _stop(self) -> None:
        self._signal(signal.SIGSTOP, "stop")

    def _signal(self, number: signal.Signals, word: str) -> None:
        worker = self.draw.choice(self.workers)
        note(self.orders, "anywhere", word, pid=worker.pid)
        with suppress(ProcessLookupError):
            os.kill(worker.pid, number)

    def _continue(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        self.struck["stopped worker that went on"] += 1

    # -- the database --

    def _order_disconnect(self) -> None:
        self._order_anywhere("disconnect")

    def _order_lost_commit(self) -> None:
        self._order(LOST_COMMIT, "lose")

    def _end_a_session(self) -> None:
        insist(_terminate_one)
        self.struck["session terminated"] += 1

    def _restart_postgres(self) -> None:
        os.kill(insist(_postmaster), signal.SIGQUIT)  # immediate: as after a power cut, but for the disk
        time.sleep(AWAY_FOR)
        self.scene.postgres.start()
        note(self.orders, "postgres", "back")
        connection.close()

    def _order_anywhere(self, word: str) -> None:
        """Where nothing is ordered yet. The oldest that nobody came by for is taken back: some places are rare."""
        free = [each for each in BOUNDARIES if not (self.orders / each.name).exists()]
        often = [SELDOM if each.step.rpartition(".")[2] in SWEEP else 1.0 for each in free]
        place = self.draw.choices(free, often)[0].name
        self._order(place, word)
        waiting = [each for each in (*self._ordered, place) if (self.orders / each).exists()]
        for each in waiting[:-ORDERED_AHEAD]:
            (self.orders / each).unlink(missing_ok=True)
        self._ordered = waiting[-ORDERED_AHEAD:]

    def _order(self, place: str, word: str) -> None:
        unfinished = Path(self.orders / f"{place}.new")
        unfinished.write_text(word)
        unfinished.rename(self.orders / place)


def _terminate_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            " ORDER BY random() LIMIT 1"
        )


def _postmaster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    return int(Path(f"/proc/{session}/stat").read_text().rpartition(") ")[2].split()[1])


def _is_stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("T")
    except OSError:
        return False
