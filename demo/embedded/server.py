"""One embedded PostgreSQL server: how it is made, started, stopped and reached.

Reached by a unix socket only, with a random password. The role that has the password owns its database and may create
others (for tests), and is no superuser, as in production.
"""

import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from demo.embedded import postmaster, programs
from demo.embedded.account import OsAccount
from demo.embedded.home import ROOTS, Home

DATA, KEPT, UNFINISHED = "pgdata", "kept", "unfinished"  # in the home
CHECKOUT = Path(__file__).resolve().parents[2]
ROLE = "countersign"
ONLY_ROLE = f"local all {ROLE} scram-sha-256\n"  # pg_hba.conf: nobody else gets in, the superuser included
INITDB = [
    *("--username=postgres", "--auth=reject", "--encoding=UTF8", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),  # the same on every system
    *("--set=listen_addresses=", "--set=timezone=UTC", "--set=log_timezone=UTC"),
    *("--set=shared_buffers=64MB", "--set=max_wal_size=256MB", "--set=jit=off"),
    *("--set=wal_level=minimal", "--set=max_wal_senders=0", "--set=max_connections=300"),  # for the races
]
FORGETFUL = ["--no-sync", "--set=fsync=off", "--set=synchronous_commit=off", "--set=full_page_writes=off"]


class DidNotStart(Exception):
    """PostgreSQL's own programs failed; the message carries what they said."""


class EmbeddedPostgres:
    """A server of this checkout, by name. `with` starts it, gives its DATABASE_URL, and stops it.

    A throwaway server is made anew at each start and removed at the end, may lose what it wrote when the machine stops,
    and is the process's own. Any other keeps its data, and one process at a time has it.
    """

    def __init__(self, name: str = "demo", *, throwaway: bool = False, checkout: Path = CHECKOUT) -> None:
        self._throwaway = throwaway
        self._name = name
        self._checkout = checkout
        self._account = OsAccount.of_the_server()
        self._home: Home | None = None

    def start(self) -> str:
        """Make the server if need be, start it, and return a URL that Django's settings and libpq both understand.

        Raises AlreadyRunning, DidNotStart, or UntrustedPath when somebody else's directory is in the way.
        """
        home = self._claimed()
        self._halt()
        if self._throwaway:
            home.empty()
        if not (home.path / DATA).exists():
            self._make()
        return self._launch()

    def keep(self) -> None:
        """Copy the data as they are now, for `put_back`; the server is stopped for that, and started again."""
        self._copy(DATA, KEPT)

    def put_back(self) -> None:
        """Put that copy in the data's place, as a backup is restored: what was written since is gone."""
        self._copy(KEPT, DATA)

    def _copy(self, one: str, other: str) -> None:
        """Under another name first, so that a copy that was interrupted is never used. Raises DidNotStart."""
        home = self._claimed().path
        shutil.rmtree(home / UNFINISHED, ignore_errors=True)
        self._account.directory(home / UNFINISHED)
        self._halt()
        try:
            copied = self._account.run(["cp", "-a", f"{one}/.", UNFINISHED], cwd=home)
            if copied.returncode:
                raise DidNotStart(f"The data could not be copied: {copied.stdout}")
            shutil.rmtree(home / other, ignore_errors=True)
            (home / UNFINISHED).rename(home / other)
        finally:
            self._launch()

    def _launch(self) -> str:
        home = self._claimed()
        socket = self._account.directory(home.socket_directory())
        for left in socket.iterdir():  # its lock file names a process, too
            left.unlink()
        options = f"-k {socket} -c hba_file=pg_hba.conf"
        self._run("pg_ctl", "start", "-w", "-D", "pgdata", "-l", "pgdata/server.log", "-o", options)
        password = (home.path / "password").read_text()
        return f"postgres://{ROLE}:{password}@/{ROLE}?host={quote(str(socket), safe='')}"

    def stop(self) -> None:
        """Stop the server, whoever is connected; a throwaway one is removed as well."""
        if self._home is None:
            return
        self._halt()
        if self._throwaway:
            self._home.empty()
        self._home.release()
        self._home = None

    def remove(self) -> None:
        """Stop the server and remove all its data. Raises AlreadyRunning."""
        home = self._claimed()
        self._halt()
        home.empty()
        self.stop()

    def __enter__(self) -> str:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _claimed(self) -> Home:
        if self._home is None:
            claim = Home.claim_any if self._throwaway else Home.claim
            self._home = claim(self._checkout, self._name)
        return self._home

    def _make(self) -> None:
        """Make the data under another name, then rename: data whose making was interrupted is never used."""
        home = self._claimed().path
        unfinished = home / UNFINISHED
        if unfinished.exists():
            shutil.rmtree(unfinished)
        password = secrets.token_urlsafe(32)
        self._write("password", password, mode=0o600)
        self._write("pg_hba.conf", ONLY_ROLE, mode=0o640)
        self._account.directory(unfinished)
        self._run("initdb", "-D", UNFINISHED, *INITDB, *(FORGETFUL if self._throwaway else ()))
        self._run(
            *("postgres", "--single", "-D", UNFINISHED, "-c", "exit_on_error=true", "postgres"),
            text=f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\nCREATE DATABASE {ROLE} OWNER {ROLE}\n",
        )
        unfinished.rename(home / DATA)

    def _halt(self) -> None:
        """Stop the server if one runs on our files, also one whose starter was killed.

        A postmaster.pid that is left then tells of a kill -9, a power cut or a reboot. Where the number in
        it is free, PostgreSQL sees to the file itself. Where it is taken, by another process or by a dead one
        that nobody collects, PostgreSQL would wait for ever: the file is removed, the process left alone.
        """
        home = self._claimed()
        noted = home.path / "pgdata" / "postmaster.pid"
        if not noted.exists():
            return
        pid = noted.read_text().partition("\n")[0]
        mark = os.fsencode(home.socket_directory())
        if postmaster.runs(pid, mark):
            self._interrupt(pid, mark)
        if noted.exists() and not postmaster.leaves_its_number(pid):
            noted.unlink()

    def _interrupt(self, pid: str, mark: bytes) -> None:
        try:
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", "pgdata")
        except DidNotStart:
            if postmaster.runs(pid, mark):  # otherwise it was dying by itself, of a kill -9
                raise

    def _write(self, name: str, text: str, *, mode: int) -> None:
        """Write a file of the caller's, which the server's group may at most read."""
        path = self._claimed().path / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(text)
        os.chown(path, -1, self._account.gid)
        path.chmod(mode)

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        home = self._claimed().path
        same = self._account == OsAccount.of_the_caller()
        found = programs.installed() if same else programs.copied(ROOTS)
        done = self._account.run([found / program, *arguments], cwd=home, text=text)
        if done.returncode:
            log = home / "pgdata" / "server.log"
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise DidNotStart(f"{program} failed: {done.stdout}\n{tail}")
