"""The import table: who may know of whom. Lazy imports count; what a layer may not import it cannot call.

`workflow` cannot call out and `providers` cannot write: the two halves of "never pay twice" are kept apart here.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DJANGO = {"django"}
PROCRASTINATE = {"procrastinate"}

# Layer: the layers of payouts that it may import, and the packages from outside beside the standard library.
# A layer may always import itself. The second factor's package is needed where codes are checked and devices kept.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "domain": (set(), set()),
    "models": ({"domain"}, {"django", "django_otp"}),
    "audit": ({"domain", "models"}, DJANGO),
    "workflow": ({"domain", "models", "audit"}, {"django", "django_otp"}),
    "providers": ({"domain"}, {"requests", "urllib3"}),
    "preview": ({"domain", "providers"}, set()),
    "accounts": ({"domain", "models", "audit", "workflow", "providers"}, DJANGO),
    "clock": ({"domain", "models", "audit", "workflow", "providers", "accounts"}, DJANGO),
    "dispatch": ({"domain", "models", "audit", "workflow", "providers", "accounts", "preview", "clock"}, DJANGO),
    "reconcile": ({"domain", "models", "audit", "workflow", "providers", "accounts", "clock"}, DJANGO),
    "housekeeping": ({"models", "workflow"}, DJANGO),
    "mailing": ({"domain", "models", "workflow"}, DJANGO),
    "tasks": ({"dispatch", "reconcile", "housekeeping", "mailing"}, PROCRASTINATE),
    "checks": ({"accounts", "providers"}, DJANGO),
    "admin": ({"domain", "models", "audit", "workflow", "preview"}, {"django", "django_otp"}),
    "templatetags": ({"domain", "models", "audit", "preview", "admin"}, DJANGO),
    "simulator": (set(), {"werkzeug"}),
    "management": (
        {"domain", "models", "audit", "workflow", "providers", "accounts", "dispatch", "reconcile", "tasks",
         "clock"},
        DJANGO | PROCRASTINATE,
    ),
    "migrations": (set(), DJANGO),
    "apps": ({"checks", "accounts", "workflow"}, DJANGO),
}  # fmt: skip

# What one file may beyond its layer, and why.
EXCEPTIONS: dict[str, set[str]] = {
    "payouts/workflow/queue.py": {"procrastinate", "payouts.worker.tasks"},  # the one door from workflow to the queue
    "payouts/models/people/session.py": {"backoffice"},  # Django asks a session's model for its engine
}


def imported(source: str, package: str) -> Iterator[str]:
    """Every module that a source text imports, at the top or lazily, as a full dotted name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "__import__",
            "import_module",
            "importlib.import_module",
            "import_string",
        }:
            yield ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "<computed>"


def _absolute(node: ast.ImportFrom, package: str) -> str:
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


def violations(file: str, source: str) -> list[str]:
    """Each import of one file of payouts that the table does not allow."""
    parts = Path(file).with_suffix("").parts
    layer = parts[1]
    layers, packages = TABLE[layer]
    allowed_here = EXCEPTIONS.get(file, set())
    return [
        f"{file} imports {name}"
        for name in imported(source, ".".join(parts[:-1]))
        if not _is_allowed(name, layer, layers, packages)
        and not any(name == allowed or name.startswith(f"{allowed}.") for allowed in allowed_here)
    ]


def _is_allowed(name: str, layer: str, layers: set[str], packages: set[str]) -> bool:
    top, _, rest = name.partition(".")
    if top == "payouts":
        return rest.partition(".")[0] in layers | {layer}
    return top in sys.stdlib_module_names | {"_typeshed"} or top in packages  # _typeshed: for type checkers only


def files() -> list[str]:
    """Every file of payouts, from the checkout's root."""
    found = [path.relative_to(ROOT) for path in (ROOT / "payouts").rglob("*.py")]
    return sorted(str(path) for path in found if len(path.parts) > 2 or path.name != "__init__.py")


@pytest.mark.parametrize("file", files())
def test_every_file_imports_what_the_table_allows(file: str) -> None:
    assert violations(file, (ROOT / file).read_text()) == []


def test_every_layer_is_in_the_table() -> None:
    assert {Path(file).with_suffix("").parts[1] for file in files()} <= set(TABLE)


def test_every_exception_is_still_needed() -> None:
    for file, allowed in EXCEPTIONS.items():
        names = list(imported((ROOT / file).read_text(), ".".join(Path(file).parts[:-1])))
        unused = [each for each in allowed if not any(name.startswith(each) for name in names)]
        assert unused == [], file


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("payouts/domain/withdrawals/policy.py", "import django"),
        ("payouts/domain/withdrawals/policy.py", "from payouts.models import Withdrawal"),
        ("payouts/domain/withdrawals/policy.py", "def lazily():\n    from django.utils import timezone"),
        ("payouts/domain/withdrawals/policy.py", "from ..models import Withdrawal"),
        ("payouts/domain/withdrawals/policy.py", "from .. import models"),
        ("payouts/domain/withdrawals/policy.py", "from payouts import models"),
        ("payouts/models/sending/account.py", "from backoffice.doors.sessions import SessionStore"),
        ("payouts/models/sending/account.py", "from payouts.workflow import queue"),
        ("payouts/workflow/decisions/approval.py", "import requests"),
        ("payouts/workflow/decisions/approval.py", "import procrastinate"),
        ("payouts/workflow/decisions/approval.py", "from payouts import tasks"),
        ("payouts/workflow/decisions/approval.py", "from payouts.providers.registry import PROVIDERS"),
        ("payouts/workflow/decisions/approval.py", "__import__('requests')"),
        (
            "payouts/workflow/decisions/approval.py",
            "import importlib\nimportlib.import_module('payouts.worker.dispatch')",
        ),
        ("payouts/workflow/decisions/approval.py", "import importlib\nimportlib.import_module(computed)"),
        ("payouts/providers/zoomex/provider.py", "import django.db"),
        ("payouts/providers/zoomex/provider.py", "from payouts.models import Withdrawal"),
        ("payouts/preview.py", "from payouts.workflow import queue"),
        ("payouts/admin/withdrawals/withdrawals.py", "from payouts import dispatch"),
        ("payouts/admin/withdrawals/withdrawals.py", "from payouts.providers.registry import PROVIDERS"),
        ("demo/simulator/site.py", "from payouts.domain.recipients.kind import Kind"),
        ("demo/simulator/site.py", "import django"),
        ("payouts/worker/tasks.py", "from payouts.workflow import submission"),
    ],
)
def test_a_planted_violation_is_found(file: str, source: str) -> None:
    assert len(violations(file, source)) == 1


def test_what_is_allowed_is_not_called_a_violation() -> None:
    source = "import json\nfrom payouts.domain.errors import Objection\nfrom payouts import audit\nimport django.db"
    assert violations("payouts/workflow/decisions/approval.py", source) == []
    assert violations("payouts/workflow/queue.py", "from payouts.worker.tasks import drain_account") == []


# -- what imports cannot say --


def writes_of(source: str) -> Iterator[tuple[str, set[str]]]:
    """Each `.update(...)`, `.create(...)` and the like, with its keywords."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func), {keyword.arg for keyword in node.keywords if keyword.arg}


def test_one_function_adds_to_the_trail() -> None:
    writers = {
        file
        for file in files()
        for call, _ in writes_of((ROOT / file).read_text())
        if call.startswith("AuditEvent.objects.") and call.endswith(("create", "bulk_create", "update", "delete"))
    }
    assert writers == {"payouts/audit/__init__.py"}


def test_one_function_writes_the_status_of_a_withdrawal() -> None:
    """Any other update of withdrawals names its columns, and status is not among them."""
    writers = {
        (file, frozenset(keywords))
        for file in files()
        for call, keywords in writes_of((ROOT / file).read_text())
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
        for file in files()
        for call, _ in writes_of((ROOT / file).read_text())
        if call.split(".")[0] in tables and call.split(".")[-1] in ways
    }
    assert {file for file in writers if not file.startswith("payouts/workflow/")} == set()
