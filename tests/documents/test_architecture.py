"""The house: who may know of whom (docs/architecture.md has the table), no circle, and rooms that can be overlooked."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents.imports import (
    TOPS,
    circles,
    exceptions,
    files,
    graph,
    imported,
    package_of,
    source_of,
    table,
)

SIDE_BY_SIDE = 14  # files of code in a folder
LONGEST, LONGEST_TEST = 250, 400  # lines


def layer_of(file: str) -> str:
    """As the table names it."""
    parts = Path(file).with_suffix("").parts
    return "/".join(parts[:2]) if parts[0] == "demo" else parts[1]


def violations(file: str, source: str) -> list[str]:
    """Each import of one file that the table does not allow."""
    layer = layer_of(file)
    layers, packages = table()[layer]
    also = exceptions().get(file, frozenset())
    names = imported(source, package_of(file))
    return [f"{file} imports {name}" for name in names if not _is_allowed(name, layer, layers, packages | also)]


def _is_allowed(name: str, layer: str, layers: frozenset[str], packages: frozenset[str]) -> bool:
    top, _, rest = name.partition(".")
    own = layer.replace("/", ".")
    if f"{name}.".startswith(f"{own}."):
        return True
    if top == "payouts":
        return rest.partition(".")[0] in layers | {layer}
    return top in sys.stdlib_module_names | {"_typeshed"} or top in packages  # _typeshed: for type checkers only


def in_the_table() -> list[str]:
    """Every file of payouts, and the simulator's."""
    found = [*files("payouts"), *files("demo/simulator")]
    return [file for file in found if len(Path(file).parts) > 2 or Path(file).name != "__init__.py"]


@pytest.mark.parametrize("file", in_the_table())
def test_every_file_imports_what_the_table_allows(file: str) -> None:
    assert violations(file, source_of(file)) == []


def test_the_table_names_the_layers_and_no_others() -> None:
    assert {layer_of(file) for file in in_the_table()} == set(table())


def test_every_exception_is_still_needed() -> None:
    assert exceptions().keys() == {"payouts/workflow/queue.py"}
    for file, packages in exceptions().items():
        tops = {name.partition(".")[0] for name in imported(source_of(file), package_of(file))}
        assert packages <= tops, file


APPROVAL = "payouts/workflow/decisions/approval.py"
RULE = "payouts/domain/withdrawals/policy.py"


@pytest.mark.parametrize(
    ("file", "source"),
    [
        (RULE, "import django"),
        (RULE, "from payouts.models import Withdrawal"),
        (RULE, "def lazily():\n    from django.utils import timezone"),
        (RULE, "from ...models import Withdrawal"),
        (RULE, "from ... import models"),
        (RULE, "from payouts import models"),
        ("payouts/models/sending/account.py", "from backoffice.site import Site"),
        ("payouts/models/sending/account.py", "from payouts.workflow import queue"),
        (APPROVAL, "import requests"),
        (APPROVAL, "import procrastinate"),
        (APPROVAL, "from payouts.worker import tasks"),
        (APPROVAL, "from payouts.providers.registry import PROVIDERS"),
        (APPROVAL, "from demo.cast import enter"),
        (APPROVAL, "__import__('requests')"),
        (APPROVAL, "import importlib\nimportlib.import_module('payouts.worker.dispatch')"),
        (APPROVAL, "import importlib\nimportlib.import_module(computed)"),
        ("payouts/workflow/queue.py", "from payouts.worker.tasks import drain_account"),
        ("payouts/providers/zoomex/provider.py", "import django.db"),
        ("payouts/providers/zoomex/provider.py", "from payouts.models import Withdrawal"),
        ("payouts/preview.py", "from payouts.workflow import queue"),
        ("payouts/admin/withdrawals/withdrawals.py", "from payouts.worker import dispatch"),
        ("payouts/admin/withdrawals/withdrawals.py", "from payouts.providers.registry import PROVIDERS"),
        ("demo/simulator/site.py", "from payouts.domain.recipients.kind import Kind"),
        ("demo/simulator/site.py", "from demo.cast import PEOPLE"),
        ("demo/simulator/site.py", "import django"),
    ],
)
def test_a_planted_violation_is_found(file: str, source: str) -> None:
    assert len(violations(file, source)) == 1


def test_what_is_allowed_is_not_called_a_violation() -> None:
    source = "import json\nfrom payouts.domain.errors import Objection\nfrom payouts import audit\nimport django.db"
    assert violations(APPROVAL, source) == []
    assert violations("payouts/workflow/queue.py", "from procrastinate.exceptions import AlreadyEnqueued") == []
    assert violations("demo/simulator/site.py", "from demo.simulator.book import Book") == []


# -- the product and what shows it --


def test_the_product_imports_nothing_of_the_demo_and_nothing_of_the_tests() -> None:
    for file in files("payouts", "backoffice"):
        tops = {name.partition(".")[0] for name in imported(source_of(file), package_of(file))}
        assert tops & {"demo", "tests", "benchmarks"} == set(), file


def test_the_app_imports_nothing_of_the_project() -> None:
    for file in files("payouts"):
        tops = {name.partition(".")[0] for name in imported(source_of(file), package_of(file))}
        assert "backoffice" not in tops, file


# -- circles, rooms, sizes --


def test_no_file_leads_back_to_itself() -> None:
    assert circles(graph(files(*TOPS))) == []


def test_a_circle_is_found_however_long() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"d", "e"}, "d": {"b"}, "e": set()}
    assert circles(edges) == [{"b", "c", "d"}]


@pytest.mark.parametrize("top", TOPS)
def test_no_folder_holds_more_than_can_be_overlooked(top: str) -> None:
    full = Counter(package_of(file) for file in files(top) if "migrations" not in file)
    assert {folder: number for folder, number in full.items() if number > SIDE_BY_SIDE} == {}


@pytest.mark.parametrize("top", TOPS)
def test_no_file_is_too_long(top: str) -> None:
    longest = LONGEST_TEST if top == "tests" else LONGEST
    sizes = {file: len(source_of(file).splitlines()) for file in files(top) if "migrations" not in file}
    assert {file: size for file, size in sizes.items() if size > longest} == {}


# -- what imports cannot say --


def writes_of(source: str) -> Iterator[tuple[str, set[str]]]:
    """Each `.update(...)`, `.create(...)` and the like, with its keywords."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func), {keyword.arg for keyword in node.keywords if keyword.arg}


def test_one_function_adds_to_the_trail() -> None:
    writers = {
        file
        for file in files("payouts")
        for call, _ in writes_of(source_of(file))
        if call.startswith("AuditEvent.objects.") and call.endswith(("create", "bulk_create", "update", "delete"))
    }
    assert writers == {"payouts/audit/trail.py"}


def test_one_function_writes_the_status_of_a_withdrawal() -> None:
    """Any other update of withdrawals names its columns, and status is not among them."""
    writers = {
        (file, frozenset(keywords))
        for file in files("payouts")
        for call, keywords in writes_of(source_of(file))
        if call.startswith("Withdrawal.objects") and call.endswith((".update", ".bulk_update"))
    }
    assert writers == {
        ("payouts/workflow/withdrawals/transition.py", frozenset()),  # move(): **columns
        ("payouts/workflow/sending/submission.py", frozenset({"stopped_because"})),
        ("payouts/workflow/sending/answer.py", frozenset({"next_look_at"})),
        ("payouts/workflow/unknown/looking.py", frozenset({"next_look_at", "looks_taken"})),
        ("payouts/workflow/unknown/looking.py", frozenset({"record_status"})),
    }


def test_only_workflow_and_setup_write_the_tables_of_money() -> None:
    tables = ("Withdrawal", "Approval", "Submission", "Address")
    ways = ("create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete", "save")
    writers = {
        file
        for file in files("payouts")
        for call, _ in writes_of(source_of(file))
        if call.split(".")[0] in tables and call.split(".")[-1] in ways
    }
    assert {file for file in writers if not file.startswith("payouts/workflow/")} == set()
