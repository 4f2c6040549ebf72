"""Every refusal that a person or a statement can meet, read from the source: `python -m tests.documents.refusals`.

It prints docs/refusals.md: the sentences of objections and of wrong values, the database's rules with theirs, and the
named constraints of the tables.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "refusals.md"
SOURCES = ("payouts", "backoffice")
HEAD = """# Refusals

Every sentence by which something is refused, made from the code by `python -m tests.documents.refusals`; a test
compares. `…` stands for a value.
"""
CONSTRAINTS = {"CheckConstraint", "UniqueConstraint"}
RULE = re.compile(r"countersign_object\(\s*'(\w+)',\s*((?:'(?:[^']|'')*'|[^,()'])+?)\)", re.DOTALL)


Words = tuple[str, ...]


def objections() -> Iterator[tuple[str, str]]:
    """(code, sentence) of each objection."""
    for words in _said("Objection"):
        yield words[0], words[-1]


def wrong_values() -> Iterator[tuple[str, str]]:
    """(field and code, sentence) of each value that a person has to correct."""
    for words in _said("InvalidValue"):
        yield ": ".join(words[:-1]), words[-1]


def database_rules() -> Iterator[tuple[str, str]]:
    """(rule, sentence) of what the guards refuse."""
    for path in sorted((ROOT / "payouts").rglob("*.sql")):
        text = path.read_text()
        for rule, sentence in RULE.findall(text):
            yield (
                rule,
                re.sub(r"'\s*\|\|\s*[^']+?\s*\|\|\s*'", "…", " ".join(sentence.split())).strip("'").replace("''", "'"),
            )
        for rule in re.findall(r"countersign_never\('(\w+)'\)", text):
            yield rule, "… on … is never allowed."


def constraints() -> Iterator[tuple[str, str]]:
    """(name, kind) of each named constraint of a table."""
    for name in CONSTRAINTS:
        for call in _calls(name):
            named = next(_text(keyword.value) for keyword in call.keywords if keyword.arg == "name")
            yield named, name


def page() -> str:
    parts = [
        _table("Objections: what a person may not do now", "code", objections()),
        _table("Values: what a person has to correct", "field and code", wrong_values()),
        _table("The database: what its guards refuse", "rule", database_rules()),
        _table("The tables: named constraints", "name", constraints()),
    ]
    return "\n".join([HEAD, *parts])


def _table(title: str, first: str, rows: Iterator[tuple[str, str]]) -> str:
    lines = [f"| `{key}` | {sentence} |" for key, sentence in sorted(set(rows)) if sentence != "…"]
    return "\n".join([f"## {title}", "", f"| {first} | sentence |", "|---|---|", *lines, ""])


def _said(name: str) -> Iterator[Words]:
    """The texts that `name` is called with, also through a function of the same file that passes its own on."""
    for tree in _trees():
        passing_on = {name}
        for function in _functions(tree):
            parameters = [each.arg for each in function.args.args]
            named: dict[str, ast.expr] = {
                ast.unparse(each.targets[0]): each.value for each in ast.walk(function) if _is_naming(each)
            }
            for call in _calls_in(function, {name}):
                words = tuple(_text(named.get(arg.id, arg) if isinstance(arg, ast.Name) else arg) for arg in call.args)
                if isinstance(call.args[-1], ast.Name) and call.args[-1].id in parameters:
                    passing_on.add(function.name)
                else:
                    yield words
        for call in _constants(tree, name):
            yield tuple(_text(arg) for arg in call.args)
        for call in _calls_in(tree, passing_on - {name}):
            if len(call.args) > 1:
                yield tuple(_text(arg) for arg in call.args)


def _calls(name: str) -> Iterator[ast.Call]:
    for tree in _trees():
        yield from _calls_in(tree, {name})


def _trees() -> Iterator[ast.Module]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ast.parse(path.read_text())


def _constants(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    """The calls that give a name to a sentence at the top of a file."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from _calls_in(node, {name})


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _calls_in(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in names:
            yield node


def _is_naming(node: ast.AST) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def _text(node: ast.expr) -> str:
    """A text as it is written; what is filled in becomes `…`."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in parts)
        case ast.IfExp(body=one, orelse=other):
            return f"{_text(one)} / {_text(other)}"
        case _:
            return "…"


if __name__ == "__main__":
    PAGE.write_text(page())
