"""`python -m demo.embedded run`: what a command gets, and what its caller gets back."""

import os
import signal
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "demo.embedded", "run", "--throwaway", "--name", "of-a-test", "--"]
CONNECT = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).close(); raise SystemExit(7)"


@pytest.fixture(autouse=True)
def _no_server_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_the_command_reaches_the_server_and_its_exit_code_is_passed_on() -> None:
    assert subprocess.run([*COMMAND, sys.executable, "-c", CONNECT], check=False).returncode == 7


def test_a_server_that_is_given_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://given")
    assert subprocess.check_output([*COMMAND, "printenv", "DATABASE_URL"], text=True) == "postgres://given\n"


def test_a_command_that_does_not_exist_is_said_before_anything_starts() -> None:
    done = subprocess.run([*COMMAND, "no-such-command"], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no-such-command" in done.stderr


def test_a_signal_reaches_the_command_and_the_server_stops() -> None:
    shell = "trap 'exit 9' TERM; echo $DATABASE_URL; while :; do sleep 0.05; done"
    running = subprocess.Popen([*COMMAND, "sh", "-c", shell], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert running.stdout is not None
    socket = running.stdout.readline().strip().rpartition("host=")[2].replace("%2F", "/")
    assert os.path.isdir(socket)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=120) == 9
    running.stdout.close()
    assert not os.path.exists(socket)
