"""The demo's long-running programs, each in a process group of its own, started again when it ends."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # Linux: "send me this signal when my parent has gone"
FIRST_ANSWER_WITHIN = 60.0  # seconds for a first answer, on a slow machine
PAUSE = 1.0  # seconds before a program is started again, so that a broken one does not spin


class Unfit(Exception):
    """A program ended before it answered; the message ends with the last lines of its log."""


class Program:
    """One command, its log file, and the socket that it serves, if it serves one."""

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: Mapping[str, str],
        log: Path,
        listening: socket.socket | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment
        self._listening = listening
        self._process: subprocess.Popen[bytes] | None = None
        self._start_again_at: float | None = None
        log.unlink(missing_ok=True)

    def start(self) -> None:
        """Start the command; what it prints is added to its log."""
        with self.log.open("ab") as log:
            self._process = self._popen(log)

    def wait_for_an_answer(self) -> None:
        """Wait until the program answers a request or, without a socket, runs. Raises Unfit."""
        deadline = time.monotonic() + FIRST_ANSWER_WITHIN
        while not self._answers():
            if self._exit_code() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-3000:]
                raise Unfit(f"The {self.name} does not answer. The end of {self.log}:\n{said}")
            time.sleep(0.1)

    def restart_if_ended(self) -> int | None:
        """Start the program again, PAUSE seconds after it ended; its exit status, or None when nothing was started.

        The worker ends with 0 when PostgreSQL restarts, so success is no reason to leave it.
        """
        ended = self._exit_code()
        if ended is None:
            return None
        self._start_again_at = self._start_again_at or time.monotonic() + PAUSE
        if time.monotonic() < self._start_again_at:
            return None
        self._start_again_at = None
        self._signal(signal.SIGKILL)  # what is left of its group
        self.start()
        return ended

    def ask_to_end(self) -> None:
        """Let the program finish what is under way and end (SIGTERM)."""
        self._signal(signal.SIGTERM)

    def end(self, deadline: float) -> None:
        """Wait for the program's end until `deadline` (time.monotonic()), then kill its whole group."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _popen(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        passed = () if self._listening is None else (self._listening.fileno(),)
        return subprocess.Popen(
            self._command,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=passed,
            preexec_fn=_end_with_the_parent,
        )

    def _exit_code(self) -> int | None:
        return None if self._process is None else self._process.poll()

    def _signal(self, number: signal.Signals) -> None:
        """Signal the program's group, which lives until each of its processes has ended."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _answers(self) -> bool:
        if self._listening is None:
            return self._exit_code() is None
        host, port = self._listening.getsockname()
        connection = http.client.HTTPConnection(host, port, timeout=1)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def listen(port: int) -> socket.socket:
    """A listening socket on loopback, on that port or, when it is taken, on a free one."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def listen_there(port: int) -> socket.socket:
    """A listening socket on loopback, on that port and no other. Raises Unfit when it is taken."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as err:
        raise Unfit(f"Port {port} is taken, and the accounts call the simulator there.") from err


def _end_with_the_parent() -> None:
    """Have the kernel end this process with its parent, also when the parent is killed without warning."""
    if hasattr(LIBC, "prctl"):
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
