"""A witness in a file: torn lines, damage, a disk that says no, and many writers at once."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from payouts.domain.sending.witness import Entry, Known, Trail, WitnessAway
from payouts.witness.file import FileWitness

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def call(serial: int) -> Entry:
    return Entry("treasury", serial, uuid4(), uuid4().hex, "d" * 64, AT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witness"


@pytest.fixture
def witness(path: Path) -> FileWitness:
    return FileWitness.found(path, Known(UUID(int=7)))


def test_nobody_else_may_read_it(witness: FileWitness) -> None:
    assert witness.path.stat().st_mode & 0o777 == 0o600


def test_a_line_torn_anywhere_counts_as_not_written(witness: FileWitness, path: Path) -> None:
    witness.append(call(1))
    before = path.read_bytes()
    witness.append(call(2))
    whole = path.read_bytes()
    for end in range(len(before), len(whole)):
        path.write_bytes(whole[:end])
        fresh = FileWitness(path)
        assert fresh.known().serial("treasury") == 1
        fresh.append(call(2))
        assert FileWitness(path).known().serial("treasury") == 2


def test_a_line_whose_middle_was_lost_counts_as_not_written(witness: FileWitness, path: Path) -> None:
    witness.append(call(1))
    before = len(path.read_bytes())
    witness.append(call(2))
    torn = bytearray(path.read_bytes())
    torn[before + 30 : before + 60] = bytes(30)
    path.write_bytes(bytes(torn))
    fresh = FileWitness(path)
    assert fresh.known().serial("treasury") == 1
    fresh.append(call(2))
    assert FileWitness(path).known().serial("treasury") == 2


def test_damage_before_the_last_line_is_no_witness_any_more(witness: FileWitness, path: Path) -> None:
    for serial in (1, 2, 3):
        witness.append(call(serial))
    damaged = path.read_bytes().replace(b'"serial":2', b'"serial":7')
    path.write_bytes(damaged)
    with pytest.raises(WitnessAway, match="damaged"):
        FileWitness(path).known()
    with pytest.raises(WitnessAway):
        FileWitness(path).append(call(4))
    assert path.read_bytes() == damaged


def test_an_older_copy_put_back_is_read_from_its_beginning(witness: FileWitness, path: Path) -> None:
    witness.append(call(1))
    older = path.read_bytes()
    witness.append(call(2))
    assert witness.known().serial("treasury") == 2
    path.write_bytes(older)  # the same file, shorter
    assert witness.known().serial("treasury") == 1
    path.unlink()
    path.write_bytes(older)  # another file of the same name
    assert witness.known().serial("treasury") == 1


def test_what_the_disk_did_not_take_is_not_known(witness: FileWitness, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise OSError(28, "No space left on device")

    for name in ("fdatasync", "pwrite", "ftruncate", "open"):
        with monkeypatch.context() as patches:
            patches.setattr(os, name, fails)
            with pytest.raises(WitnessAway, match="No space left"):
                witness.append(call(1))
    witness.tell(Trail((1,), "a" * 64), after=Trail())
    assert witness.known().trail.ids == (1,)


def test_a_disk_that_takes_a_part_of_a_line_has_taken_none(
    witness: FileWitness, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite
    with monkeypatch.context() as patches:
        patches.setattr(os, "pwrite", lambda file, raw, at: write(file, raw[:20], at))
        with pytest.raises(WitnessAway):
            witness.append(call(1))
    assert witness.known().last == {}
    witness.append(call(1))
    assert FileWitness(path).known().serial("treasury") == 1


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from payouts.domain.sending.witness import Entry, WitnessRefused
from payouts.witness.file import FileWitness
witness, won = FileWitness(Path(sys.argv[1])), 0
for serial in range(1, 41):
    try:
        witness.append(Entry("treasury", serial, uuid4(), "0" * 32, "d" * 64, datetime.now(UTC)))
        won += 1
    except WitnessRefused:
        pass
print(won)
"""


def test_of_several_processes_one_gets_each_number(witness: FileWitness, path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(3)]
    won = [int(writer.communicate()[0]) for writer in writers]
    calls = [entry.serial for entry in witness.calls("treasury", after=0)]
    assert calls == list(range(1, len(calls) + 1))
    assert sum(won) == len(calls) > 0
