"""A whole installation for the soak and the rate benchmark: PostgreSQL, the simulator, and supervised workers."""

import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from demo.embedded import EmbeddedPostgres
from demo.programs import Program, listen
from demo.supervision import running

ROOT = Path(__file__).resolve().parents[2]
MERCHANTS_FROM = 100_200  # merchant codes are numbers
PLENTY = {"USDT": "100000000"}
# In keys and secrets, to be looked for afterwards where none may be: rows and logs.
CANARY = "canary-"
SERVE = [
    *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "64", "--no-control-socket"),
    *("--log-level", "warning"),
]
# gunicorn's threads wait for what hangs: the whole simulator must not.


@dataclass(frozen=True)
class Cast:
    """Which accounts there are, and what belongs to each of them."""

    zoomex: int
    swapspace: int
    timeout: int = 1  # seconds for one call

    @property
    def names(self) -> list[str]:
        """Of the accounts, as the database knows them."""
        return [f"zoomex{n}" for n in range(self.zoomex)] + [f"swapspace{n}" for n in range(self.swapspace)]

    def customer(self, name: str) -> str:
        """What the provider calls the account: its API key or merchant code."""
        number = self.names.index(name)
        return f"{CANARY}key-{number}" if name.startswith("zoomex") else str(MERCHANTS_FROM + number)

    def uid(self, name: str) -> str:
        """Whose key it is: each account is another customer's."""
        return str(1_000_001 + self.names.index(name))

    def _option(self, name: str) -> str:
        return f"&customer={self.uid(name)}" if name.startswith("zoomex") else ""

    def variables(self, simulators: Mapping[str, str]) -> dict[str, str]:
        """PROVIDER_ACCOUNT_… for the product; `simulators` says where each account's provider answers."""
        return {
            f"PROVIDER_ACCOUNT_{name.upper()}": (
                f"{name.rstrip('0123456789')}+http://{self.customer(name)}:{CANARY}secret-{name}"
                f"@{simulators[name]}?timeout={self.timeout}{self._option(name)}"
            )
            for name in self.names
        }

    def customers(self) -> str:
        """SIMULATOR_CUSTOMERS for the simulator."""
        zoomex = [
            {
                "api_key": self.customer(name),
                "api_secret": f"{CANARY}secret-{name}",
                "recipients": "*",
                "user_id": self.uid(name),
            }
            for name in self.names[: self.zoomex]
        ]
        swapspace = [
            {"code": self.customer(name), "access_key": f"{CANARY}secret-{name}"} for name in self.names[self.zoomex :]
        ]
        for customer in (*zoomex, *swapspace):
            customer["balances"] = PLENTY  # type: ignore[assignment]
        return json.dumps({"zoomex": zoomex, "swapspace": swapspace})


class Worker(Program):
    """A worker whose process can be named, and killed."""

    @property
    def pid(self) -> int:
        """Of the process that runs now, or ran last."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill the worker at once, wherever it is in its work."""
        self._signal(signal.SIGKILL)


class Server(Protocol):
    """A PostgreSQL of our own: EmbeddedPostgres, or one of several clusters. `with` gives its DATABASE_URL."""

    def start(self) -> str: ...
    def stop(self) -> None: ...
    def remove(self) -> None: ...
    def __enter__(self) -> str: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass
class Scene:
    """What runs, and where."""

    cast: Cast
    directory: Path  # logs, the book, and the chaos's files
    postgres: Server
    database_url: str
    simulator: str  # host:port
    witness_url: str
    more: Mapping[str, str] = field(default_factory=dict)  # of the environment, for the workers
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # accounts whose provider is at another host:port

    def variables(self) -> dict[str, str]:
        """The product's environment."""
        return {
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": f"{CANARY}secret-key-" * 4,
            "SECOND_FACTOR_KEY": f"{CANARY}second-factor-key-" * 3,
            "ENV_FILE": os.devnull,
            "WITNESS_URL": self.witness_url,
            "HTTPS_ONLY": "off",
            "LOG_LEVEL": "INFO",
            "PYTHONUNBUFFERED": "1",
            **self.cast.variables(dict.fromkeys(self.cast.names, self.simulator) | dict(self.elsewhere)),
            **self.more,
        }

    def worker(self, number: int, **more: str) -> "Worker":
        """One more worker, not started yet, with so much more in its environment."""
        name = f"worker-{number}"
        told = clean() | self.variables() | more
        return Worker(name, [sys.executable, "-m", "tests.soak.worker"], told, self.log(name))

    def log(self, name: str) -> Path:
        """Where a program's words go."""
        return self.directory / f"{name}.log"

    def calls(self) -> list[dict[str, Any]]:
        """The provider's book, oldest call first."""
        with urllib.request.urlopen(f"http://{self.simulator}/orders.json", timeout=30) as answer:
            found: list[dict[str, Any]] = json.load(answer)["orders"]
        return found

    def script_fault(self, fault: Mapping[str, Any]) -> None:
        """Ask the simulator for trouble."""
        self._faults("POST", json.dumps(fault).encode())

    def clear_faults(self) -> None:
        """Ask it for peace."""
        self._faults("DELETE")

    def faults_waiting(self) -> int:
        """How many of those that were asked for have not met their call yet."""
        return len(self._faults("GET")["scripted"])

    def _faults(self, method: str, told: bytes | None = None) -> Any:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{self.simulator}/faults", told, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  our own loopback server
            return json.loads(answer.read() or b"null")


def clean() -> dict[str, str]:
    """The caller's environment without what would bring other accounts or settings in."""
    foreign = ("PROVIDER_ACCOUNT_", "DJANGO_", "GUNICORN_", "WEB_CONCURRENCY", "DATABASE_URL", "SIMULATOR_", "SOAK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


@contextmanager
def installed(
    name: str,
    cast: Cast,
    postgres: Server | None = None,
    /,
    *,
    witness: str = "",
    providers: str = "demo.simulator.wsgi",
    **told: str,
) -> Iterator[Scene]:
    """Everything but workers and people, empty and new; this process is set up as the product's as well.

    `providers` is served as the simulator, with `told` in its environment. The database keeps its promises (it is no
    throwaway one): a commit that was acknowledged outlasts a crash. The witness is in a file, unless its URL is given.
    """
    directory = ROOT / "var" / name
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in directory.iterdir():
        left.unlink()
    with ExitStack() as stack:
        postgres = postgres or EmbeddedPostgres(name)
        postgres.remove()
        database_url = stack.enter_context(postgres)
        listening = stack.enter_context(listen(0))
        witness = witness or f"file:{directory / 'witness'}"
        scene = Scene(cast, directory, postgres, database_url, _place(listening), witness)
        _set_up(scene)
        told |= {"SIMULATOR_CUSTOMERS": cast.customers(), "SIMULATOR_BOOK": str(directory / "book.jsonl")}
        command = [*SERVE, "--bind", f"fd://{listening.fileno()}", providers]
        stack.enter_context(running([Program("simulator", command, clean() | told, scene.log("simulator"), listening)]))
        yield scene


def _place(listening: socket.socket) -> str:
    host, port = listening.getsockname()
    return f"{host}:{port}"


def _set_up(scene: Scene) -> None:
    for name in set(os.environ) - set(clean()):
        del os.environ[name]
    os.environ |= scene.variables()
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.NOT_PAID_AFTER = timedelta(minutes=1)  # the shortest that a start-up check lets pass
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
