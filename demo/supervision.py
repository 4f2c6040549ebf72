"""Several programs as one: started together, each kept running, ended together."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from demo.programs import Program

P = TypeVar("P", bound=Program)

GRACE = 10.0  # seconds to finish what is under way


@contextmanager
def running(programs: Sequence[P]) -> Iterator[Sequence[P]]:
    """Start the programs: inside the block all of them answer, and none is left after it. Raises programs.Unfit."""
    try:
        for program in programs:
            program.start()
        for program in programs:
            program.wait_for_an_answer()
        yield programs
    finally:
        for program in programs:
            program.ask_to_end()
        deadline = time.monotonic() + GRACE
        for program in programs:
            program.end(deadline)


def keep_running(programs: Sequence[Program]) -> None:
    """Start again whatever has ended, and say so. To be called again and again."""
    for program in programs:
        ended = program.restart_if_ended()
        if ended is not None:
            print(f"The {program.name} ended with status {ended} and was started again.", flush=True)
