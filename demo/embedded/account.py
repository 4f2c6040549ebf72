"""The operating system's account that PostgreSQL runs as, and the directories that it may trust."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY = 65534
# Nothing of the caller's goes through: no PG*, no LD_*.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class UntrustedPath(Exception):
    """A path that we rely on belongs to somebody else, or is open to others."""


@dataclass(frozen=True)
class OsAccount:
    """The user and group that PostgreSQL runs as and owns files as. It refuses to run as root."""

    uid: int
    gid: int

    @classmethod
    def of_the_server(cls) -> "OsAccount":
        """The caller itself; the system's user `nobody` when the caller is root."""
        return cls(NOBODY, NOBODY) if os.geteuid() == 0 else cls.of_the_caller()

    @classmethod
    def of_the_caller(cls) -> "OsAccount":
        """The user and group of this process."""
        return cls(os.geteuid(), os.getegid())

    def run(self, command: list[str | Path], *, cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as this account, with `text` as its input. The caller looks at the exit code.

        Signals wait until the command has ended, so that no server is left half started or half stopped.
        """
        other: dict[str, Any] = {}
        if self != OsAccount.of_the_caller():
            other = {"user": self.uid, "group": self.gid, "extra_groups": ()}
        with _uninterrupted():
            return subprocess.run(
                [os.fspath(word) for word in command],
                cwd=cwd,
                env=ENVIRONMENT,
                input=text,
                umask=0o077,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                check=False,
                **other,
            )

    def directory(self, path: Path, mode: int = 0o700) -> Path:
        """Make this directory for this account, or make sure that it is a directory of this account with this mode.

        Raises UntrustedPath for a link, for another owner, and for one that others may enter: in /tmp anybody may have
        put it there first, to read what we write or to answer in the server's place.
        """
        try:
            path.mkdir(mode=0o700)
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        except FileExistsError:
            pass
        found = path.lstat()
        is_open = stat.S_IMODE(found.st_mode) & ~mode
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.uid or is_open:
            raise UntrustedPath(
                f"{path} is not a directory that only user {self.uid} may use. Look into it, then remove it."
            )
        path.chmod(mode)
        return path


@contextmanager
def _uninterrupted() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
