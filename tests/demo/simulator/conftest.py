"""Fixtures: a simulator that is called directly, and one behind a real server on a loopback port."""

from collections.abc import Iterator

import pytest

from demo.simulator.serve import Running, serve
from tests.props.providers.callers import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def running(desk: Desk) -> Iterator[Running]:
    with serve(desk.simulator) as served:
        yield served
