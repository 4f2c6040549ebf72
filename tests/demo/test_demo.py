"""The demo's programs under supervision, and what they are told. script/demo --once runs the whole of it."""

import os
import socket
import stat
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from demo import programs as programs_module
from demo import surroundings
from demo.__main__ import _postgres, _simulators_place
from demo.programs import Program, Unfit, listen
from demo.simulator.customers import parse
from demo.supervision import running
from payouts.providers.credentials import is_loopback, parse_account
from payouts.providers.registry import PROVIDERS

WAIT = "echo $$; trap 'exit 0' TERM; while :; do sleep 0.02; done"
KEYS = {name: name * 4 for name in surroundings.KEYS}
DEMO = surroundings.Surroundings("postgres://", "http://127.0.0.1:8000", "http://127.0.0.1:8001", KEYS, Path("witness"))


def test_links_in_the_demos_mails_lead_to_the_demo() -> None:
    assert DEMO.variables()["SITE_URL"] == "http://127.0.0.1:8000"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """`program(script)` is a shell script under supervision; it is gone after the test."""
    made: list[Program] = []

    def make(script: str) -> Program:
        made.append(Program("shell", ["sh", "-c", script], os.environ, tmp_path / f"{len(made)}.log"))
        return made[-1]

    yield make
    for program in made:
        program.end(deadline=0)


def until(is_true: Callable[[], object]) -> None:
    """Wait for another process; no longer than a busy machine needs."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether that process runs; one that is dead and not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_is_started_again_whatever_it_ended_with(
    program: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs_module, "PAUSE", 0.0)
    for status in (0, 3):
        ends = program(f"echo started; exit {status}")
        ends.start()
        until(lambda ends=ends, status=status: ends.restart_if_ended() == status)  # type: ignore[misc]
        until(lambda ends=ends: ends.log.read_text().count("started") == 2)  # type: ignore[misc]


def test_a_program_that_runs_is_left_alone(program: Callable[[str], Program]) -> None:
    runs = program(WAIT)
    runs.start()
    assert runs.restart_if_ended() is None


def test_a_program_that_ends_before_it_answers_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no such table; exit 1"]
    with listen(0) as silent:
        broken = Program("web", command, os.environ, tmp_path / "log", silent)
        with pytest.raises(Unfit, match="no such table"), running([broken]):
            pass


def test_nothing_is_left_of_a_group_not_even_what_ignores_the_request(
    program: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = program("trap '' TERM; (trap '' TERM; echo $(exec sh -c 'echo $PPID'); sleep 60) & echo $$; wait")
    monkeypatch.setattr("demo.supervision.GRACE", 0.1)
    with running([stubborn]):
        until(lambda: len(stubborn.log.read_text().split()) == 2)
        pids = [int(word) for word in stubborn.log.read_text().split()]
        assert all(is_alive(pid) for pid in pids)
    until(lambda: not any(is_alive(pid) for pid in pids))


def test_a_program_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    supervise = (
        "import os, pathlib, time; from demo.programs import Program;"
        f"Program('shell', ['sh', '-c', {WAIT!r}], os.environ, pathlib.Path({str(log)!r})).start();"
        "time.sleep(60)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", supervise])
    until(lambda: log.exists() and log.read_text().strip())
    supervisor.kill()
    supervisor.wait()
    until(lambda: not is_alive(int(log.read_text())))


def test_a_port_that_is_taken_is_replaced_by_a_free_one_on_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen(port) as found:
            assert found.getsockname()[0] == "127.0.0.1"
            assert found.getsockname()[1] != port


def test_the_simulator_stays_where_the_accounts_call_it(tmp_path: Path) -> None:
    noted = tmp_path / "place"
    with _simulators_place(noted, 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(Unfit, match=f"Port {port} is taken"):
            _simulators_place(noted, 0)
    with _simulators_place(noted, 0) as again:
        assert again.getsockname()[1] == port


@pytest.mark.parametrize("asked", [{"fresh": True, "once": False}, {"fresh": False, "once": True}])
def test_a_fresh_start_removes_the_witness_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, bool]
) -> None:
    monkeypatch.setattr("demo.__main__.EmbeddedPostgres", MagicMock())
    own = tmp_path / "demo"
    (own / "going-back").mkdir(parents=True)
    for left in ("witness", "orders.jsonl", "keys.json", "going-back/kept"):
        (own / left).touch()
    _postgres(Namespace(**asked), own)
    assert not own.exists()


def test_any_other_start_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.__main__.EmbeddedPostgres", MagicMock())
    (tmp_path / "witness").touch()
    _postgres(Namespace(fresh=False, once=False), tmp_path)
    assert (tmp_path / "witness").exists()


def test_keys_are_kept_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    assert surroundings.kept_keys(path) == surroundings.kept_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_demos_accounts_are_the_simulators_customers_on_this_machine() -> None:
    variables = DEMO.variables()
    customers = parse(DEMO.simulator_variables(Path("orders.jsonl"))["SIMULATOR_CUSTOMERS"])
    treasury, merchant = (
        parse_account(name, variables[f"PROVIDER_ACCOUNT_{name.upper()}"], providers=PROVIDERS)
        for name in ("treasury", "merchant")
    )
    assert is_loopback(treasury)
    assert is_loopback(merchant)
    assert customers.zoomex[treasury.key].api_secret == treasury.secret
    assert customers.swapspace[merchant.key].access_key == merchant.secret


def test_nothing_of_the_callers_accounts_or_database_reaches_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROVIDER_ACCOUNT_REAL", "zoomex://key:secret@openapi.zoomex.com")
    monkeypatch.setenv("DATABASE_URL", "postgres://real")
    found = surroundings.inherited()
    assert not {"PROVIDER_ACCOUNT_REAL", "DATABASE_URL"} & found.keys()
    assert found["DJANGO_SETTINGS_MODULE"] == "backoffice.settings"
