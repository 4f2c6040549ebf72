"""How a witness's file writes what it was told: one line each, with a check, so that a torn line shows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from payouts.domain.canonical import canonical
from payouts.domain.sending.witness import Entry, Known, Trail, WitnessAway

_CHECK = 16  # hex digits of SHA-256 before each line: against torn writes, not against forgers


def line(facts: Mapping[str, Any]) -> bytes:
    """One record as the file has it, its line feed included."""
    text = canonical(facts)
    return f"{_check(text)} {text}\n".encode()


def unlined(raw: bytes) -> dict[str, Any] | None:
    """The record of one line without its line feed; None for what `line` did not write."""
    try:
        check, text = raw.decode("ascii").split(" ", 1)
    except ValueError:
        return None
    return json.loads(text) if check == _check(text) else None


def _check(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_CHECK]


def told_call(entry: Entry, trail: Trail | None) -> dict[str, Any]:
    """A call, and the trail that was told with it."""
    facts = {
        "account": entry.account,
        "serial": entry.serial,
        "call": entry.call,
        "reference": entry.reference,
        "digest": entry.digest,
        "at": entry.at,
        "left": entry.left,
    }
    return {"told": "call", **facts, **(of_trail(trail) if trail else {})}


def of_trail(trail: Trail) -> dict[str, Any]:
    """A trail, as any record may bring one."""
    return {"ids": trail.ids, "hash": trail.hash}


def entry_of(facts: Mapping[str, Any]) -> Entry:
    """The call of a record."""
    return Entry(
        account=facts["account"],
        serial=facts["serial"],
        call=UUID(facts["call"]),
        reference=facts["reference"],
        digest=facts["digest"],
        at=datetime.fromisoformat(facts["at"]),
        left=facts["left"],
    )


@dataclass
class Memory:
    """What the records so far come to."""

    witness: UUID | None = None
    last: dict[str, Entry] = field(default_factory=dict)
    trail: Trail = field(default_factory=Trail)
    released: list[UUID] = field(default_factory=list)

    def take(self, facts: Mapping[str, Any]) -> None:
        """One record more. Raises WitnessAway for one that no version of this product wrote."""
        match facts:
            case {"told": "founded", "witness": witness}:
                self.witness = UUID(witness)
            case {"told": "call"}:
                entry = entry_of(facts)
                self.last[entry.account] = entry
            case {"told": "trail"}:
                pass
            case {"told": "release", "proposal": proposal}:
                self.released.append(UUID(proposal))
            case _:
                raise WitnessAway("The witness holds a record that this version does not know.")
        if "hash" in facts:
            self.trail = Trail(tuple(facts["ids"]), facts["hash"])

    def known(self) -> Known:
        """As people outside may keep it. Raises WitnessAway where nothing was founded."""
        if self.witness is None:
            raise WitnessAway("The witness was never founded.")
        return Known(self.witness, dict(self.last), self.trail, tuple(self.released))
