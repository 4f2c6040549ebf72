"""`script/demo`: start everything, say where it is and who can log in, and keep it running until Ctrl-C."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import CalledProcessError
from types import FrameType
from typing import NoReturn

from demo.embedded import AlreadyRunning, DidNotStart, EmbeddedPostgres, UntrustedPath
from demo.going_back import GoingBack
from demo.programs import Program, Unfit, listen, listen_there
from demo.supervision import keep_running, running
from demo.surroundings import Surroundings, inherited, kept_keys, write_private

CHECKOUT = Path(__file__).resolve().parents[1]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ORDERS = "orders.jsonl"
PLACE = "simulator-port"
GOING_BACK = "going-back"
BEAT = 0.5  # seconds between looks at what has ended
MANAGE = [sys.executable, "manage.py"]
SERVE = [
    *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread"),
    *("--log-level", "warning", "--no-control-socket"),
]
WELCOME = """
{cast}
The back office    {demo.web_url}
The providers      {demo.simulator_url}   (simulated: the orders that they received)
A one-time code    script/demo code NAME
What happens       {logs}/*.log

Ctrl-C stops all of it; the next start keeps what you did. script/demo --fresh starts over.
"""


def main() -> int:
    """0 when everything went as it should, 1 when something did not, 128 + N when signal N ended it."""
    asked = _arguments()
    for number in SIGNALS:
        signal.signal(number, _leave)
    os.chdir(CHECKOUT)
    try:
        with ExitStack() as stack:
            return _demo(asked, stack)
    except (AlreadyRunning, DidNotStart, UntrustedPath, Unfit, CalledProcessError) as err:
        print(f"The demo cannot go on. {err}", file=sys.stderr)
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier demo held")
    parser.add_argument("--once", action="store_true", help="go the main road once, on a new database, and end")
    parser.add_argument("--port", type=int, default=8000, help="where the pages are, when free (8000)")
    asked = parser.parse_args()
    if asked.fresh and os.environ.get("DATABASE_URL"):
        parser.error("--fresh leaves a server that DATABASE_URL names alone: empty it yourself, or unset it")
    return asked


def _demo(asked: argparse.Namespace, stack: ExitStack) -> int:
    own = CHECKOUT / "var" / ("once" if asked.once else "demo")
    postgres = None if os.environ.get("DATABASE_URL") else _postgres(asked, own)
    database_url = stack.enter_context(postgres) if postgres else os.environ["DATABASE_URL"]
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    web = stack.enter_context(listen(asked.port))
    simulator = stack.enter_context(_simulators_place(own / PLACE, asked.port + 1))
    demo = Surroundings(database_url, _url(web), _url(simulator), kept_keys(own / "keys.json"), own / "witness")
    going_back = GoingBack(postgres, own / GOING_BACK, demo.web_url) if postgres else None
    cast = _prepare(demo)
    stack.enter_context(_noted(own / "environment", demo.variables()))
    programs = stack.enter_context(running(_programs(demo, own, web, simulator, going_back=going_back is not None)))
    if asked.once:
        return _walk(demo, programs, going_back)
    print(WELCOME.format(cast=cast, demo=demo, logs=own.relative_to(CHECKOUT)), flush=True)
    while True:
        _look_after(programs, going_back)


def _walk(demo: Surroundings, programs: Sequence[Program], going_back: GoingBack | None) -> int:
    """Go the road once; the exit status of whoever went it."""
    road = [sys.executable, "-m", "demo.once", demo.web_url, demo.simulator_url]
    with subprocess.Popen(road, env=inherited() | demo.variables()) as walking:
        while walking.poll() is None:
            _look_after(programs, going_back)
    return walking.returncode


def _look_after(programs: Sequence[Program], going_back: GoingBack | None) -> None:
    keep_running(programs)
    if going_back:
        going_back.do_what_was_asked()
    time.sleep(BEAT)


def _postgres(asked: argparse.Namespace, own: Path) -> EmbeddedPostgres:
    """The embedded server; with --once a new one, so that the road ends the same way each time."""
    postgres = EmbeddedPostgres("once", throwaway=True) if asked.once else EmbeddedPostgres("demo")
    if asked.fresh and not asked.once:
        postgres.remove()
    if asked.fresh or asked.once:
        shutil.rmtree(own, ignore_errors=True)  # keys, orders and the witness go with what they belong to
    return postgres


def _simulators_place(noted: Path, port: int) -> socket.socket:
    """Where it was at first: the accounts' rows name its host, and to accept another one takes two people."""
    if noted.exists():
        return listen_there(int(noted.read_text()))
    listening = listen(port)
    noted.write_text(str(listening.getsockname()[1]))
    return listening


def _prepare(demo: Surroundings) -> str:
    """Tables, static files and people; returns who the people are."""
    environment = inherited() | demo.variables()
    for step in (["migrate"], ["collectstatic"]):
        subprocess.run([*MANAGE, *step, "--noinput", "--verbosity=0"], env=environment, check=True)
    enter = [sys.executable, "-m", "demo.enter"]
    return subprocess.run(enter, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _programs(
    demo: Surroundings, own: Path, web: socket.socket, simulator: socket.socket, *, going_back: bool
) -> list[Program]:
    environment = inherited() | demo.variables()
    told = demo.simulator_variables(own / ORDERS, own / GOING_BACK if going_back else None)
    orders = [*SERVE, "--bind", f"fd://{simulator.fileno()}", "--threads", "16", "demo.simulator.wsgi"]
    pages = [*SERVE, "--bind", f"fd://{web.fileno()}", "--workers", "2", "--threads", "4", "backoffice.wsgi"]
    return [
        Program("simulator", orders, inherited() | told, own / "simulator.log", simulator),
        Program("worker", [*MANAGE, "worker"], environment, own / "worker.log"),
        Program("web", pages, environment, own / "web.log", web),
    ]


@contextmanager
def _noted(path: Path, variables: dict[str, str]) -> Iterator[None]:
    """The running demo's environment in a file of the owner's, for `script/demo code`."""
    write_private(path, "".join(f"{name}='{value}'\n" for name, value in variables.items()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _url(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def _leave(number: int, _: FrameType | None) -> NoReturn:
    for ignored in SIGNALS:  # one is enough: what follows takes seconds and must not be cut short
        signal.signal(ignored, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
