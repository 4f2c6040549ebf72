"""The soak in short: real workers, killed, stopped and cut off for half a minute, and then the books are compared."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOAK = [
    *(sys.executable, "-m", "tests.soak", "--processes", "--name", "short-soak", "--seed", "7"),
    *("--workers", "2", "--accounts", "3", "--withdrawals", "12", "--faults", "40", "--minutes", "0.5", "--more-kills"),
    *("--looks", "0"),  # each takes a minute: what is unknown then stays so
]
PATIENCE = 1800  # seconds: it takes about forty, or many times that where the machine has other things to do


@pytest.mark.xdist_group("processes")  # groups begin first: nobody has to wait for this one at the end
def test_nothing_is_paid_twice_or_lost_while_real_workers_are_killed() -> None:
    soak = subprocess.run(SOAK, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    said = soak.stdout + soak.stderr
    assert soak.returncode == 0, said
    assert "Violations: none." in soak.stdout, said
    assert _counted("withdrawals", said) == 12
    assert _counted("booked", said) > 0, said
    assert _kills(said) > 0, said


def _counted(what: str, said: str) -> int:
    """A number of the table."""
    (number,) = re.findall(rf"^\| {what} \| (\d+) \|$", said, re.MULTILINE)
    return int(number)


def _kills(said: str) -> int:
    """In the column of that name."""
    (table,) = re.findall(r"^\| place \|.*(?:\n\|.*)*", said, re.MULTILINE)
    names, _, *rows = [[cell.strip() for cell in row.split("|")] for row in table.splitlines()]
    return sum(int(row[names.index("kill")] or 0) for row in rows) if "kill" in names else 0
