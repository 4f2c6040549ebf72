"""The incidents that can be rehearsed: incidents.toml, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from demo.simulator.faults.asked import read_fault
from demo.simulator.faults.fault import Fault


@dataclass(frozen=True)
class Incident:
    """One card of the page: three texts, and the fault that brings it about at each provider that has it."""

    key: str
    title: str
    happens: str
    see: str
    resolve: str
    faults: Mapping[str, Fault]


@dataclass(frozen=True)
class Group:
    """Incidents that stand together on the page, under one heading."""

    title: str
    lead: str
    incidents: tuple[Incident, ...]


def _incident(told: dict[str, Any]) -> Incident:
    faults = {name: read_fault({"provider": name, **fault}) for name, fault in told["faults"].items()}
    return Incident(**{**told, "faults": faults})


def _read(path: Path) -> tuple[Group, ...]:
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return tuple(Group(told["title"], told["lead"], tuple(map(_incident, told["incident"]))) for told in groups)


GROUPS = _read(Path(__file__).with_name("incidents.toml"))
INCIDENTS = {incident.key: incident for group in GROUPS for incident in group.incidents}


def title(fault: Fault) -> str:
    """What the page calls a scripted fault; its kind, where it is none of the page's."""
    for incident in INCIDENTS.values():
        if any(replace(known, times=fault.times) == fault for known in incident.faults.values()):
            return incident.title
    return f"{fault.kind.replace('_', ' ')} ({fault.on})"
