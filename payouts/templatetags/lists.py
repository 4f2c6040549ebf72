"""A changelist's table and filters, as its template lays them out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import PAGE_VAR, ChangeList

from payouts.models import Withdrawal
from payouts.templatetags.countersign import places

register = template.Library()
_EMPTY = "–"


@dataclass(frozen=True)
class Cell:
    """What one row shows under one heading; narrow screens repeat the heading beside it."""

    name: str
    heading: str
    value: Any


@dataclass(frozen=True)
class ListTable:
    """Headings and rows; `places` is how many decimals its amounts show at most."""

    headings: list[tuple[str, str]]
    rows: list[list[Cell]]
    places: int


@dataclass(frozen=True)
class Filter:
    """A menu of choices, of which one is chosen; `without` is the query that leaves it out."""

    title: str
    choices: list[Mapping[str, Any]]
    chosen: str
    without: str
    is_set: bool


@dataclass(frozen=True)
class PageStretch:
    """The rows first to last of so many; `before` and `after` are queries, empty where there is no such page."""

    first: int
    last: int
    of: int
    before: str
    after: str


@register.simple_tag
def table_of(changelist: ChangeList) -> ListTable:
    """The page's rows, by the columns of list_display."""
    columns = [(str(name), _heading(changelist, str(name))) for name in changelist.list_display]
    rows = [
        [Cell(name, heading, _value(changelist, name, row)) for name, heading in columns]
        for row in changelist.result_list
    ]
    withdrawals = [row for row in changelist.result_list if isinstance(row, Withdrawal)]
    return ListTable(columns, rows, places(withdrawals))


@register.simple_tag
def filters_of(changelist: ChangeList) -> list[Filter]:
    """A menu for each filter; the first choice of each is not to filter."""
    return [_filter(spec.title, list(spec.choices(changelist))) for spec in changelist.filter_specs]


@register.simple_tag
def stretch_of(changelist: ChangeList) -> PageStretch:
    """Where the page stands in the list, and the queries of its neighbours."""
    number, size = changelist.page_num, changelist.list_per_page
    first = (number - 1) * size + 1
    last = first + len(changelist.result_list) - 1
    before = changelist.get_query_string({PAGE_VAR: number - 1}) if number > 1 else ""
    after = changelist.get_query_string({PAGE_VAR: number + 1}) if last < changelist.result_count else ""
    return PageStretch(first, last, changelist.result_count, before, after)


def _filter(title: Any, choices: list[Mapping[str, Any]]) -> Filter:
    at = next((place for place, choice in enumerate(choices) if choice["selected"]), 0)
    return Filter(str(title), choices, str(choices[at]["display"]), choices[0]["query_string"], at > 0)


def _heading(changelist: ChangeList, name: str) -> str:
    text = str(label_for_field(name, changelist.model, model_admin=changelist.model_admin))
    return text[:1].upper() + text[1:]


def _value(changelist: ChangeList, name: str, row: Any) -> Any:
    field, _, value = lookup_field(name, row, changelist.model_admin)
    return value if field is None else display_for_field(value, field, _EMPTY)
