"""Where everything stands: each row, the provider's book, its faults and what the worker knows of clocks, as one value.

Two that are as each other lead to the same, whatever happens next: what differs between them is which numbers the
database gave, and moments by what the machine needed for its work.
"""

import json
import re
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from payouts.worker import clock
from tests.machine.installation import Installation
from tests.props.rows.emptying import tables

WORK = 5.0  # seconds that the same steps may take longer another time; steps let ten and more pass between two deeds
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
CLOCK = re.compile(r"\d{10,}(\.\d+)?")  # Unix time within a provider's text
FLEETING = {"duration_ms"}  # how long the machine took
DRAWN = {("payouts_witnesslink", "witness"): "witnesses"}  # ids that are drawn, of things that are no rows
IN_ORDER = dict.fromkeys(("payouts_submission", "payouts_lostcall"), "account_id, serial")  # not by a drawn key
SIGNED = {"headers", "body"}  # of a call: what was said stands in its other fields, and in the submission's row


@dataclass(frozen=True)
class State:
    """What stands there, with numbers for numbers, and how long ago each moment in it was."""

    told: str
    ages: tuple[float, ...]

    def is_as(self, other: "State") -> bool:
        """Whether the same happens from here as from there."""
        alike = len(self.ages) == len(other.ages) and self.told == other.told
        return alike and all(abs(one - another) < WORK for one, another in zip(self.ages, other.ages, strict=True))


def state_of(here: Installation) -> State:
    """As of now."""
    read = _Reading(time.time())
    rows = [[table, read.row(table, json.loads(row))] for table, row in _rows()]
    calls = [asdict(call) | {"sender": here.book.sender(call)} for call in here.book.calls()]
    told = {
        "rows": rows,
        "calls": [read.call({name: value for name, value in call.items() if name not in SIGNED}) for call in calls],
        "faults": [asdict(fault) for fault in here.simulator.faults.waiting()],
        "clocks": {name: measure.clock for name, measure in sorted(clock._measures.items())},
        "down": [name for name, line in here.lines.items() if line.is_down],
    }
    return State(json.dumps(told, default=str), tuple(read.ages))


@dataclass
class _Reading:
    now: float
    ages: list[float] = field(default_factory=list)
    numbers: dict[tuple[str, Any], int] = field(default_factory=dict)

    def row(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """One row; a key is the how-manieth of its table that was met."""
        keys = _keys()
        if table == "payouts_auditevent":
            row["subject_id"] = self._number(f"payouts_{row['subject_type']}", row["subject_id"])
        return {
            name: self._number(keys[table, name], value) if (table, name) in keys else self._plain(value)
            for name, value in row.items()
            if name not in FLEETING
        }

    def call(self, call: dict[str, Any]) -> dict[str, Any]:
        """One call of the book."""
        self.ages.append(self.now - call.pop("received_at"))
        return call

    def _number(self, table: str, key: Any) -> int | None:
        return None if key is None else self.numbers.setdefault((table, str(key)), len(self.numbers))

    def _plain(self, value: Any) -> Any:
        match value:
            case str() if MOMENT.fullmatch(value):
                moment = datetime.fromisoformat(value)
                self.ages.append(self.now - (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
                return "a moment"
            case str():
                return CLOCK.sub("a moment", value)
            case dict():
                return {name: self._plain(each) for name, each in value.items() if name not in FLEETING}
            case list():
                return [self._plain(each) for each in value]
            case _:
                return value


def _rows() -> list[tuple[str, str]]:
    """Every row of the app and of the queue, by table and key."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        return [(table, row) for table, row in cursor.fetchall()]


@cache
def _statement() -> str:
    key = {model._meta.db_table: model._meta.pk.column for model in _models()} | {"procrastinate_jobs": "id"} | IN_ORDER
    those = [table for table in tables() if table.startswith(("payouts_", "procrastinate_jobs"))]
    texts = (f"(SELECT '{table}', to_jsonb(t)::text FROM {table} t ORDER BY {key[table]})" for table in those)  # noqa: S608
    return " UNION ALL ".join(texts)


@cache
def _keys() -> dict[tuple[str, str], str]:
    """Table and column: the table whose rows the column numbers."""
    found = {("procrastinate_jobs", "id"): "procrastinate_jobs", **DRAWN}
    for model in _models():
        for each in model._meta.concrete_fields:
            if each.primary_key or each.related_model is not None:
                found[model._meta.db_table, each.column] = (each.related_model or model)._meta.db_table
    return found


def _models() -> list[Any]:
    return list(apps.get_app_config("payouts").get_models(include_auto_created=True))
