"""Make each bug in a copy of the checkout, run the tests that should notice: `python -m tests.mutants [NAME...]`.

Ends with 1 when one is not noticed, and with 2 when the tests fail without any bug.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from demo.embedded import EmbeddedPostgres
from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
PYTEST = ["-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "--tb=line"]
NO_TESTS_FAILED, TESTS_FAILED, HUNG = 0, 1, 124
LONGEST = 600  # seconds; a bug that makes a test hang is noticed too


class Databases:
    """One server; each run has a copy of a test database that was migrated once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._server, _, self._options = url.rpartition("@/countersign")

    def url(self, name: str) -> str:
        """As DATABASE_URL; pytest puts `test_` before the name."""
        return f"{self._server}@/{name}{self._options}"

    def copy(self, name: str) -> str:
        """A fresh copy of the pattern, by its URL."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "test_{name}"')
            connection.execute(f'CREATE DATABASE "test_{name}" TEMPLATE test_pattern')
        return self.url(name)


@dataclass(frozen=True)
class Run:
    """How pytest ended, and which test failed first."""

    status: int
    failed: str = ""
    said: str = ""


def main() -> int:
    """Run those that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(mutant.name for mutant in MUTANTS))
    names = parser.parse_args().names
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    with EmbeddedPostgres("mutants", throwaway=True) as url, copied() as tree:
        databases = Databases(url)
        if not _is_sound(tree, chosen, databases):
            print("The tests fail without any bug: nothing can be said.")
            return 2
        survivors = [mutant for mutant in chosen if not _is_caught(mutant, databases)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} caught.")
    return 1 if survivors else 0


def _is_sound(tree: Path, chosen: Sequence[Mutant], databases: Databases) -> bool:
    """Whether the tests pass without any bug. Twice, if need be: some look at a clock, and the machine may be busy."""
    tests = {test for mutant in chosen for test in mutant.tests}
    for _ in range(2):
        sound = run(tree, sorted(tests), databases.url("pattern"), "--create-db", "--reuse-db")
        if sound.status == NO_TESTS_FAILED:
            return True
        print(sound.said, flush=True)
    return False


def _is_caught(mutant: Mutant, databases: Databases) -> bool:
    begun = time.monotonic()
    moved = any("/guards/" in change.file or "/migrations/" in change.file for change in mutant.changes)
    with copied() as tree:
        infect(tree, mutant)
        url = databases.url("migrated") if moved else databases.copy("mutant")
        ended = run(tree, mutant.tests, url, "--create-db" if moved else "--reuse-db")
    is_caught = ended.status in (TESTS_FAILED, HUNG)
    by = {TESTS_FAILED: f"caught by {ended.failed}", HUNG: "caught: the tests hang", NO_TESTS_FAILED: "SURVIVED"}
    print(f"{mutant.name:<28} {time.monotonic() - begun:4.0f} s  {by.get(ended.status, ended.said)}", flush=True)
    return is_caught


def infect(tree: Path, mutant: Mutant) -> None:
    """Put the bug in. Raises ValueError when its old text does not stand there exactly once."""
    for change in mutant.changes:
        path = tree / change.file
        text = path.read_text()
        if text.count(change.old) != 1:
            raise ValueError(f"{mutant.name}: its text stands {text.count(change.old)} times in {change.file}")
        path.write_text(text.replace(change.old, change.new))


def run(tree: Path, tests: Iterable[str], database_url: str, *options: str) -> Run:
    """pytest on these files of the copy, until the first failure."""
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *PYTEST, *options, *tests]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, check=False, timeout=LONGEST, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired:
        return Run(HUNG)
    failed = re.search(r"^(?:FAILED|ERROR) (tests/.+?)(?: - |$)", done.stdout, re.MULTILINE)
    return Run(done.returncode, failed[1] if failed else "", done.stdout[-2000:] + done.stderr[-500:])


@contextmanager
def copied() -> Iterator[Path]:
    """The checkout as it stands, without what no test needs."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="mutant-") as parent:
        tree = Path(parent) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        (tree / "var").mkdir()
        yield tree


if __name__ == "__main__":
    sys.exit(main())
