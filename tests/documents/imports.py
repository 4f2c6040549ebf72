"""What files import, at the top or lazily, read from their source; and what docs/architecture.md lets them import."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
TOPS = ("payouts", "backoffice", "demo", "tests", "benchmarks")
IMPORTERS = {"__import__", "import_module", "importlib.import_module", "import_string"}


def files(*tops: str) -> list[str]:
    """Every Python file below these folders, from the checkout's root."""
    found = (path.relative_to(ROOT) for top in tops for path in (ROOT / top).rglob("*.py"))
    return sorted(str(path) for path in found)


def source_of(file: str) -> str:
    return (ROOT / file).read_text()


def imported(source: str, package: str) -> Iterator[str]:
    """Every module that a source text imports, as a full dotted name; `<computed>` for one that nobody can read."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(names=names):
                yield from (f"{_absolute(node, package)}.{alias.name}" for alias in names)
            case ast.Call(func=func, args=[first, *_]) if ast.unparse(func) in IMPORTERS:
                yield str(first.value) if isinstance(first, ast.Constant) else "<computed>"


def package_of(file: str) -> str:
    """The dotted name of the folder that it lies in."""
    return ".".join(Path(file).parts[:-1])


def _absolute(node: ast.ImportFrom, package: str) -> str:
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*above, *([node.module] if node.module else [])])


@cache
def table() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """Layer: the layers of payouts, and the packages from outside, that it may import."""
    rows = re.findall(r"^\| `([\w/]+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)
    return {layer: (_named(ours), _named(outside)) for layer, ours, outside in rows}


@cache
def exceptions() -> Mapping[str, frozenset[str]]:
    """What one file may beyond its layer."""
    (line,) = re.findall(r"^One file may more than its layer: (.+)$", PAGE.read_text(), re.MULTILINE)
    found = re.findall(r"`(workflow/[\w/]+\.py)` also `(\w+)`", line)
    return {f"payouts/{file}": frozenset({package}) for file, package in found}


def _named(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`(\w+)`", cell))


def graph(chosen: Iterable[str]) -> dict[str, set[str]]:
    """File: the files among those chosen that it imports; a package counts as its __init__.py."""
    by_name = {_module(file): file for file in chosen}
    found: dict[str, set[str]] = {}
    for file in by_name.values():
        names = imported(source_of(file), package_of(file))
        targets = (by_name.get(name) or by_name.get(name.rpartition(".")[0]) for name in names)
        found[file] = {target for target in targets if target is not None} - {file}
    return found


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def circles(edges: Mapping[str, set[str]]) -> list[set[str]]:
    """The largest sets of files that all lead to each other (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    found: list[set[str]] = []

    def visit(file: str) -> None:
        number[file] = low[file] = len(number)
        waiting.append(file)
        for target in edges[file]:
            if target not in number:
                visit(target)
                low[file] = min(low[file], low[target])
            elif target in waiting:
                low[file] = min(low[file], number[target])
        if low[file] == number[file]:
            start = waiting.index(file)
            found.append(set(waiting[start:]))
            del waiting[start:]

    for file in edges:
        if file not in number:
            visit(file)
    return [each for each in found if len(each) > 1]
