"""The seeded bugs are still bugs: each one's text is where it says, and its tests are there. Some are run for real."""

import os
from pathlib import Path

import pytest

from tests.mutants.__main__ import TESTS_FAILED, copied, infect, run
from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
QUICK = {"reference-per-attempt", "timeout-is-refused", "requester-counts", "one-look-is-enough"}  # without a database


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 15


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_it_replaces_stands_in_its_file_exactly_once(mutant: Mutant) -> None:
    texts = {change: (ROOT / change.file).read_text() for change in mutant.changes}
    assert [change.file for change, text in texts.items() if text.count(change.old) != 1] == []
    assert all(change.old != change.new for change in mutant.changes)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_remains_is_python(mutant: Mutant) -> None:
    """A bug that cannot be read would be caught by everything, and so by nothing."""
    texts: dict[str, str] = {}
    for change in mutant.changes:
        text = texts.get(change.file) or (ROOT / change.file).read_text()
        texts[change.file] = text.replace(change.old, change.new)
    for file, text in texts.items():
        if file.endswith(".py"):  # what is SQL is read by the database, when its tests run
            compile(text, file, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_catch_it_are_there(mutant: Mutant) -> None:
    assert [test for test in mutant.tests if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in MUTANTS if mutant.name in QUICK], ids=lambda mutant: mutant.name
)
def test_it_is_caught(mutant: Mutant) -> None:
    with copied() as tree:
        infect(tree, mutant)
        assert run(tree, mutant.tests, os.environ["DATABASE_URL"]).status == TESTS_FAILED
