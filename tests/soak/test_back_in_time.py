"""The rehearsals in short: a real database goes back in time, a copy runs beside it, and nothing is sent again."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REHEARSALS = 3
SOAK = [
    *(sys.executable, "-m", "tests.soak", "--back-in-time", "--name", "short-back-in-time", "--seed", "2"),
    *("--rehearsals", str(REHEARSALS), "--roads", "standby", "copy"),  # the quickest
]
PATIENCE = 1800  # seconds: it takes about forty, or many times that where the machine has other things to do


@pytest.mark.xdist_group("processes")
def test_a_database_that_went_back_in_time_sends_nothing_again() -> None:
    soak = subprocess.run(SOAK, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    said = soak.stdout + soak.stderr
    assert soak.returncode == 0, said
    assert "Violations: none." in soak.stdout, said
    (row,) = re.findall(r"^\| all \|(.*)\|$", soak.stdout, re.MULTILINE)
    rehearsals, _, calls, lost, wrong = (int(cell) for cell in row.split("|"))
    assert (rehearsals, wrong) == (REHEARSALS, 0)
    assert calls > lost > 0, said
