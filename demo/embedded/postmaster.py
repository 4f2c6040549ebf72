"""Whether the server that a postmaster.pid names still runs, by /proc; without one, PostgreSQL decides."""

import time
from pathlib import Path

PATIENCE = 3.0  # seconds for the system to collect a dead process, and for its connections to notice


def runs(pid: str, mark: bytes) -> bool:
    """Is there a process with that number that has this among its arguments, as our server has its socket?"""
    return mark in _read(pid, "cmdline").split(b"\0")


def leaves_its_number(pid: str) -> bool:
    """Is the number free? A process that is dead and not yet collected is waited for a little."""
    if not pid.isdigit():  # the power went while the file was written
        return False
    deadline = time.monotonic() + PATIENCE
    while _read(pid, "stat").rpartition(b") ")[2].startswith(b"Z") and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path("/proc", pid).exists()


def _read(pid: str, name: str) -> bytes:
    try:
        return Path("/proc", pid, name).read_bytes()
    except OSError:
        return b""
