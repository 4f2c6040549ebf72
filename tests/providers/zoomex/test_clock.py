"""Zoomex's clock against ours."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from payouts.providers.http import Lost, NotOpened, Reply
from payouts.providers.zoomex.clock import skew
from tests.props.providers.lines import MakeClient, ScriptedLine

SERVER = 1_705_895_566.25


class Clock:
    """Ours; it goes on only while a call is under way."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class SlowLine(ScriptedLine):
    """Takes its time, half of it on the way there; the answer tells what the server's clock says then."""

    def __init__(self, clock: Clock, ahead: float, *round_trips: float) -> None:
        super().__init__()
        self.clock, self.ahead, self.round_trips = clock, ahead, list(round_trips)

    def call(
        self, method: str, path: str, *, body: bytes, headers: Mapping[str, str], began: float | None = None
    ) -> Reply:
        half = self.round_trips.pop(0) / 2
        self.clock.now += half
        self.answers(said(self.clock.now + self.ahead))
        reply = super().call(method, path, body=body, headers=headers)
        self.clock.now += half
        return reply


def said(seconds: float, **changes: object) -> dict[str, object]:
    result = {"timeSecond": str(int(seconds)), "timeNano": str(round(seconds * 1000) * 1_000_000)}
    return {"retCode": 0, "retMsg": "OK", "result": result | changes, "retExtInfo": {}, "time": int(seconds * 1000)}


def in_ms(skew: timedelta | None) -> int | None:
    return None if skew is None else round(skew / timedelta(milliseconds=1))


@pytest.mark.parametrize("ahead", [0, 2.5, -0.6, -1.0])
@pytest.mark.parametrize("round_trip", [0.0, 0.2, 0.9])
def test_half_the_round_trip_is_taken_off(ahead: float, round_trip: float) -> None:
    clock = Clock(SERVER)
    line = SlowLine(clock, ahead, round_trip, round_trip)
    assert in_ms(skew(line, clock)) == pytest.approx(ahead * 1000, abs=1)


def test_the_endpoint_is_asked_without_body_key_and_signature(client: MakeClient, line: ScriptedLine) -> None:
    line.answers(said(SERVER))
    line.answers(said(SERVER))
    client("zoomex").clock_skew()
    assert line.sent == [("GET", "/cloud/trade/v3/market/time", b"", {})] * 2


def test_the_measure_with_the_shorter_round_trip_counts() -> None:
    clock = Clock(SERVER)
    line = SlowLine(clock, 0, 0.8, 0.1)
    uneven = line.call

    def opening(
        method: str, path: str, *, body: bytes, headers: Mapping[str, str], began: float | None = None
    ) -> Reply:
        clock.now += 0.1 if line.sent else 0.0  # the other way round for the second
        return uneven(method, path, body=body, headers=headers)

    line.call = opening  # type: ignore[method-assign]
    assert in_ms(skew(line, clock)) == pytest.approx(50, abs=1)


def test_a_round_trip_over_a_second_measures_nothing() -> None:
    clock = Clock(SERVER)
    assert skew(SlowLine(clock, 0, 1.1, 1.1), clock) is None
    assert skew(SlowLine(clock, 0, 1.1, 0.1), clock) is not None


def test_a_clock_that_was_set_back_meanwhile_measures_nothing(line: ScriptedLine) -> None:
    moments = iter([SERVER, SERVER - 60, SERVER - 60, SERVER - 120])
    line.answers(said(SERVER))
    line.answers(said(SERVER))
    assert skew(line, lambda: next(moments)) is None


@pytest.mark.parametrize("failure", [Lost("timeout", "Gone.", 3), NotOpened("No connection.", 3)])
def test_one_measure_is_enough(line: ScriptedLine, failure: Exception) -> None:
    line.script.append(failure)
    line.answers(said(SERVER + 2))
    assert in_ms(skew(line, lambda: SERVER)) == pytest.approx(2000, abs=1)


@pytest.mark.parametrize(
    "break_off",
    [
        lambda line: line.script.append(Lost("timeout", "Gone.", 3)),
        lambda line: line.script.append(NotOpened("No connection.", 3)),
        lambda line: line.answers(b"<html>"),
        lambda line: line.answers(said(SERVER), 500),
        lambda line: line.answers(said(SERVER) | {"retCode": 10016}),
        lambda line: line.answers(said(SERVER) | {"result": None}),
        lambda line: line.answers(said(SERVER, timeNano=None)),
        lambda line: line.answers(said(SERVER, timeNano="soon")),
        lambda line: line.answers(said(SERVER, timeNano="1705895566")),
        lambda line: line.answers(said(SERVER, timeNano=1705895566250000000)),
    ],
)
def test_without_an_answer_that_makes_sense_there_is_no_measure(
    line: ScriptedLine, break_off: Callable[[Any], object]
) -> None:
    break_off(line)
    break_off(line)
    assert skew(line, lambda: SERVER) is None
