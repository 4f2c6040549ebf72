"""This process's clock: measured before the first claim and hourly, told of once per change, and obeyed."""

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event, this_worker
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, AuditEvent
from payouts.providers.base import Timed
from payouts.worker import accounts, clock, witnessing
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ACCEPTED, ScriptedProvider
from tests.props.trail import told
from tests.props.worker import WORKER, Plug, drain, finish_jobs

pytestmark = pytest.mark.django_db


class Told(ScriptedProvider):
    """Tells how far our clock is ahead, measure by measure, in milliseconds; None where it could not be asked."""

    tolerates_behind = timedelta(seconds=5)

    def __init__(self, *ahead: int | Exception | None) -> None:
        super().__init__(ACCEPTED)
        self.ahead = list(ahead)

    def clock_skew(self) -> timedelta | None:
        ahead = self.ahead.pop(0)
        if isinstance(ahead, Exception):
            raise ahead
        return None if ahead is None else timedelta(milliseconds=-ahead)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """One account, of which nothing is known yet; the time goes on when a test says so."""
    monkeypatch.setattr(clock, "_measures", {})
    monkeypatch.setattr(accounts, "credentials", lambda: ["treasury"])
    at = [1000.0]
    monkeypatch.setattr("payouts.worker.clock.time.monotonic", lambda: at[0])
    return at


def changes(events: list[AuditEvent]) -> list[tuple[str, str]]:
    return [(event.facts["old"], event.facts["new"]) for event in events if event.event == Event.CLOCK_CHANGED]


def alerts(events: list[AuditEvent]) -> int:
    return sum(event.event == Event.ALERT_RAISED for event in events)


def test_the_double_is_what_providers_are() -> None:
    assert isinstance(Told(), Timed)
    assert not isinstance(ScriptedProvider(), Timed)


@pytest.mark.parametrize("ahead", [0, 500, -4999])
def test_a_clock_that_is_right_sends_and_is_not_spoken_of(plug: Plug, ahead: int) -> None:
    plug(Told(ahead))
    with told() as events:
        assert clock.may_send("treasury", by=WORKER)
        assert clock.may_send("treasury", by=WORKER)
    assert events == []


def test_more_than_half_a_second_fast_warns_once_and_sends(plug: Plug, db: None) -> None:
    plug(Told(501))
    with told() as events:
        assert all(clock.may_send("treasury", by=WORKER) for _ in range(3))
    assert changes(events) == [("right", "fast")]
    assert alerts(events) == 1
    assert events[0].facts["ahead_ms"] == 501
    assert events[0].actor_name == WORKER.name


@pytest.mark.parametrize("ahead", [1000, 600_000, -5000, -600_000])
def test_a_second_fast_or_a_window_slow_sends_nothing_until_it_is_right(
    cast: Cast, payee: Address, plug: Plug, ahead: int, now: list[float]
) -> None:
    asked = approved(cast, payee)
    finish_jobs()
    provider = plug(Told(ahead, ahead, 3))
    with told() as events:
        assert drain() == 0
        now[0] += 60
        clock.measure_what_is_due(by=WORKER)
        assert drain() == 0
    assert changes(events) == [("right", "wrong")]
    assert alerts(events) == 1
    asked.refresh_from_db()
    assert (provider.orders, asked.status) == ([], Status.APPROVED)
    now[0] += 60
    with told() as events:
        clock.measure_what_is_due(by=WORKER)
        assert drain() == 1
    assert changes(events) == [("wrong", "right")]
    assert alerts(events) == 0


def test_another_worker_gets_the_nudge_whose_clock_may_be_right(cast: Cast, payee: Address, plug: Plug) -> None:
    approved(cast, payee)
    finish_jobs()
    plug(Told(1000))
    drain()
    assert ProcrastinateJob.objects.get(status="todo", task_name="drain_account").scheduled_at is not None


def test_the_clock_is_asked_before_anything_is_claimed(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    plug(Told(1000))
    drain()
    assert asked.submissions.count() == 0


def test_what_could_not_be_measured_stops_nothing(plug: Plug) -> None:
    plug(Told(None))
    with told() as events:
        assert clock.may_send("treasury", by=WORKER)
    assert events == []


def test_the_last_measure_stands_while_the_provider_cannot_be_asked(plug: Plug, now: list[float]) -> None:
    plug(Told(1000, None, 0))
    assert not clock.may_send("treasury", by=WORKER)
    clock.measure("treasury", by=WORKER)
    assert not clock.may_send("treasury", by=WORKER)
    clock.measure("treasury", by=WORKER)
    assert clock.may_send("treasury", by=WORKER)


@pytest.mark.parametrize(("ahead", "seconds"), [(0, 3600), (501, 60), (1000, 60), (None, 60)])
def test_it_is_measured_hourly_and_each_minute_while_it_is_not_right(
    plug: Plug, now: list[float], ahead: int | None, seconds: float
) -> None:
    provider = Told(ahead, ahead, ahead)
    plug(provider)
    clock.measure_what_is_due(by=WORKER)
    now[0] += seconds - 1
    clock.measure_what_is_due(by=WORKER)
    assert len(provider.ahead) == 2
    now[0] += 1
    clock.measure_what_is_due(by=WORKER)
    assert len(provider.ahead) == 1


def test_a_provider_without_a_clock_is_not_measured(plug: Plug) -> None:
    plug(ScriptedProvider())
    with told() as events:
        assert clock.may_send("merchant", by=WORKER)
        clock.measure_what_is_due(by=WORKER)
    assert events == []


def test_each_account_is_measured_at_the_start_and_a_fault_of_one_is_not_the_others(
    plug: Plug, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Told(RuntimeError("canary"), 1000)
    plug(provider)
    monkeypatch.setattr(accounts, "credentials", lambda: ["merchant", "treasury"])
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction is in it
    clock.measure_what_is_due(by=WORKER)
    assert "clock not measured" in caplog.text
    assert not clock.may_send("treasury", by=WORKER)


def test_what_could_not_be_written_down_does_not_count_yet_and_is_measured_again(
    plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(Told(1000, 1000))

    def away(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database is away")

    with monkeypatch.context() as patches:
        patches.setattr(clock, "_note", away)
        with pytest.raises(RuntimeError):
            clock.may_send("treasury", by=WORKER)
    assert not clock.may_send("treasury", by=WORKER)


def test_the_worker_measures_beside_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from payouts.management.commands import worker

    started: list[object] = []

    class Thread:
        def __init__(self, **facts: object) -> None:
            started.append((facts["target"], facts["kwargs"], facts["daemon"]))

        def start(self) -> None:
            started.append("started")

    nothing = SimpleNamespace(get_worker_connector=lambda: None)
    monkeypatch.setattr(worker, "app", SimpleNamespace(connector=nothing, replace_connector=nullcontext))
    monkeypatch.setattr(worker, "asyncio", SimpleNamespace(run=lambda work: work.close()))
    monkeypatch.setattr(worker, "threading", SimpleNamespace(Thread=Thread))
    monkeypatch.setattr(worker.Command, "check", lambda self, **which: None)
    worker.Command().handle(concurrency=1)
    beside = [(target, {"by": this_worker()}, True) for target in (clock.keep_measuring, witnessing.keep_telling)]
    assert started == [beside[0], "started", beside[1], "started"]
