"""PostgreSQL clusters that can be copied, cut off, promoted, put back and read in anew, all behind one address.

The installation's DATABASE_URL names a link to the directory of one cluster's socket: going back moves the link.
"""

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from types import TracebackType
from urllib.parse import quote

from demo.embedded import DidNotStart, postmaster, programs
from demo.embedded.account import OsAccount
from demo.embedded.home import ROOTS, Home
from demo.embedded.server import CHECKOUT, INITDB, ONLY_ROLE, ROLE

HBA = ONLY_ROLE + f"local replication {ROLE} scram-sha-256\n"
# On the command line these win over what initdb wrote for tests that replicate nothing.
REPLICATES = "-c wal_level=replica -c max_wal_senders=8 -c wal_keep_size=64MB"
# Nothing but the WAL writer and who commits writes to the WAL: what is lost at a crash is what they had not written.
QUIET = "-c wal_buffers=16MB -c autovacuum=off -c bgwriter_lru_maxpages=0 -c checkpoint_timeout=1h"
DOES_NOT_WAIT = "&options=" + quote("-c synchronous_commit=off")  # added to an address
EMPTY = "empty"


@dataclass(frozen=True)
class Cluster:
    """One data directory, and the directory of its socket."""

    place: "Clusters"
    name: str

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.place.home.path / self.name

    @property
    def socket(self) -> Path:
        """The directory of its socket."""
        return self.place.run / self.name

    @property
    def url(self) -> str:
        """Its own address, whoever has the common one."""
        return self.place.url_of(self.socket)

    def start(self) -> "Cluster":
        """Start its server, and wait until it takes connections; a standby's for reading."""
        self.place.account.directory(self.socket)
        options = f"-k {self.socket} -c hba_file={self.place.home.path / 'pg_hba.conf'} {REPLICATES} {QUIET}"
        self.place.do("pg_ctl", "start", "-w", "-D", self.name, "-l", f"{self.name}/server.log", "-o", options)
        return self

    def stop(self, how: str = "fast") -> None:
        """Stop it; `immediate` is as the power goes: nobody is told, and nothing more is sent to standbys."""
        if (self.data / "postmaster.pid").exists():
            self.place.do("pg_ctl", "stop", "-w", "-m", how, "-D", self.name)

    def hold_wal_writer(self) -> None:
        """Let its WAL writer write nothing more: what is committed without waiting for the flush stays in memory."""
        (writer,) = [pid for pid in self._processes() if b"walwriter" in _read(Path(f"/proc/{pid}/cmdline"))]
        os.kill(writer, signal.SIGSTOP)

    def kill(self) -> None:
        """End all of its processes at once, the postmaster first: what they held in memory is gone."""
        all_of_them = [int(_pid(self)), *self._processes()]
        for pid in all_of_them:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in all_of_them:
            postmaster.leaves_its_number(str(pid))
        (self.data / "postmaster.pid").unlink()  # whoever starts it next would wait for a dead one not collected yet

    def _processes(self) -> list[int]:
        """The postmaster's children."""
        main = _pid(self).encode()
        stats = ((int(path.parent.name), _read(path)) for path in Path("/proc").glob("[0-9]*/stat"))
        return [pid for pid, stat in stats if stat.rpartition(b") ")[2].split()[1:2] == [main]]

    def remove(self) -> None:
        """Stop it, and remove its files."""
        self.stop("immediate")
        for left in (self.data, self.socket):
            shutil.rmtree(left, ignore_errors=True)

    def backup(self, *, standby: bool = False) -> "Cluster":
        """A base backup of it while it runs; set up to follow it as a standby, not started yet."""
        made = self.place.new()
        follow = ["-R"] if standby else []
        options = ["-X", "stream", "-c", "fast", "--no-sync", *follow]
        self.place.do("pg_basebackup", "-d", self.url, "-D", made.name, *options)
        return made

    def cut_off(self) -> None:
        """Let a standby receive nothing more. Promoted, it would still carry out whatever it had received."""
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write("primary_conninfo = ''\n")
        self.place.do("pg_ctl", "reload", "-D", self.name)

    def promote(self) -> None:
        """Make a standby the primary, and wait until it is."""
        self.place.do("pg_ctl", "promote", "-w", "-D", self.name)

    def copy(self) -> "Cluster":
        """A copy of its files; it must not run."""
        made = self.place.new()
        self.place.do("cp", "-a", f"{self.name}/.", made.name)
        return made

    def dump(self) -> Path:
        """What is in its database, in a file."""
        file = self.place.account.directory(self.place.home.path / "dumps") / f"{self.name}.dump"
        self.place.do("pg_dump", "-Fc", "-d", self.url, "-f", str(file))
        return file

    def read_in(self, dump: Path) -> None:
        """Read a dump into its empty database."""
        self.place.do("pg_restore", "--exit-on-error", "-d", self.url, str(dump))


class Clusters:
    """All clusters of one home. `with` makes the first, starts it and gives the common address."""

    def __init__(self, name: str, *, waits: bool = True) -> None:
        """Its sessions wait for the flush of what they commit, as the product's do, or do not."""
        self._options = "" if waits else DOES_NOT_WAIT
        self.account = OsAccount.of_the_server()
        self.home = Home.claim(CHECKOUT, name)
        self.run = self.home.socket_directory()
        self.current = Cluster(self, "none")
        self._password = token_urlsafe(32)
        self._made = 0

    def start(self) -> str:
        """Make the first cluster, and start it: the common address."""
        self.remove()
        self.account.directory(self.run)
        self._write("pg_hba.conf", HBA)
        empty = Cluster(self, EMPTY)
        self.account.directory(empty.data)
        self.do("initdb", "-D", EMPTY, "--no-sync", *INITDB)
        role = f"CREATE ROLE {ROLE} LOGIN CREATEDB REPLICATION PASSWORD '{self._password}'\n"
        single = ("postgres", "--single", "-D", EMPTY, "-c", "exit_on_error=true", "postgres")
        self.do(*single, text=f"{role}CREATE DATABASE {ROLE} OWNER {ROLE}\n")
        self.move_to(self.new_and_empty().start())
        return self.url_of(self.run / "now") + self._options

    def stop(self) -> None:
        """Stop every cluster."""
        for left in self._all():
            left.stop("immediate")

    def remove(self) -> None:
        """Stop every cluster, also what an earlier run left behind, and remove everything."""
        for left in self._all():
            if postmaster.runs(_pid(left), os.fsencode(left.socket)):
                left.stop("immediate")
        self.home.empty()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.home.empty()
        self.home.release()

    def new(self) -> Cluster:
        """A name, and an empty data directory."""
        self._made += 1
        made = Cluster(self, f"c{self._made}")
        self.account.directory(made.data)
        return made

    def new_and_empty(self) -> Cluster:
        """A cluster with the role and its empty database, not started."""
        return Cluster(self, EMPTY).copy()

    def move_to(self, cluster: Cluster) -> None:
        """From now on it has the common address."""
        beside = self.run / "next"
        beside.symlink_to(cluster.socket)
        beside.rename(self.run / "now")
        self.current = cluster

    def url_of(self, socket: Path) -> str:
        """The database's URL by this directory of a socket."""
        return f"postgres://{ROLE}:{self._password}@/{ROLE}?host={quote(str(socket), safe='')}"

    def do(self, program: str, *arguments: str, text: str = "") -> None:
        """Run one of PostgreSQL's programs, or the system's, in the home. Raises DidNotStart with what it said."""
        same = self.account == OsAccount.of_the_caller()
        found = (programs.installed() if same else programs.copied(ROOTS)) / program
        done = self.account.run([found if found.exists() else program, *arguments], cwd=self.home.path, text=text)
        if done.returncode:
            raise DidNotStart(f"{program} failed: {done.stdout[-2000:]}")

    def _all(self) -> list[Cluster]:
        return [Cluster(self, path.parent.name) for path in self.home.path.glob("*/postmaster.pid")]

    def _write(self, name: str, text: str) -> None:
        path = self.home.path / name
        path.write_text(text)
        os.chown(path, -1, self.account.gid)
        path.chmod(0o640)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def _pid(cluster: Cluster) -> str:
    return (cluster.data / "postmaster.pid").read_text().partition("\n")[0]
