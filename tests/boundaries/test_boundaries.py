"""The list of boundaries against the source: a step without a kill test, and a boundary that no step has, are found."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from payouts.providers.base import LookUp, Provider, Timed
from payouts.worker import dispatch
from tests.props.boundaries import BOUNDARIES, STEPS, Boundary, planted

ROOT = Path(__file__).resolve().parents[2]
ROADS = ["payouts.worker.dispatch", "payouts.worker.reconcile", "payouts.worker.clock"]
SETTLED = {
    "close",
    "fields",
    "customer",
}  # of a provider's functions, those that neither leave the machine nor change anything


def calls_out() -> set[str]:
    """The functions of a provider that go out, by its protocols."""
    named = {*vars(Provider), *vars(LookUp), *vars(Timed)}
    return {name for name in named if not name.startswith("_")} - SETTLED


# The road of a database that went back in time, on which nothing is sent: tests/worker/witness/test_back_in_time.py.
OFF_THE_ROAD = {"payouts.worker.dispatch.witnessing.heard"}


def steps(module: str, source: str) -> Iterator[str]:
    """Each function of the workflow, of the witness or of a provider that the source mentions, as its caller finds it.

    A mention is enough: what is passed on is called by somebody. Names with a capital are types.
    """
    tree = ast.parse(source)
    functions, modules = _imported(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in functions and name[0].islower():
                yield f"{module}.{name}"
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in modules and attribute[0].islower():
                yield f"{module}.{name}.{attribute}"
            case ast.Attribute(attr=attribute) if attribute in calls_out():
                yield f"provider.{attribute}"


def _imported(tree: ast.AST) -> tuple[set[str], set[str]]:
    """What the file has of payouts.workflow: names out of its files, and its files as a whole; and the witness's."""
    functions: set[str] = set()
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith("payouts.workflow."):
            for alias in node.names:
                is_file = find_spec(f"{node.module}.{alias.name}") is not None if _is_package(node.module) else False
                (modules if is_file else functions).add(alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module == "payouts.worker":
            modules |= {alias.name for alias in node.names if alias.name == "witnessing"}
    return functions, modules


def _is_package(module: str) -> bool:
    spec = find_spec(module)
    return spec is not None and spec.submodule_search_locations is not None


def listed() -> set[str]:
    """The steps of the list, a provider's by the function's name alone."""
    return {f"provider.{step.rpartition('.')[2]}" if ".providers." in step else step for step in STEPS}


def source_of(module: str) -> str:
    path = ROOT / f"{module.replace('.', '/')}.py"
    return path.read_text() if path.exists() else ""


def test_every_step_of_the_source_is_listed_and_every_listed_one_is_in_the_source() -> None:
    found = {step for module in ROADS for step in steps(module, source_of(module))}
    assert found - OFF_THE_ROAD == listed()


def test_what_goes_out_is_known_by_the_protocols() -> None:
    assert calls_out() == {"submit", "records", "clock_skew"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from payouts.workflow.sending.answer import settle\nsettle()", "road.settle"),
        ("from payouts.workflow.sending.answer import settle as s\ns()", "road.s"),
        ("from payouts.workflow import queue\nqueue.nudge('treasury')", "road.queue.nudge"),
        ("def f():\n    from payouts.workflow.sending.answer import settle\n    return map(settle, [])", "road.settle"),
        ("def f(provider):\n    return provider.submit(1)", "provider.submit"),
        ("def f(look_up):\n    return run(look_up.records)", "provider.records"),
    ],
)
def test_a_new_step_is_found(source: str, found: str) -> None:
    assert list(steps("road", source)) == [found]


@pytest.mark.parametrize(
    "source",
    [
        "from payouts.workflow.sending.submission import Claim\nClaim(1, 2)",
        "from payouts.domain.sending.pace import quiet_for\nquiet_for(1, 1)",
        "def f(provider):\n    provider.close()",
    ],
)
def test_types_rules_and_closing_are_no_steps(source: str) -> None:
    assert list(steps("road", source)) == []


def test_names_tell_boundaries_apart() -> None:
    assert len({boundary.name for boundary in BOUNDARIES}) == len(BOUNDARIES) == 2 * len(STEPS)


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=lambda boundary: boundary.name)
def test_a_deed_can_be_planted_at_each(boundary: Boundary, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    owner, attribute, _ = planted(boundary, lambda: None)
    monkeypatch.setattr(owner, attribute, lambda: order.append("step"))
    planted(boundary, lambda: order.append("deed")).replacement()
    assert order == (["deed", "step"] if boundary.side == "before" else ["step", "deed"])


def test_what_is_planted_is_what_the_road_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = planted(Boundary("before", "payouts.worker.dispatch.claim"), lambda: None)
    monkeypatch.setattr(*claim)
    assert dispatch.drain.__globals__["claim"] is claim.replacement
