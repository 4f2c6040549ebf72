"""What a seeded bug is: replacements of exact text, and the test files that catch it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One replacement; the old text stands in the file exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One bug, as somebody could make it in good faith."""

    name: str
    breaks: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def mutant(name: str, breaks: str, *changes: tuple[str, str, str], tests: str) -> Mutant:
    """One of them; `tests` are files, with spaces between."""
    return Mutant(name, breaks, tuple(Change(*change) for change in changes), tuple(tests.split()))
