"""The rehearsals in short: a real database goes back in time, a copy runs beside it, and nothing is sent again."""

import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from tests.soak.back_in_time import run

ROOT = Path(__file__).resolve().parents[2]
SOAK = [sys.executable, "-m", "tests.soak", "--back-in-time", "--name", "short-back-in-time", "--seed", "2"]
PATIENCE = 1800  # seconds: each takes about thirty, or many times that where the machine has other things to do
SHORT = [
    (2, "postgres", ["standby", "copy"]),  # the quickest
    (1, "file", ["crash"]),
]


@pytest.mark.xdist_group("processes")
@pytest.mark.parametrize(("rehearsals", "witness", "roads"), SHORT)
def test_a_database_that_went_back_in_time_sends_nothing_again(rehearsals: int, witness: str, roads: list[str]) -> None:
    asked = ["--rehearsals", str(rehearsals), "--witness", witness, "--roads", *roads]
    soak = subprocess.run([*SOAK, *asked], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    said = soak.stdout + soak.stderr
    assert soak.returncode == 0, said
    assert "Violations: none." in soak.stdout, said
    (row,) = re.findall(r"^\| all \|(.*)\|$", soak.stdout, re.MULTILINE)
    told, _, calls, lost, wrong = (int(cell) for cell in row.split("|"))
    assert (told, wrong) == (rehearsals, 0)
    assert calls > lost >= 0, said


@pytest.mark.parametrize(
    ("asked", "parts"), [([], 4), (["crash"], 2), (["standby", "copy"], 2), (["copy", "crash"], 4)]
)
@pytest.mark.parametrize("rehearsals", [6, 100])
def test_rehearsals_are_shared_out_between_both_kinds_of_witness(asked: list[str], parts: int, rehearsals: int) -> None:
    told = Namespace(roads=asked, witness=None, rehearsals=rehearsals, seed=1, name="x")
    found = list(run._parts(told))
    shares = [int(part[part.index("--rehearsals") + 1]) for part in found]
    witnesses = {part[part.index("--witness") + 1] for part in found}
    assert sum(shares) == rehearsals
    assert witnesses == {"file", "postgres"}
    assert len(found) == parts or rehearsals < 12
