"""Every boundary, with every fault, at every kind of provider: a worker dies there, and all comes to a good end.

Each cell is one withdrawal that two people approved. A fault waits for its next call; a worker is killed at the boundary,
the first time it comes there; then a worker that lives, the sweep, time, looks, the one resend and, for what stays
unknown, two people who read the provider's book bring it to an end. After each step everything is checked.
"""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal

import pytest

from payouts.simulator.fault import KINDS, On
from payouts.simulator.faults import read_fault
from tests.boundaries import BOUNDARIES, STEPS, Boundary
from tests.machine import ending, worker
from tests.machine.checks import Checks
from tests.machine.installation import ACCOUNTS, BLIND, IDEMPOTENT, LOOK_UP_ONLY, PROVIDER, Installation, installed
from tests.machine.stage import ask_and_have_approved
from tests.machine.troubles import ON_CREATE, ON_RECORDS, ON_TIME, Trouble, name_of

KIND = {IDEMPOTENT: "idempotent", LOOK_UP_ONLY: "look-up-only", BLIND: "blind"}
TROUBLES = {"zoomex": [*ON_CREATE["zoomex"], *ON_RECORDS, *ON_TIME], "swapspace": ON_CREATE["swapspace"]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("account", "trouble"),
    [
        pytest.param(account, trouble, id=f"{KIND[account]}: {name_of(trouble)}")
        for account in ACCOUNTS
        for trouble in TROUBLES[PROVIDER[account]]
    ],
)
def test_whoever_dies_wherever_it_comes_to_a_good_end(account: str, trouble: Trouble) -> None:
    pass
