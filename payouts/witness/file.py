"""A witness in a file: for one machine. Lines are only added, each flushed to the disk before it counts.

What it cannot see: a copy of the whole machine, disk and all, or both put back to the same moment.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from payouts.domain.sending.witness import Entry, Known, Trail, WitnessAway, WitnessRefused, may_follow
from payouts.witness.form import Memory, entry_of, line, of_trail, told_call, unlined


class FileWitness:
    """See `base.Witness`. Every process keeps in memory what it has read, and reads on from there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._memory, self._end = Memory(), 0
        self._which: tuple[int, int] | None = None  # device and inode
        self._alone = threading.Lock()

    @classmethod
    def found(cls, path: Path, known: Known) -> Self:
        """Make the file, which must not be there, with what it knows from the start. Raises WitnessAway."""
        lines = [line({"told": "founded", "witness": known.witness})]
        lines += [line(told_call(entry, None)) for entry in known.last.values()]
        lines.append(line({"told": "trail", **of_trail(known.trail)}))
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "wb") as file:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
            _flush_names(path.parent)
        except OSError as err:
            raise WitnessAway(f"The witness's file cannot be made: {err.strerror}.") from None
        return cls(path)

    def known(self) -> Known:
        with self._held(fcntl.LOCK_SH) as file:
            self._read_on(file)
            return self._memory.known()

    def append(self, entry: Entry, *, trail: Trail | None = None, after: Trail | None = None) -> None:
        with self._held(fcntl.LOCK_EX) as file:
            self._read_on(file)
            follows = may_follow(self._memory.known().last.get(entry.account), entry)
            if follows is False:
                raise WitnessRefused(f"Call {entry.serial} of {entry.account} does not follow what the witness knows.")
            if follows:
                self._write(file, told_call(entry, trail if after == self._memory.trail else None))
            else:
                os.fdatasync(file)  # whoever wrote it may have died before it was flushed

    def tell(self, trail: Trail, *, after: Trail) -> None:
        with self._held(fcntl.LOCK_EX) as file:
            self._read_on(file)
            if self._memory.known().trail == after != trail:
                self._write(file, {"told": "trail", **of_trail(trail)})

    def release(self, proposal: UUID, *, trail: Trail) -> None:
        with self._held(fcntl.LOCK_EX) as file:
            self._read_on(file)
            if proposal not in self._memory.known().released:
                self._write(file, {"told": "release", "proposal": proposal, **of_trail(trail)})

    def calls(self, account: str, *, after: int) -> list[Entry]:
        with self._held(fcntl.LOCK_SH) as file:
            self._read_on(file)
            told = (unlined(raw) for raw in self._whole(file))
            calls = [entry_of(facts) for facts in told if facts and facts["told"] == "call"]
        return [entry for entry in calls if entry.account == account and entry.serial > after]

    def close(self) -> None:
        """Nothing is kept open between calls."""

    @contextmanager
    def _held(self, how: int) -> Iterator[int]:
        """The file, open and locked against other threads and processes. What the disk says no to is WitnessAway."""
        with self._alone:
            try:
                file = os.open(self.path, os.O_RDWR)
                try:
                    fcntl.flock(file, how)
                    yield file
                finally:
                    os.close(file)  # lets go of the lock
            except OSError as err:
                self._forget()  # what was half written is read again
                raise WitnessAway(f"The witness's file cannot be used: {err.strerror}.") from None

    def _read_on(self, file: int) -> None:
        """Take what is new since the last time; everything, when it is another file or a shorter one."""
        now = os.fstat(file)
        if self._which != (now.st_dev, now.st_ino) or now.st_size < self._end:
            self._forget()
            self._which = (now.st_dev, now.st_ino)
        new = os.pread(file, now.st_size - self._end, self._end)
        *whole, _torn = new.split(b"\n")  # what ends without a line feed counts as not written
        for number, raw in enumerate(whole):
            facts = unlined(raw)
            if facts is None:
                if number == len(whole) - 1 and not _torn:
                    return  # torn as well: the disk kept the line's end and not its middle
                raise WitnessAway("The witness's file is damaged: one of its lines is not what was written.")
            self._memory.take(facts)
            self._end += len(raw) + 1

    def _whole(self, file: int) -> list[bytes]:
        return os.pread(file, self._end, 0).split(b"\n")[:-1]

    def _write(self, file: int, facts: dict[str, Any]) -> None:
        """Add one line where the last whole one ends, over what a torn one left, and flush it."""
        raw = line(facts)
        os.ftruncate(file, self._end)
        try:
            if os.pwrite(file, raw, self._end) != len(raw):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fdatasync(file)
        except OSError:
            os.ftruncate(file, self._end)  # it was not told; the next line would stand behind it
            raise
        self._memory.take(unlined(raw[:-1]) or {})
        self._end += len(raw)

    def _forget(self) -> None:
        self._memory, self._end, self._which = Memory(), 0, None


def _flush_names(folder: Path) -> None:
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
