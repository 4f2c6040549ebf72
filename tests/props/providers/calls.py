"""Calls to a raw server, and what they come to: a reply, a lost answer, or nothing sent."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from payouts.providers.http import Line, Lost, NotOpened, Reply
from tests.props.providers.lines import Peer

SECONDS = 1.0  # a deadline that is met: nothing here takes longer on its own, however busy the machine
PLENTY = 30.0  # one that is not
SLACK = 20.0  # after a deadline, on a busy machine; what hangs here would go on for longer
BODY = b'{"amount":1000}'


@contextmanager
def line_to(url: str, seconds: float = PLENTY) -> Iterator[Line]:
    line = Line(url, seconds=seconds)
    yield line
    line.close()


def post(line: Line, body: bytes = BODY, *, began: float | None = None) -> Reply:
    headers = {"Content-Type": "application/json", "X-Sign": "s"}
    return line.call("POST", "/pay", body=body, headers=headers, began=began)


def lost(url: str, seconds: float = SECONDS) -> Lost:
    """What a call to a server that gives no whole answer comes to; never later than its deadline."""
    began = time.monotonic()
    with line_to(url, seconds) as line, pytest.raises(Lost) as raised:
        post(line)
    assert time.monotonic() - began < seconds + SLACK
    return raised.value


def not_opened(url: str, seconds: float = SECONDS) -> NotOpened:
    """The same for a call of which nothing can have left."""
    began = time.monotonic()
    with line_to(url, seconds) as line, pytest.raises(NotOpened) as raised:
        post(line)
    assert time.monotonic() - began < seconds + SLACK
    assert raised.value.code == "connection_not_opened"
    return raised.value


def answer_all(peer: Peer) -> None:
    while peer.request():
        peer.answer()
