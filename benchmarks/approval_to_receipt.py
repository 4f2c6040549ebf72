"""How long from the last approval to the provider's receipt of the request, with an idle worker.

    .venv/bin/python -m demo.embedded run --name benchmark --throwaway -- \
        .venv/bin/python benchmarks/approval_to_receipt.py [--rounds 100]

Starts the simulator and one worker as processes of their own, approves one withdrawal at a time through the workflow,
and reads from the simulator when the request arrived. Accounts take turns, so that the one-second pace of an account
does not count. Prints the distribution in milliseconds; it judges nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
ACCOUNTS = 20
PORT = 8765
SIMULATOR = f"http://127.0.0.1:{PORT}"


def environment() -> dict[str, str]:
    """Made-up keys, and as many accounts as take turns."""
    accounts = {
        f"PROVIDER_ACCOUNT_BENCH{n}": f"zoomex+http://key{n}:secret{n}@127.0.0.1:{PORT}?customer={n}"
        for n in range(ACCOUNTS)
    }
    customers = [
        {"api_key": f"key{n}", "api_secret": f"secret{n}", "balances": {"USDT": "1000000"}, "recipients": "*"}
        for n in range(ACCOUNTS)
    ]
    return {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "SECRET_KEY": "benchmark-" * 5,
        "SECOND_FACTOR_KEY": "benchmark-" * 5,
        "HTTPS_ONLY": "off",
        "LOG_LEVEL": "WARNING",
        "SIMULATOR_CUSTOMERS": json.dumps({"zoomex": customers, "swapspace": []}),
        **accounts,
    }


@contextmanager
def process(*command: str) -> Iterator[None]:
    """A child of this benchmark, ended with it."""
    child = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    try:
        yield
    finally:
        child.terminate()
        child.wait(20)


def rounds(number: int) -> list[float]:
    """Milliseconds from the commit of the last approval to the simulator's receipt, one per round."""
    from django.contrib.auth.models import User

    from payouts.models import Account
    from tests.props import cast as props

    cast = props.hire()
    payees = [props.active_address(cast, account) for account in Account.objects.order_by("name")]
    committed: dict[str, float] = {}
    for turn in range(number):
        withdrawal = props.raised(cast, payees[turn % ACCOUNTS], id=uuid4(), amount=Decimal(turn + 1))
        props.approve(withdrawal, cast.first_approver)
        props.approve(withdrawal, User.objects.get(pk=cast.second_approver.pk))
        committed[withdrawal.reference] = time.time()
        time.sleep(max(0.15, 1.3 / ACCOUNTS))
    time.sleep(2)
    return [1000 * (received - committed[reference]) for reference, received in receipts().items()]


def receipts() -> dict[str, float]:
    """When the simulator received each reference (Unix seconds, same machine and clock)."""
    with urllib.request.urlopen(f"{SIMULATOR}/orders.json") as answer:  # noqa: S310  our own loopback server
        orders = json.load(answer)["orders"]
    return {order["reference"]: order["received_at"] for order in orders if order["booked"]}


def report(samples: list[float], asked: int) -> None:
    """The distribution, as text."""
    cuts = statistics.quantiles(samples, n=100, method="inclusive")
    print(f"approval -> receipt, {len(samples)} of {asked} received, ms:")
    figures = {"min": min(samples), "median": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(samples)}
    print("  " + "   ".join(f"{name} {figure:.0f}" for name, figure in figures.items()))
    for floor in range(0, int(max(samples)) + 10, 10):
        count = sum(floor <= sample < floor + 10 for sample in samples)
        if count:
            print(f"  {floor:>4} to {floor + 9:>4}  {'#' * count} {count}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    asked = parser.parse_args().rounds
    os.environ |= environment()
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    serve = [
        "-m",
        "gunicorn",
        "--workers",
        "1",
        "--threads",
        "8",
        "--log-level",
        "error",
        "--bind",
        f"127.0.0.1:{PORT}",
    ]
    with process(*serve, "demo.simulator.wsgi"), process("manage.py", "worker"):
        time.sleep(4)
        report(rounds(asked), asked)


if __name__ == "__main__":
    main()
