"""Run a command with an embedded PostgreSQL: `python -m demo.embedded run [options] -- COMMAND...`.

Starts the server, runs the command with DATABASE_URL set, stops the server, and ends as the command
ended. When DATABASE_URL is set already, the command uses that server and nothing is started.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from types import FrameType
from typing import NoReturn

from demo.embedded import AlreadyRunning, DidNotStart, EmbeddedPostgres, UntrustedPath

PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def main(arguments: list[str] | None = None) -> int:
    """Return the command's exit status, 128 + N when signal N ended it, 2 when there is no server for it."""
    asked = _arguments(arguments)
    if os.environ.get("DATABASE_URL"):
        os.execvp(asked.command[0], asked.command)  # noqa: S606 - what the caller typed
    for number in PASSED_ON:
        signal.signal(number, _leave)
    postgres = EmbeddedPostgres(asked.name, throwaway=asked.throwaway)
    try:
        if asked.fresh:
            postgres.remove()
        with postgres as url:
            return _run(asked.command, os.environ | {"DATABASE_URL": url})
    except (AlreadyRunning, DidNotStart, UntrustedPath) as err:
        print(f"The embedded PostgreSQL cannot be used. {err}", file=sys.stderr)
        return 2


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.embedded")
    run = parser.add_subparsers(required=True).add_parser("run", help="run a command with the server up")
    run.add_argument("--name", default="demo", help="which of the checkout's servers (demo)")
    run.add_argument("--throwaway", action="store_true", help="a new one, for this run alone")
    run.add_argument("--fresh", action="store_true", help="remove what it held before")
    run.add_argument("command", nargs="+")
    asked = parser.parse_args(arguments)
    if shutil.which(asked.command[0]) is None:
        run.error(f"there is no command {asked.command[0]}")
    return asked


def _run(command: list[str], environment: dict[str, str]) -> int:
    early: list[int] = []  # signals that came while the command was being started
    for number in PASSED_ON:
        signal.signal(number, lambda number, _: early.append(number))
    child = subprocess.Popen(command, env=environment)
    for number in PASSED_ON:
        signal.signal(number, lambda number, _: _pass_on(number, child))
    for waiting in early:
        _pass_on(waiting, child)
    status = child.wait()
    return status if status >= 0 else 128 - status


def _pass_on(number: int, child: "subprocess.Popen[bytes]") -> None:
    """Signal the child, but for Ctrl-C in a terminal, which reaches the child by itself.

    A second Ctrl-C would cut the child's clean end short.
    """
    if not (number == signal.SIGINT and _in_the_foreground()):
        child.send_signal(number)


def _in_the_foreground() -> bool:
    try:
        with open("/dev/tty") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def _leave(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
