"""Whether the server that a postmaster.pid names still runs, by /proc; without one, PostgreSQL decides."""

import time
from pathlib import Path

ENDED_WITHIN = 3.0  # seconds for the system to collect a dead process, and for its connections to notice


def runs(pid: str, mark: bytes) -> bool:
    """Whether a process with that number has `mark` among its arguments, as our server has its socket's directory."""
    return mark in _read(pid, "cmdline").split(b"\0")


def leaves_its_number(pid: str) -> bool:
    """Whether no process has the number, after waiting ENDED_WITHIN for a dead one to be collected."""
    if not pid.isdigit():  # the power went while the file was written
        return False
    deadline = time.monotonic() + ENDED_WITHIN
    while _read(pid, "stat").rpartition(b") ")[2].startswith(b"Z") and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path("/proc", pid).exists()


def _read(pid: str, name: str) -> bytes:
    try:
        return Path("/proc", pid, name).read_bytes()
    except OSError:
        return b""
