"""Where one embedded server keeps its files, and the lock by which one process at a time has it.

An ordinary user's files are below the checkout's var/. PostgreSQL refuses to run as root, and root's checkout may be
out of every other account's reach, so root's files are below /var/lib, named by the checkout's path.
"""

import fcntl
import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from demo.embedded.account import OsAccount

ROOTS = Path("/var/lib/countersign")
# What the kernel takes, and no sign that means something in a list of directories.
SOCKET_PATH = re.compile(r"[A-Za-z0-9/._+-]{1,107}")
SOCKET = ".s.PGSQL.5432"


class AlreadyRunning(Exception):
    """Another process has this checkout's embedded database of the same name."""


@dataclass(frozen=True)
class Home:
    """One server's directory, claimed for this process until `release`."""

    path: Path
    key: str
    lock: IO[str]

    @classmethod
    def claim(cls, checkout: Path, name: str) -> "Home":
        """The home of that name. Raises AlreadyRunning, or UntrustedPath for somebody else's directory."""
        base, key = _base(checkout)
        return cls(_entered(base / name), f"{key}-{name}", _locked(base / f"{name}.lock"))

    @classmethod
    def claim_any(cls, checkout: Path, name: str) -> "Home":
        """The first home that is free, of those numbered after that name."""
        for number in count(1):
            try:
                return cls.claim(checkout, f"{name}-{number}")
            except AlreadyRunning:
                continue
        raise AssertionError("count() ended")

    def release(self) -> None:
        """Release the lock, so that another process can claim the home."""
        self.lock.close()

    def empty(self) -> None:
        """Remove all files of the home. The server must be stopped."""
        for path in (*self.path.iterdir(), self.socket_directory()):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def socket_directory(self) -> Path:
        """The directory of the socket: in the home, or in /tmp when that path is too long or too odd for a socket."""
        at_home = self.path / "run"
        fits = SOCKET_PATH.fullmatch(str(at_home / SOCKET))
        return at_home if fits else Path("/tmp") / f"countersign-{os.geteuid()}-{self.key}"  # noqa: S108 - checked


def _base(checkout: Path) -> tuple[Path, str]:
    key = hashlib.sha256(os.fsencode(checkout.resolve())).hexdigest()[:12]
    if os.geteuid() == 0:
        return _entered(_entered(ROOTS) / key), key
    var = checkout.resolve() / "var"
    var.mkdir(exist_ok=True)
    return _entered(var / "postgres"), key


def _entered(path: Path) -> Path:
    """Make or check a directory of the caller's, which the server's account may pass through and not list."""
    caller, server = OsAccount.of_the_caller(), OsAccount.of_the_server()
    passing = 0o700 if server == caller else 0o710
    return OsAccount(caller.uid, server.gid).directory(path, passing)


def _locked(path: Path) -> IO[str]:
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        lock.close()
        raise AlreadyRunning(f"Another process is using {path.with_suffix('')}; stop it first.") from err
    return lock
