"""`python -m tests.soak`: the long forms of the proof. Run it by script/soak."""

import argparse
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence

RACES = ["tests/races"]
MACHINE = ["tests/machine/test_machine.py"]


def main() -> int:
    """0 when everything that was asked for held."""
    asked = _arguments()
    statuses = []
    if asked.steps:
        told = {"MACHINE_STEPS": str(asked.steps), "MACHINE_SEED": str(asked.seed)}
        statuses.append(_pytest(MACHINE, told, "-n", "2"))
    if asked.races:
        statuses.append(_pytest(RACES, {"RACE_ROUNDS": str(asked.rounds)}, "-n", "2"))
    if asked.mutants:
        statuses.append(subprocess.run([sys.executable, "-m", "tests.mutants"], check=False).returncode)
    if asked.processes:
        from tests.soak import processes

        statuses.append(processes.run(asked))
    if asked.back_in_time:
        from tests.soak.back_in_time import run

        statuses.append(run.run(asked))
    return max(statuses)


def _pytest(tests: Sequence[str], told: dict[str, str], *options: str) -> int:
    postgres = ["-m", "demo.embedded", "run", "--throwaway", "--name", "soak-tests", "--"]
    command = [sys.executable, *postgres, sys.executable, "-m", "pytest", "-q", *options, *tests]
    return subprocess.run(command, env=os.environ | told, check=False).returncode


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/soak", description="The long forms of the proof. Choose at least one."
    )
    parser.add_argument("--steps", type=int, metavar="N", help="the stateful test, for so many steps")
    parser.add_argument("--processes", action="store_true", help="real processes, killed, stopped and cut off")
    parser.add_argument("--back-in-time", action="store_true", help="the database goes back, again and again")
    parser.add_argument("--races", action="store_true", help="acts at the same instant, many times")
    parser.add_argument("--mutants", action="store_true", help="seeded bugs, each of which has to be noticed")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--rounds", type=int, default=1000, help="of each race (1000)")
    work = parser.add_argument_group("with --processes")
    work.add_argument("--withdrawals", type=int, default=1000, help="(1000)")
    work.add_argument("--faults", type=int, default=10_000, help="(10000)")
    work.add_argument("--minutes", type=float, default=90.0, help="no more faults after that long (90)")
    work.add_argument("--workers", type=int, default=4, help="(4)")
    work.add_argument("--accounts", type=int, default=24, help="a third of them Swapspace's (24)")
    work.add_argument("--looks", type=int, default=5, help="of people, a minute apart, for what is unknown (5)")
    work.add_argument("--name", default="soak", help="of its PostgreSQL and its directory below var/ (soak)")
    work.add_argument("--more-kills", action="store_true", help="one fault in ten, for a run of minutes")
    work.add_argument("--true-pace", action="store_true", help="nothing hastened, and nothing but kills and restarts")
    roads = parser.add_argument_group("with --back-in-time")
    roads.add_argument("--rehearsals", type=int, default=100, metavar="N", help="(100)")
    roads.add_argument("--roads", nargs="*", default=[], help="only those that begin like this: standby, base, …")
    roads.add_argument("--witness", choices=["file", "postgres"], help="in a file, or in another server (half of each)")
    asked = parser.parse_args()
    if not (asked.steps or asked.processes or asked.back_in_time or asked.races or asked.mutants):
        parser.error("choose --steps N, --processes, --back-in-time, --races or --mutants")
    return asked


if __name__ == "__main__":
    sys.exit(main())
