"""The question that most of these tests ask."""

from typing import Any

import pytest

from tests.props.providers.lines import MakeClient
from tests.props.providers.zoomex_records import SINCE, UNTIL


@pytest.fixture
def read(client: MakeClient) -> Any:
    """Ask for the records of one hour."""
    return lambda: client("zoomex").records(since=SINCE, until=UNTIL)
