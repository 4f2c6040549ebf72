"""What the provider's book knows: what was paid, what was given back, and what nobody can tell yet."""

import hashlib
import time
from collections.abc import Sequence
from enum import Enum

from demo.simulator.book import Call
from demo.simulator.faults.fate import DONE
from tests.machine.steps.ageing import NotedBook


class Became(Enum):
    """What became of the money of one withdrawal, as of now."""

    NEVER_BOOKED = "never booked"
    ON_ITS_WAY = "on its way"
    PAID = "paid"
    GIVEN_BACK = "given back"


def booked(book: NotedBook, reference: str) -> list[Call]:
    """What the provider will pay because of this withdrawal: one at most, if all is well."""
    return [call for call in book.booked() if book.sender(call) == reference]


def became(calls: Sequence[Call]) -> Became:
    """Of what was booked for one withdrawal."""
    if not calls:
        return Became.NEVER_BOOKED
    call, now = calls[0], time.time()
    if call.fate.has_given_back(call.received_at, now):
        return Became.GIVEN_BACK
    is_last = call.fate.status(call.received_at, now) == call.fate.statuses[-1] == DONE
    return Became.PAID if is_last else Became.ON_ITS_WAY


def found_as(call: Call) -> str:
    """What people would write down of it: the provider's id, or a transaction where there is none."""
    return call.withdrawal_id or hashlib.sha256(f"transaction {call.sequence}".encode()).hexdigest()
