"""Runs the machine for so many steps from a seed; the same seed does the same again."""

from contextlib import closing

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.installation import installed
from tests.machine.stage import Stage
from tests.machine.steps.rules_of_people import RulesOfPeople
from tests.machine.steps.rules_of_workers import RulesOfWorkers
from tests.machine.worker import SecondWorker

STEPS_EACH = 80  # rules in one example; some are several steps
EXAMPLES_EACH = 6  # before the number of steps is looked at again


class Machine(RulesOfPeople, RulesOfWorkers):
    """Everything, in any order."""


def run(steps: int, number: int) -> int:
    """At least so many steps; how many there were. Raises what broke, after the way to do the same again."""
    with installed() as here, closing(SecondWorker()) as second:
        Stage.here, Stage.second, Stage.steps = here, second, 0
        turn = 0
        while Stage.steps < steps:
            _turn(number + turn * 1_000_003)
            turn += 1
    return Stage.steps


def _turn(number: int) -> None:
    told = settings(
        max_examples=EXAMPLES_EACH,
        stateful_step_count=STEPS_EACH,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
    )
    try:
        run_state_machine_as_test(seed(number)(Machine), settings=told)
    except BaseException as err:
        err.add_note(f"The same again: python -m tests.machine --steps 1 --seed {number}")
        raise
