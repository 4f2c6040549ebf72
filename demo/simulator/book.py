"""The book: every call that asked for a withdrawal, booked or not, in the order received.

Kept in memory and, where a file is named, in that file too, so that a provider remembers across restarts.
"""

import json
import threading
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TypedDict

from demo.simulator.faults.fate import Fate


class Told(TypedDict, total=False):
    """What a call says, as texts; None where it does not say it."""

    customer: str | None  # the API key or merchant code it claims
    reference: str | None  # Zoomex's requestId; Swapspace has none
    coin: str | None
    amount: str | None
    address: str | None
    address_type: str | None
    area_code: str | None
    remark: str | None
    block_chain: str | None


@dataclass(frozen=True)
class Call:
    """One call to a create endpoint, with what it said and what was decided."""

    provider: str
    received_at: float  # Unix seconds, taken before anything else was done
    content_type: str
    body: str
    headers: dict[str, str]
    customer: str | None = None  # these nine: see Told
    reference: str | None = None
    coin: str | None = None
    amount: str | None = None
    address: str | None = None
    address_type: str | None = None
    area_code: str | None = None
    remark: str | None = None
    block_chain: str | None = None
    code: int | None = None  # what was decided; None when a fault came before the decision
    message: str = ""
    http_status: int | None = None
    withdrawal_id: str | None = None
    booked: bool = False
    fault: str | None = None  # the scripted fault that met this call, if one did
    fate: Fate = field(default_factory=Fate)  # what becomes of it, once it is booked
    sequence: int = field(default=0)  # 1, 2, 3 … given by the book


class Book:
    """Thread-safe through `lock`: whoever decides and remembers in one step holds it for both."""

    def __init__(self, first_withdrawal_id: int = 10195, *, kept_in: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._calls: list[Call] = []
        self._booked: dict[tuple[str, str], Call] = {}
        self._spent: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self._giving_back: defaultdict[tuple[str, str, str], list[Call]] = defaultdict(list)
        self._next_id = first_withdrawal_id
        self._kept_in = kept_in
        if kept_in is not None and kept_in.exists():
            for line in kept_in.read_text().splitlines():
                self._add(_read(line))

    def remember(self, call: Call) -> Call:
        """Add a call and, when it is booked, take its amount from its customer."""
        with self.lock:
            call = replace(call, sequence=len(self._calls) + 1)
            if self._kept_in is not None:
                with self._kept_in.open("a") as file:
                    file.write(json.dumps(asdict(call)) + "\n")
            self._add(call)
            return call

    def calls(self) -> list[Call]:
        """Every call that arrived, the refused ones too, oldest first."""
        with self.lock:
            return list(self._calls)

    def booked(self, provider: str | None = None) -> list[Call]:
        """What a provider will pay, oldest first."""
        return [call for call in self.calls() if call.booked and provider in (None, call.provider)]

    def find(self, provider: str, reference: str) -> Call | None:
        """The booked call with this reference, None when there is none."""
        with self.lock:
            return self._booked.get((provider, reference))

    def spent(self, provider: str, customer: str, coin: str, at: float) -> Decimal:
        """How much of a coin was booked for a customer so far and has not been given back."""
        with self.lock:
            ours = provider, customer, coin
            back = [call for call in self._giving_back[ours] if call.fate.has_given_back(call.received_at, at)]
            return self._spent[ours] - sum(Decimal(call.amount or 0) for call in back)

    def new_withdrawal_id(self) -> str:
        """The next id; never given twice."""
        with self.lock:
            self._next_id += 1
            return str(self._next_id - 1)

    def _add(self, call: Call) -> None:
        self._calls.append(call)
        if call.withdrawal_id is not None:
            self._next_id = max(self._next_id, int(call.withdrawal_id) + 1)
        if call.booked:
            self._settle(call)

    def _settle(self, call: Call) -> None:
        if call.reference is not None:
            self._booked[call.provider, call.reference] = call
        if call.customer and call.coin and call.amount:
            theirs = call.provider, call.customer, call.coin
            self._spent[theirs] += Decimal(call.amount)
            if call.fate.gives_back:
                self._giving_back[theirs].append(call)


def _read(line: str) -> Call:
    told = json.loads(line)
    fate = told.pop("fate", {})  # a file of an earlier release names none
    if "statuses" in fate:
        fate["statuses"] = tuple(fate["statuses"])
    return Call(**told, fate=Fate(**fate))
