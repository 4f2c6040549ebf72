"""How much of the rate that the providers allow is used, and whether any two calls come closer than a second.

    .venv/bin/python -m benchmarks.rate [--seconds 30] [NAME...]

Every withdrawal is approved beforehand; then workers start as processes of their own, and the provider's book tells
when each call arrived. Counted from each account's third call until the first account has nothing left. Ideal is one
call per account every (1 s + latency). Prints a Markdown table; ends with 1 when a gap was short.
"""

import argparse
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, pairwise
from typing import Any

from benchmarks.latency import LATENCY
from demo.supervision import running
from tests.soak.scene import Cast, Scene, Worker, installed
from tests.soak.worker import CLOCK

TIMEOUT = 20  # seconds: the product's default for a call
FIRST_COUNTED = 2  # each account's first calls open connections and import modules
WARM_UP = 8  # calls per account beyond those that are measured
TEN_MINUTES = "600"


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    workers: int
    accounts: int
    latency: float = 0.0
    burners: int = 0
    restart_every: float = 0.0  # seconds between two SIGTERMs, worker after worker
    kill_every: float = 0.0
    wrong_clocks: int = 0  # further workers whose clock is ten minutes fast
    hanging: int = 0  # further accounts whose provider never answers
    at_least: float = 0.0  # seconds to run, whatever was asked for

    @property
    def name(self) -> str:
        parts = [f"{self.workers} workers, {self.accounts} accounts, {self.latency * 1000:.0f} ms"]
        parts += [f"{self.burners} CPU burners"] * bool(self.burners)
        parts += [f"a restart every {self.restart_every:g} s"] * bool(self.restart_every)
        parts += [f"a kill every {self.kill_every:g} s"] * bool(self.kill_every)
        parts += ["one more worker with a clock ten minutes fast"] * bool(self.wrong_clocks)
        parts += ["one more account that hangs"] * bool(self.hanging)
        return ", ".join(parts)


CASES = {
    **{
        f"w{workers}-a{accounts}-l{latency}": Case(workers, accounts, latency / 1000)
        for workers in (1, 4)
        for accounts in (5, 20)
        for latency in (0, 200)
    },
    "burners": Case(4, 5, 0.2, burners=2),
    "restarts": Case(4, 5, 0.2, restart_every=5),
    "kills": Case(4, 5, 0.2, kill_every=60, at_least=250),  # long enough for each worker to be killed once
    "kills-a20": Case(4, 20, 0.2, kill_every=60, at_least=250),
    "kills-w1": Case(1, 5, 0.2, kill_every=120, at_least=250),
    "many-kills": Case(4, 5, 0.2, kill_every=10, at_least=120),
    "clock": Case(3, 5, 0.2, wrong_clocks=1),
    "hang": Case(1, 5, 0.2, hanging=1),
}


@dataclass(frozen=True)
class Measured:
    """What the book says."""

    calls: int
    per_second: float
    ideal: float
    short_gaps: int
    shortest: float

    def line(self, name: str) -> str:
        """A row of the table."""
        ratio = self.per_second / self.ideal
        return (
            f"| {name} | {self.calls} | {self.per_second:.2f} | {self.ideal:.2f} | {ratio:.3f} "
            f"| {self.short_gaps} | {self.shortest:.3f} |"
        )


def measure(case: Case, calls: Sequence[dict[str, Any]]) -> Measured:
    """The rate while every account had something to send, and every gap that there was."""
    arrived: defaultdict[str, list[float]] = defaultdict(list)
    for call in (call for call in calls if call["customer"]):  # not what a killed worker sent half of
        arrived[call["customer"]].append(call["received_at"])
    gaps = [later - earlier for times in arrived.values() for earlier, later in pairwise(times)]
    end = min(times[-1] for times in arrived.values())
    counted = [[at for at in times[FIRST_COUNTED:] if at <= end] for times in arrived.values()]
    ideal = case.accounts / (1 + case.latency)
    rate = sum(_rate(times, end - 1 - case.latency) for times in counted)
    return Measured(sum(map(len, counted)), rate, ideal, sum(gap < 1 for gap in gaps), min(gaps, default=0.0))


def _rate(times: Sequence[float], end: float) -> float:
    """Calls a second of one account, by whole intervals; one that stood still until the end has its wait counted."""
    span = max(times[-1], end) - times[0] if times else 0.0
    return (len(times) - 1) / span if span else 0.0


def run(case: Case, seconds: float) -> Measured:
    """One case, on an installation of its own."""
    seconds = max(seconds, case.at_least)
    cast = Cast(zoomex=case.accounts + case.hanging, swapspace=0, timeout=TIMEOUT)
    simulator: dict[str, Any] = {"providers": "benchmarks.latency", LATENCY: str(case.latency)}
    with installed("rate", cast, **simulator) as scene, _hanging() as silent:
        scene.elsewhere = dict.fromkeys(cast.names[case.accounts :], silent)
        each = int(seconds / (1 + case.latency)) + WARM_UP
        _approve(cast.names, each)
        with running(workers(scene, case)) as programs, _troubled(case, programs):
            _wait(each, give_up=time.monotonic() + 3 * seconds + 30)
        return measure(case, scene.calls())


def workers(scene: Scene, case: Case) -> list[Worker]:
    """As many as the case has; those with a wrong clock come last."""
    wrong = replace(scene, more=dict(scene.more) | {CLOCK: TEN_MINUTES})
    right = [scene.worker(number) for number in range(case.workers)]
    return right + [wrong.worker(case.workers + number) for number in range(case.wrong_clocks)]


def _approve(names: Sequence[str], each: int) -> None:
    from decimal import Decimal

    from payouts.models import Account
    from tests.props import cast as props

    cast = props.hire()
    for name in names:
        payee = props.active_address(cast, Account.objects.get(name=name))
        for number in range(each):
            props.approved(cast, payee, amount=Decimal(number + 1))


def _wait(each: int, *, give_up: float) -> None:
    """Until the first account has nothing left; short of the end, so that a held-up account is seen.

    Asked of the database: having the simulator print its whole book twice a second would hold up its answers.
    """
    from django.db.models import Count

    from payouts.models import Account

    done = Account.objects.annotate(calls=Count("submissions")).order_by("-calls").values_list("calls", flat=True)
    while time.monotonic() < give_up and (done.first() or 0) < each:
        time.sleep(0.5)


@contextmanager
def _hanging() -> Iterator[str]:
    """A port that takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        host, port = listening.getsockname()
        yield f"{host}:{port}"


@contextmanager
def _troubled(case: Case, programs: Sequence[Worker]) -> Iterator[None]:
    """Burners and supervision, and whoever restarts or kills worker after worker."""
    ended = threading.Event()

    def supervise() -> None:
        turns, next_at = cycle(programs), time.monotonic()
        every = case.restart_every or case.kill_every or float("inf")
        while not ended.wait(0.1):
            for program in programs:
                program.restart_if_ended()
            if time.monotonic() > next_at + every:
                unlucky, next_at = next(turns), time.monotonic()
                unlucky.ask_to_end() if case.restart_every else unlucky.kill()

    with ExitStack() as stack:
        for _ in range(case.burners):
            burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(burner.wait)
            stack.callback(burner.kill)
        thread = threading.Thread(target=supervise)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.rate", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--seconds", type=float, default=30.0)
    asked = parser.parse_args()
    if len(asked.names) == 1:
        measured = run(CASES[asked.names[0]], asked.seconds)
        print(measured.line(CASES[asked.names[0]].name), flush=True)
        return 1 if measured.short_gaps else 0
    print(
        "| case | calls | a second | ideal | ratio | gaps < 1 s | shortest gap, s |\n|---|---|---|---|---|---|---|",
        flush=True,
    )
    command = [sys.executable, "-m", "benchmarks.rate", "--seconds", str(asked.seconds)]
    return max([subprocess.run([*command, name], check=False).returncode for name in asked.names])


if __name__ == "__main__":
    sys.exit(main())
