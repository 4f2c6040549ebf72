"""When two states are the same, and when not: tests/boundaries/test_matrix.py spares itself equal roads by it."""

from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from demo.simulator.faults.asked import read_fault
from tests.machine import worker
from tests.machine.installation import IDEMPOTENT, Installation
from tests.machine.prepared import Prepared, prepared
from tests.machine.state import state_of
from tests.props.boundaries import Boundary, Side

Deed = Callable[[Installation], object]

CLAIM, SUBMIT, RECORD = (
    "payouts.worker.dispatch.claim",
    "payouts.providers.json_over_http.JsonOverHttp.submit",
    "payouts.worker.dispatch.record_answer",
)


@pytest.fixture
def scene(transactional_db: None) -> Iterator[Prepared]:
    with prepared() as ready:
        yield ready


def dies(side: Side, step: str) -> Deed:
    return lambda _: worker.killed_at(Boundary(side, step), worker.drain(IDEMPOTENT))


def sends(_: Installation) -> None:
    worker.drain(IDEMPOTENT)()


def fault(here: Installation) -> None:
    here.simulator.faults.add(read_fault({"provider": "zoomex", "fault": "html"}))


def after(scene: Prepared, *deeds: Deed) -> Installation:
    here, _ = scene.begin(IDEMPOTENT)
    for deed in deeds:
        deed(here)
    return here


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([], []),
        ([sends], [sends]),
        ([dies("after", CLAIM)], [dies("before", SUBMIT)]),
        ([dies("after", SUBMIT)], [dies("before", RECORD)]),
    ],
    ids=["nothing", "sent", "claimed", "booked"],
)
def test_what_nothing_lies_between_is_the_same(scene: Prepared, one: list[Deed], other: list[Deed]) -> None:
    state = state_of(after(scene, *one))
    assert state.is_as(state_of(after(scene, *other)))


@pytest.mark.parametrize(
    "deed",
    [
        lambda here: here.grow_older(10),
        lambda here: here.book.age(10),
        fault,
        lambda here: setattr(here.lines[IDEMPOTENT], "is_down", True),
    ],
    ids=["older", "provider older", "fault", "down"],
)
def test_whatever_is_different_makes_another(scene: Prepared, deed: Deed) -> None:
    sent = state_of(after(scene, sends))
    assert not state_of(after(scene, sends, deed)).is_as(sent)


def test_a_death_before_and_one_after_an_effect_are_not_the_same(scene: Prepared) -> None:
    places: list[tuple[Side, str]] = [("before", CLAIM), ("after", CLAIM), ("after", SUBMIT), ("after", RECORD)]
    states = [state_of(after(scene, dies(*place))) for place in places]
    for one, other in combinations(states, 2):
        assert not one.is_as(other)
