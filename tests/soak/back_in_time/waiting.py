"""Waiting for conditions, never for seconds; what ended meanwhile is started again."""

import time
from collections.abc import Callable, Sequence

from tests.soak.scene import Worker

Wait = Callable[[str, Callable[[], object]], None]
PATIENCE = 180.0  # seconds, on a busy machine
BEAT = 0.01


class NeverCame(Exception):
    """A condition that has to come about did not."""


def waiting(workers: Sequence[Worker]) -> Wait:
    """To wait for something, by what it is called, while these are supervised."""

    def wait(what: str, condition: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > ends:
                raise NeverCame(what)
            for worker in workers:
                worker.restart_if_ended()
            time.sleep(BEAT)

    return wait
