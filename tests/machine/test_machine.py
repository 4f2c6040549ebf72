"""The machine at work: at least 20,000 steps in any order, each checked. See tests/machine; longer by script/soak."""

import os

import pytest

from tests.machine.run import run

STEPS = int(os.environ.get("MACHINE_STEPS", "20000"))
SEED = int(os.environ.get("MACHINE_SEED", "1"))
PARTS = 8  # for as many processes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_in_whatever_order_every_promise_holds(part: int) -> None:
    assert run(STEPS // PARTS, SEED + part) >= STEPS // PARTS
