"""Looking up over HTTP, against the simulator: booked through the client, found in the records, matched."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from demo.simulator.customers import parse
from demo.simulator.faults.asked import read_fault
from demo.simulator.serve import Running, serve
from demo.simulator.site import Simulator
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, Unknown
from payouts.domain.unknown.matching import Absent, Ambiguous, Found, find
from payouts.domain.unknown.record import Listed, RecordStatus, Unavailable
from payouts.domain.withdrawals.order import Order
from payouts.providers.zoomex import records
from payouts.providers.zoomex.provider import Zoomex
from tests.props.providers.callers import Clock
from tests.props.providers.lines import account, instruction, instruction_of, order

FAST = {"settles_after": 5, "rate": 0}
Look = Callable[..., Found | Ambiguous | Absent]


@pytest.fixture
def clock() -> Clock:
    """The provider's and ours."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Running]:
    credentials = account("zoomex")
    customer = {
        "api_key": credentials.key,
        "api_secret": credentials.secret,
        "balances": {"USDT": "100000"},
        "recipients": "*",
        **FAST,
    }
    with serve(Simulator(parse(json.dumps({"zoomex": [customer]})), clock)) as running:
        yield running


@pytest.fixture
def provider(simulator: Running, clock: Clock) -> Iterator[Zoomex]:
    zoomex = Zoomex(replace(account("zoomex", timeout="2"), base_url=simulator.url), clock=clock)
    yield zoomex
    zoomex.close()


@pytest.fixture
def look(provider: Zoomex, clock: Clock) -> Look:
    """Find an order among the records of the last minute."""

    def among_records(asked: Order, claimed_ids: frozenset[str] = frozenset()) -> Found | Ambiguous | Absent:
        until = datetime.fromtimestamp(clock(), UTC)
        since = until - timedelta(minutes=1)
        listed = provider.records(since=since, until=until)
        assert isinstance(listed, Listed)
        return find(asked, listed.records, claimed_ids=claimed_ids, sent_after=since, sent_before=until)

    return among_records


def ask(provider: Zoomex, clock: Clock) -> Any:
    now = datetime.fromtimestamp(clock(), UTC)
    return provider.records(since=now - timedelta(minutes=1), until=now)


@pytest.mark.parametrize("kind", sorted(Zoomex.kinds))
def test_what_was_booked_is_found_with_its_id(provider: Zoomex, look: Look, kind: Kind) -> None:
    asked = order(kind, amount=Decimal("12.50"))
    other = replace(asked, reference="b" * 32, amount=Decimal("12.51"))
    accepted = [provider.submit(instruction_of(each)) for each in (asked, other)]
    found = [look(each) for each in (asked, other)]
    assert all(isinstance(answer, Accepted) for answer in accepted)
    assert [answer.record.provider_id for answer in found] == ["10195", "10196"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fault", "expected"), [("book_then_drop", Found), ("drop_before_booking", Absent), ("truncated", Found)]
)
def test_an_unknown_outcome_is_resolved_by_looking(
    simulator: Running, provider: Zoomex, look: Look, fault: str, expected: type
) -> None:
    simulator.faults.add(read_fault({"provider": "zoomex", "fault": fault}))
    asked = order(Kind.EMAIL)
    assert isinstance(provider.submit(instruction_of(asked)), Unknown)
    assert isinstance(look(asked), expected)


@pytest.mark.parametrize(("kind", "expected"), [(0, Absent), (1, Found), (2, Found)])
def test_internal_transfers_are_hidden_under_the_default_type(
    provider: Zoomex, look: Look, monkeypatch: pytest.MonkeyPatch, kind: int, expected: type
) -> None:
    provider.submit(instruction(Kind.UID))
    monkeypatch.setattr(records, "ALL_TYPES", kind)
    assert isinstance(look(order(Kind.UID)), expected)


def test_the_client_asks_for_every_type(provider: Zoomex, look: Look) -> None:
    provider.submit(instruction(Kind.UID))
    assert records.ALL_TYPES == 2
    assert isinstance(look(order(Kind.UID)), Found)


def test_two_equal_orders_are_ambiguous_until_one_is_claimed(provider: Zoomex, look: Look) -> None:
    asked = order(Kind.UID)
    provider.submit(instruction_of(asked))
    provider.submit(instruction_of(replace(asked, reference="b" * 32)))
    assert look(asked) == Ambiguous(2)
    found = look(asked, claimed_ids=frozenset({"10195"}))
    assert isinstance(found, Found)
    assert found.record.provider_id == "10196"


def test_a_record_is_pending_until_it_has_settled(provider: Zoomex, look: Look, clock: Clock) -> None:
    provider.submit(instruction(Kind.UID))
    seen = []
    for seconds in (4.9, 0.1):
        clock.advance(seconds)
        found = look(order(Kind.UID))
        assert isinstance(found, Found)
        seen.append((found.record.status, found.record.known))
    assert seen == [(RecordStatus.PENDING, True), (RecordStatus.COMPLETED, True)]


def test_a_record_of_another_time_is_not_the_order_s(provider: Zoomex, look: Look, clock: Clock) -> None:
    provider.submit(instruction(Kind.UID))
    clock.advance(71)
    assert look(order(Kind.UID)) == Absent()


def test_every_page_is_read(provider: Zoomex, clock: Clock) -> None:
    for number in range(120):  # three pages of fifty, with cursors that end in = and in ==
        provider.submit(instruction(Kind.UID, reference=f"r{number}", amount=Decimal(number + 1)))
    listed = ask(provider, clock)
    assert [record.amount for record in listed.records] == list(range(120, 0, -1))


@pytest.mark.parametrize(("change", "code"), [({"secret": "another"}, "10004"), ({"key": "another"}, "10003")])
def test_a_key_that_is_not_valid_makes_records_unavailable_and_stops(
    simulator: Running, clock: Clock, change: dict[str, str], code: str
) -> None:
    credentials = replace(account("zoomex"), base_url=simulator.url, **change)  # type: ignore[arg-type]
    zoomex = Zoomex(credentials, clock=clock)
    answer = ask(zoomex, clock)
    zoomex.close()
    assert isinstance(answer, Unavailable)
    assert answer.code == code
    assert code in Zoomex.stop_codes


@pytest.mark.parametrize("fast", [0.0, 0.7, -3.0])
def test_the_skew_of_our_clock_is_measured(simulator: Running, clock: Clock, fast: float) -> None:
    ours = Zoomex(replace(account("zoomex"), base_url=simulator.url), clock=lambda: clock() + fast)
    skew = ours.clock_skew()
    ours.close()
    assert skew is not None
    assert skew.total_seconds() == pytest.approx(-fast, abs=0.01)
