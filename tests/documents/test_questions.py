"""The documents lead somewhere: what they name is there, and their tables and pictures are true."""

import importlib
import re
from datetime import timedelta
from pathlib import Path

import pytest

from payouts.domain.withdrawals.status import MOVES
from payouts.providers.base import Option
from tests.documents import imports
from tests.documents.pages import DOCS, ROOT, arrows, broken_links, pages, paths, said, stale, table

ARCHITECTURE = (DOCS / "architecture.md").read_text()
WORKER_DIES = (DOCS / "when-a-worker-dies.md").read_text()
RULES = table(ARCHITECTURE, "| rule | policy |")
ALL = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


@ALL
def test_every_path_is_there_and_mentions_what_it_is_said_to(page: Path) -> None:
    assert stale(page.read_text()) == []


@ALL
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_what_is_not_there_is_noticed() -> None:
    wrong = [
        "audit.py",
        "workflow/sending/gone.py",
        "backoffice/nowhere",
        "guards/<room>/none.sql",
        "gone.md",
        "script/no",
    ]
    assert stale("".join(f"`{path}` " for path in wrong)) == wrong
    assert stale("`worker/tasks.py: sweep`, `worker/tasks.py: swept`") == ["worker/tasks.py: swept"]
    assert list(paths("`HTTP 401`, `a/b`, `/v1/payouts`, `needed`")) == []
    assert len(list(paths(ARCHITECTURE))) > 100


# -- the rules, each of which stands in three places --


def rules_of_the_database() -> str:
    """The files in which they are named: between quotes."""
    sources = [*(ROOT / "payouts" / "guards").rglob("*.sql"), *(ROOT / "payouts" / "models").rglob("*.py")]
    return "\n".join(path.read_text() for path in sources)


def is_in(named: str, layers: tuple[str, ...]) -> bool:
    """Whether a file, or package, of that name in these layers mentions the function."""
    file, _, name = named.partition(".")
    places = [path for layer in layers for path in (ROOT / "payouts" / layer).rglob("*.py")]
    own = [path for path in places if file in (path.stem, path.parent.name if path.stem == "__init__" else "")]
    return any(re.search(rf"^(    )?(async )?(def |class |){name}\b", path.read_text(), re.MULTILINE) for path in own)


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_a_rule_stands_in_the_places_that_are_given(row: list[str]) -> None:
    _, policy, workflow, database = row
    assert [name for name in said(policy) if not is_in(name, ("domain",))] == []
    assert [name for name in said(workflow) if not is_in(name, ("workflow", "audit"))] == []
    known = rules_of_the_database()
    assert [rule for rule in said(database) if f"'{rule}'" not in known and f'"{rule}"' not in known] == []


def test_there_are_rules_and_none_without_a_place() -> None:
    assert len(RULES) > 25
    assert all(len(row) == 4 and any(said(cell) for cell in row[1:]) for row in RULES)


@ALL
def test_every_rule_that_is_named_in_a_document_is_in_the_code(page: Path) -> None:
    """A name of four words and more is a rule of the database, or a test of ours would not know what it is."""
    source = "\n".join(path.read_text() for path in (ROOT / "payouts").rglob("*") if path.suffix in (".py", ".sql"))
    named = {each for each in said(page.read_text()) if re.fullmatch(r"[a-z]+(_[a-z]+){3,}", each)}
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", source)] == []


# -- the pictures --


def test_the_picture_of_the_layers_shows_what_the_table_allows() -> None:
    allowed = {(layer, ours) for layer, (layers, _) in imports.table().items() for ours in layers}
    assert arrows(ARCHITECTURE, "flowchart") <= allowed
    assert len(arrows(ARCHITECTURE, "flowchart")) > 8


def test_the_picture_of_the_road_shows_every_move_and_no_other() -> None:
    moves = {(old.name, new.name) for old, reached in MOVES.items() for new in reached}
    assert arrows(ARCHITECTURE, "stateDiagram") == moves


def test_the_hour_is_none_too_long() -> None:
    assert 45 <= sum(int(row[0]) for row in table(ARCHITECTURE, "| minutes | read")) <= 60


# -- the limits --


def seconds(place: str) -> float:
    """What the code says, of `path: NAME`."""
    path, _, name = place.partition(": ")
    module = importlib.import_module(f"payouts.{path.removesuffix('.py').replace('/', '.')}")
    match getattr(module, name):
        case timedelta() as span:
            return span.total_seconds()
        case Option(default=default):
            return float(default)
        case value:
            return float(value)


@pytest.mark.parametrize("row", table(WORKER_DIES, "| limit |"), ids=lambda row: row[0])
def test_a_limit_is_as_long_as_the_page_says(row: list[str]) -> None:
    _, long, where = row
    (place,) = said(where)
    assert seconds(place) == float(long.removesuffix(" s"))
