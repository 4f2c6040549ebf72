"""The line without sockets says what the real line says: of every fault, and of every provider."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from demo.simulator.customers import parse
from demo.simulator.faults.asked import read_fault
from demo.simulator.faults.fault import KINDS, On
from demo.simulator.serve import serve
from demo.simulator.site import Simulator
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, Answer, NotExecuted, Unknown
from payouts.domain.unknown.record import Listed, Unavailable
from payouts.providers.http import Line
from payouts.providers.json_over_http import Calls, JsonOverHttp
from payouts.providers.swapspace.provider import Swapspace
from payouts.providers.zoomex.provider import Zoomex
from tests.props.providers.callers import SWAPSPACE, ZOOMEX, Clock
from tests.props.providers.in_process import InProcess
from tests.props.providers.lines import account, instruction

DEADLINE = 0.4  # one slow byte arrives before it, the second after it
TOLD = {"zoomex": [ZOOMEX | {"recipients": "*"}], "swapspace": [SWAPSPACE]}
PAYS = {"zoomex": Kind.UID, "swapspace": Kind.TRX_CHAIN}
CLASSES: dict[str, type[JsonOverHttp]] = {"zoomex": Zoomex, "swapspace": Swapspace}
CLOCK = Clock()
FAULTS: dict[str, dict[str, object]] = {"code": {"code": 40000}, "slow_bytes": {"seconds": 0.25}}


def simulator() -> Simulator:
    return Simulator(parse(json.dumps(TOLD)), CLOCK)


def send(site: Simulator, provider: str, line: Calls, **fault: object) -> Answer:
    """One order, met by one fault."""
    if fault:
        site.faults.add(read_fault({"provider": provider, **fault}))
    client = CLASSES[provider](account(provider), line=line, clock=CLOCK)
    return client.submit(instruction(PAYS[provider]))


def said(answer: Answer) -> tuple[object, ...]:
    """Everything but how long it took."""
    return type(answer), getattr(answer, "code", None), replace(answer.exchange, duration_ms=0)


def over_http(provider: str, **fault: object) -> Answer:
    site = simulator()
    with serve(site) as running:
        line = Line(running.url, seconds=DEADLINE)
        try:
            return send(site, provider, line, **fault)
        finally:
            line.close()


def in_process(provider: str, **fault: object) -> Answer:
    site = simulator()
    return send(site, provider, InProcess(site, seconds=DEADLINE), **fault)


@pytest.mark.parametrize(
    ("provider", "kind"), [(name, kind) for name in KINDS for kind in sorted(KINDS[name][On.CREATE])]
)
def test_both_lines_say_the_same_of_every_fault(provider: str, kind: str) -> None:
    fault = {"fault": kind} | FAULTS.get(kind, {})
    assert said(in_process(provider, **fault)) == said(over_http(provider, **fault))


def looked_up(site: Simulator, line: Calls, kind: str) -> tuple[object, ...]:
    """What Zoomex's client makes of one look that meets a fault: everything but how long it took."""
    fault = {"provider": "zoomex", "on": "records", "fault": kind} | FAULTS.get(kind, {})
    site.faults.add(read_fault(fault | {"times": 2}))  # a look whose connection broke is repeated once
    now = datetime.fromtimestamp(CLOCK(), UTC)
    look = Zoomex(account("zoomex"), line=line, clock=CLOCK).records(since=now - timedelta(minutes=1), until=now)
    assert isinstance(look, Unavailable)
    return look.code, look.message, look.retry_after, replace(look.exchange, duration_ms=0)


@pytest.mark.parametrize("kind", sorted(KINDS["zoomex"][On.RECORDS]))
def test_both_lines_say_the_same_of_every_fault_on_records(kind: str) -> None:
    site = simulator()
    with serve(site) as running:
        line = Line(running.url, seconds=DEADLINE)
        over_sockets = looked_up(site, line, kind)
        line.close()
    again = simulator()
    assert looked_up(again, InProcess(again, seconds=DEADLINE), kind) == over_sockets


def test_a_call_without_a_fault_is_answered() -> None:
    answer = in_process("zoomex")
    assert isinstance(answer, Accepted)
    assert answer.provider_id == "10195"


def test_a_hanging_call_takes_no_time_and_was_booked() -> None:
    site = simulator()
    answer = send(site, "zoomex", InProcess(site), fault="hang")
    assert isinstance(answer, Unknown)
    assert answer.code == "timeout"
    assert len(site.book.booked()) == 1


def test_while_it_is_down_nothing_reaches_the_simulator() -> None:
    site = simulator()
    line = InProcess(site)
    line.is_down = True
    assert isinstance(send(site, "zoomex", line), NotExecuted)
    assert site.book.calls() == []


def test_records_are_read_through_it_as_well() -> None:
    site = simulator()
    zoomex = Zoomex(account("zoomex"), line=InProcess(site), clock=CLOCK)
    zoomex.submit(instruction(Kind.UID))
    now = datetime.fromtimestamp(CLOCK(), UTC)
    listed = zoomex.records(since=now - timedelta(minutes=1), until=now)
    assert isinstance(listed, Listed)
    assert [record.provider_id for record in listed.records] == ["10195"]
