"""An installation with three accounts, one for each kind of provider, on a simulator in this process: no sockets."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from backoffice.logs import JsonFormatter
from demo.simulator.customers import parse
from demo.simulator.site import Simulator
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Answer
from payouts.domain.sending.instruction import Instruction
from payouts.models import Account, Address, Submission
from payouts.providers.base import Credentials
from payouts.providers.json_over_http import JsonOverHttp
from payouts.providers.swapspace.provider import Swapspace
from payouts.providers.zoomex.provider import Zoomex
from payouts.worker import accounts, clock
from tests.machine.aside import guards_with_a_word, unguarded
from tests.machine.steps.ageing import NotedBook, grow_older
from tests.props import cast as props
from tests.props.cast import Cast
from tests.props.providers.in_process import InProcess
from tests.props.rows.emptying import tables

IDEMPOTENT, LOOK_UP_ONLY, BLIND = ACCOUNTS = ("treasury", "branch", "merchant")
PROVIDER = {IDEMPOTENT: "zoomex", LOOK_UP_ONLY: "zoomex", BLIND: "swapspace"}
CUSTOMER = {IDEMPOTENT: "canary-machine-key-1", LOOK_UP_ONLY: "canary-machine-key-2", BLIND: "100119"}
SECRET = {name: f"canary-machine-secret-{name}" for name in ACCOUNTS}
PAYEES_EACH = 2


class TooLate(AssertionError):
    """By now people may have said what became of it."""


class _Noted(JsonOverHttp):
    """A client whose book knows whose order it is sending."""

    book: NotedBook

    def submit(self, instruction: Instruction, *, began: float | None = None) -> Answer:
        if not Submission.objects.open().filter(reference=instruction.reference).exists():
            raise TooLate(f"{instruction.reference} is sent, although nobody waits for its answer any more")
        self.book.sending = instruction.reference
        try:
            return super().submit(instruction, began=began)
        finally:
            self.book.sending = None


class _Zoomex(_Noted, Zoomex):
    pass


class _Swapspace(_Noted, Swapspace):
    pass


_CLIENTS: dict[str, type[_Zoomex] | type[_Swapspace]] = {"zoomex": _Zoomex, "swapspace": _Swapspace}


@dataclass
class Installation:
    """The rows as they were at first, and a provider that has never been called: `begin` makes both so again."""

    cast: Cast
    accounts: dict[str, Account]
    payees: dict[str, list[Address]]
    book: NotedBook
    simulator: Simulator
    lines: dict[str, InProcess]
    clients: dict[str, JsonOverHttp]
    log: list[str]  # what was logged since somebody emptied it

    def begin(self, kept: str = "first", *, duplicates: str = "code") -> None:
        """Everything as it was kept under that name, and a new provider.

        `duplicates` is how Zoomex answers a requestId that it knows: see the simulator.
        """
        unguarded(*_to_go_back(kept))
        clock._measures.clear()
        self.book = NotedBook()
        self.simulator = Simulator(_customers(duplicates), book=self.book)
        for name in ACCOUNTS:
            self.lines[name] = InProcess(self.simulator)
            told = Credentials(name, PROVIDER[name], CUSTOMER[name], SECRET[name], "http://127.0.0.1:9")
            client = _CLIENTS[PROVIDER[name]](told, line=self.lines[name])
            client.book = self.book
            self.clients[name] = client

    def keep(self, name: str = "first") -> None:
        """What is in the database now is what `begin` can go back to."""
        unguarded(*_to_keep(name))

    def grow_older(self, seconds: int) -> None:
        """Time passes, here and at the provider. The nudges so far have run."""
        grow_older(seconds)
        self.book.age(seconds)

    @staticmethod
    def now() -> float:
        """As the provider's clock has it."""
        return time.time()


@contextmanager
def installed() -> Iterator[Installation]:
    """For the length of a test that may commit: the test's database is left as the machine left it."""
    with pytest.MonkeyPatch.context() as patches, guards_with_a_word(), _written() as log:
        cast = props.hire()
        found = _accounts()
        payees = {name: _payees(cast, account) for name, account in found.items()}
        book = NotedBook()
        here = Installation(cast, found, payees, book, Simulator(_customers("code"), book=book), {}, {}, log)
        here.keep()
        patches.setattr(accounts, "client", lambda name: here.clients[name])
        patches.setattr(accounts, "identity", lambda name: found[name].identity())
        patches.setattr("payouts.worker.reconcile.LONGEST_TURN", 0.0)  # threads stand for processes here
        patches.setattr("payouts.worker.dispatch.time", SimpleNamespace(sleep=_sleep, monotonic=_no_time))
        yield here


class _Written(logging.Handler):
    """Keeps each line as production writes it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def _written() -> Iterator[list[str]]:
    """What is logged meanwhile, and shown nowhere else."""
    root, lines = logging.getLogger(), list[str]()
    others, root.handlers = root.handlers, [_Written(lines)]
    try:
        yield lines
    finally:
        root.handlers = others


def _sleep(seconds: float) -> None:
    """The worker waits for nothing but an account's pace, which is this much nearer afterwards."""
    past = f"{seconds} seconds"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payouts_account SET last_answer_at = last_answer_at - %s::interval", [past])


def _no_time() -> float:
    return 0.0


def _accounts() -> dict[str, Account]:
    treasury = Account.objects.get(name=IDEMPOTENT)
    as_treasury = {name: getattr(treasury, name) for name in ("provider", "kinds", "takes_remark", "can_look_up")}
    its_own = {"host": treasury.host, "customer": "1000002", "key_fingerprint": "b" * 64, "resend_allowed": False}
    Account.objects.get_or_create(name=LOOK_UP_ONLY, defaults=as_treasury | its_own)
    return {name: Account.objects.get(name=name) for name in ACCOUNTS}


def _payees(cast: Cast, account: Account) -> list[Address]:
    if PROVIDER[account.name] == "zoomex":
        return [props.active_address(cast, account) for _ in range(PAYEES_EACH)]
    ether = props.active_address(cast, account, kind=Kind.ETH_CHAIN, address=props.ETH_ADDRESS)
    return [props.active_address(cast, account), ether]


def _customers(duplicates: str) -> Any:
    plenty = {"USDT": "100000000"}
    zoomex = [
        {"api_key": CUSTOMER[name], "api_secret": SECRET[name], "recipients": "*", "rate": 0, "duplicates": duplicates}
        for name in (IDEMPOTENT, LOOK_UP_ONLY)
    ]
    swapspace = [{"code": CUSTOMER[BLIND], "access_key": SECRET[BLIND]}]
    told = {
        "zoomex": [each | {"balances": plenty} for each in zoomex],
        "swapspace": [each | {"balances": plenty} for each in swapspace],
    }
    return parse(json.dumps(told))


def _tables() -> list[str]:
    """Of the app."""
    return [table for table in tables() if table.startswith("payouts_")]


def _to_keep(name: str) -> list[str]:
    new = "DROP TABLE IF EXISTS {0}_{1}; CREATE TEMP TABLE {0}_{1} AS TABLE {1}"
    return [new.format(name, table) for table in _tables()]


def _to_go_back(name: str) -> list[str]:
    gone = [f"DELETE FROM {table}" for table in _tables()]  # noqa: S608
    # In this order, because one foreign key does not wait for the end: an approval's, to its withdrawal.
    back = [f"INSERT INTO {table} TABLE {name}_{table}" for table in reversed(_tables())]
    return [*gone, *back, "DELETE FROM procrastinate_events", "DELETE FROM procrastinate_jobs"]
