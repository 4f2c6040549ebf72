"""The embedded PostgreSQL, on the road of whoever runs the tests: root's or an ordinary user's."""

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg
import pytest
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from demo.embedded import AlreadyRunning, EmbeddedPostgres, UntrustedPath
from demo.embedded.account import NOBODY, OsAccount
from demo.embedded.home import Home

ME = OsAccount.of_the_caller()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout of its own, so that the real one's servers are not in the way."""
    checkout = tmp_path_factory.mktemp("checkout")
    yield checkout
    home = Home.claim(checkout, "demo")
    home.release()
    shutil.rmtree(home.path.parent)


@pytest.fixture
def postgres(checkout: Path) -> Iterator[EmbeddedPostgres]:
    """A server that keeps what it holds, started by the test."""
    postgres = EmbeddedPostgres(checkout=checkout)
    yield postgres
    postgres.stop()


@pytest.fixture
def home(checkout: Path) -> Home:
    """Where that server's files are."""
    home = Home.claim(checkout, "demo")
    home.release()
    return home


def ask(url: str, query: str) -> str:
    """The one text that a query answers."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def test_it_keeps_what_it_holds_until_it_is_removed(postgres: EmbeddedPostgres) -> None:
    with postgres as first, psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'ä' AS word")
    with postgres as again:
        assert ask(again, "SELECT upper(word) FROM kept") == "Ä"
    postgres.remove()
    with postgres as new:
        assert ask(new, "SELECT to_regclass('kept')") == "None"
    assert first == again != new  # a new password, too


def test_it_is_durable_keeps_utc_and_our_role_is_no_superuser(postgres: EmbeddedPostgres) -> None:
    names = "fsync", "full_page_writes", "synchronous_commit", "TimeZone", "is_superuser"
    with postgres as url:
        found = [ask(url, f"SELECT current_setting('{name}')") for name in names]
    assert found == ["on", "on", "on", "UTC", "off"]


def test_django_reaches_it_by_the_url(postgres: EmbeddedPostgres, django_db_blocker: DjangoDbBlocker) -> None:
    with postgres as url, django_db_blocker.unblock():
        connection = ConnectionHandler({"default": environ.Env.db_url_config(url)})["default"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database(), inet_server_addr()")
            assert cursor.fetchone() == ("countersign", None)
        connection.close()


def test_nobody_gets_in_without_the_password(postgres: EmbeddedPostgres, home: Home) -> None:
    reach = f"host={home.socket_directory()} password=guess dbname=postgres"
    with postgres:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(reach, user="countersign")
        with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
            psycopg.connect(reach, user="postgres")


def test_its_files_are_closed_to_others_and_owned_by_its_account(postgres: EmbeddedPostgres, home: Home) -> None:
    with postgres:
        for path in (home.path / "pgdata", home.socket_directory()):
            assert path.stat().st_uid == (NOBODY if os.geteuid() == 0 else os.geteuid())
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        password = (home.path / "password").stat()
        assert (password.st_uid, stat.S_IMODE(password.st_mode)) == (os.geteuid(), 0o600)
        assert not home.path.stat().st_mode & 0o007


def test_a_directory_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "planted").mkdir(mode=0o700)
    (tmp_path / "planted").chmod(0o755)
    with pytest.raises(UntrustedPath):
        ME.directory(tmp_path / "planted")


def test_a_link_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "planted").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UntrustedPath):
        ME.directory(tmp_path / "planted")


def test_a_directory_of_another_account_is_refused(tmp_path: Path) -> None:
    (tmp_path / "planted").mkdir(mode=0o700)
    with pytest.raises(UntrustedPath):
        OsAccount(ME.uid + 1, ME.gid).directory(tmp_path / "planted")


def test_a_start_refuses_a_planted_home(postgres: EmbeddedPostgres, home: Home) -> None:
    home.path.chmod(0o777)
    with pytest.raises(UntrustedPath):
        postgres.start()
    home.path.chmod(0o700)


@pytest.mark.parametrize("path", ["/" + "long" * 30, "/with,comma", "/with space"])
def test_a_socket_moves_out_of_a_path_that_does_not_suit_one(checkout: Path, path: str) -> None:
    home = Home.claim(checkout, "elsewhere")
    home.release()
    assert Home(Path(path), home.key, home.lock).socket_directory().parent == Path("/tmp")
    assert Home(Path("/short"), home.key, home.lock).socket_directory() == Path("/short/run")


def test_one_process_at_a_time_has_it(postgres: EmbeddedPostgres, checkout: Path) -> None:
    with postgres, pytest.raises(AlreadyRunning):
        EmbeddedPostgres(checkout=checkout).start()


def test_throwaway_ones_run_side_by_side_and_leave_nothing(checkout: Path) -> None:
    one, other = (EmbeddedPostgres("test", throwaway=True, checkout=checkout) for _ in range(2))
    with one as url, other as other_url:
        assert url != other_url
        assert ask(url, "SELECT current_setting('fsync')") == "off"
    home = Home.claim(checkout, "test-1")
    home.release()
    assert list(home.path.iterdir()) == []


def abandon(postgres: EmbeddedPostgres) -> None:
    """What happens to a server when the process that started it is killed: its lock is free, it runs on."""
    assert postgres._home is not None
    postgres._home.release()
    postgres._home = None


def test_a_server_whose_starter_died_is_taken_over(postgres: EmbeddedPostgres) -> None:
    before = ask(postgres.start(), "SELECT pg_postmaster_start_time()")
    abandon(postgres)
    with postgres as url:
        assert ask(url, "SELECT pg_postmaster_start_time()") > before


def test_a_server_that_was_killed_starts_again(postgres: EmbeddedPostgres, home: Home) -> None:
    with psycopg.connect(postgres.start()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS survived ()")
    os.kill(int((home.path / "pgdata/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    abandon(postgres)
    with postgres as url:
        assert ask(url, "SELECT to_regclass('survived')") == "survived"


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the server's account that is no server."""
    account = OsAccount.of_the_server()
    other = account.uid if account != ME else None
    with subprocess.Popen(["sleep", "60"], cwd="/", user=other) as sleep:
        yield sleep
        sleep.kill()


@pytest.mark.parametrize("left", ["{pid}\n", ""], ids=["another process's number", "cut short"])
def test_stale_lock_files_do_not_stop_the_start(
    postgres: EmbeddedPostgres, home: Home, stranger: "subprocess.Popen[bytes]", left: str
) -> None:
    with postgres:
        pass
    for path in (home.path / "pgdata/postmaster.pid", home.socket_directory() / ".s.PGSQL.5432.lock"):
        path.write_text(left.format(pid=stranger.pid))
        os.chown(path, OsAccount.of_the_server().uid, OsAccount.of_the_server().gid)
    with postgres as url:
        assert ask(url, "SELECT 1") == "1"
    assert stranger.poll() is None
