"""A real worker that ends while its call is under way.

One that is told to waits for the answer, writes it down, and ends; beside the call of one that is killed, its account
goes on.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.db import connection

from demo.simulator.customers import parse
from demo.simulator.serve import serve
from demo.simulator.site import Simulator
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Submission
from payouts.models.sending.submission import OPEN
from tests.props.cast import Cast, approved
from tests.props.identities import settled
from tests.props.races import moves, status_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOT = Path(__file__).resolve().parents[2]
CUSTOMER = {"api_key": "key", "api_secret": "secret", "balances": {"USDT": "100000"}, "recipients": "*"}
PATIENCE = 120.0  # seconds, on a busy machine


class Slow(Simulator):
    """It books at once, and answers when the test lets it."""

    def __init__(self) -> None:
        super().__init__(parse(json.dumps({"zoomex": [CUSTOMER], "swapspace": []})))
        self.was_asked, self.may_answer = threading.Event(), threading.Event()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The simulator's, after a while for a payment."""
        answer = super().__call__(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            self.was_asked.set()
            self.may_answer.wait(PATIENCE)
        return answer


def _at(url: str) -> str:
    return f"zoomex+{url.replace('://', '://key:secret@')}"


@contextmanager
def working(url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The product's worker on the test's database, with the treasury's provider at that URL."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    told = {"DATABASE_URL": database, "PROVIDER_ACCOUNT_TREASURY": _at(url), "HTTPS_ONLY": "off"}
    told["WITNESS_URL"] = f"file:{log.parent / 'witness'}"
    command = [sys.executable, "manage.py", "worker"]
    with log.open("wb") as out:
        worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | told, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.xdist_group("processes")
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_told_to_end_finishes_the_call_in_hand_and_begins_no_other(
    cast: Cast, payee: Address, tmp_path: Path
) -> None:
    provider, log = Slow(), tmp_path / "worker.log"
    with serve(provider) as running:
        settled(payee.account, _at(running.url))
        first, second = approved(cast, payee), approved(cast, payee, amount=Decimal(99))
        with working(running.url, log) as worker:
            assert provider.was_asked.wait(PATIENCE), log.read_text()
            worker.terminate()
            with pytest.raises(subprocess.TimeoutExpired):
                worker.wait(1)
            assert status_of(first) == Status.SUBMITTING
            provider.may_answer.set()
            assert worker.wait(PATIENCE) == 0, log.read_text()
        booked = [call.reference for call in running.book.booked()]
    assert booked == [first.reference]
    assert moves(first) == ["approved", "submitting", "submitted"]
    assert (status_of(second), Submission.objects.count()) == (Status.APPROVED, 1)


@pytest.mark.xdist_group("processes")
@pytest.mark.django_db(transaction=True)
def test_beside_the_call_of_a_worker_that_was_killed_its_account_goes_on(
    cast: Cast, payee: Address, tmp_path: Path
) -> None:
    provider, logs = Slow(), (tmp_path / "killed.log", tmp_path / "next.log")
    with serve(provider) as running:
        settled(payee.account, _at(running.url))
        first, second = approved(cast, payee), approved(cast, payee, amount=Decimal(99))
        with working(running.url, logs[0]) as worker:
            assert provider.was_asked.wait(PATIENCE), logs[0].read_text()
            worker.kill()
            worker.wait()
        provider.was_asked.clear()
        with working(running.url, logs[1]):
            assert provider.was_asked.wait(PATIENCE), logs[1].read_text()  # long before the first call is given up
            left = first.submissions.get()
            provider.may_answer.set()
        booked = [call.reference for call in running.book.booked()]
    assert booked == [first.reference, second.reference]
    assert left.outcome == OPEN
    assert left.worker_gone_at is not None
    assert second.submissions.get().worker != left.worker
