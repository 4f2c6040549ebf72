"""SIMULATOR_CUSTOMERS is read as documented, and a wrong one is refused without repeating a secret."""

import json
from decimal import Decimal
from typing import Any

import pytest

from demo.simulator.customers import BadCustomers, parse

ZOOMEX: dict[str, Any] = {"api_key": "k", "api_secret": "hush", "balances": {"USDT": "10.5"}}
SWAPSPACE: dict[str, Any] = {"code": 100119, "access_key": "hush", "balances": {}}


def test_what_is_left_out_has_its_default() -> None:
    customers = parse(json.dumps({"zoomex": [ZOOMEX], "swapspace": [SWAPSPACE]}))
    zoomex, swapspace = customers.zoomex["k"], customers.swapspace["100119"]
    assert zoomex.balances == {"USDT": Decimal("10.5")}
    assert (zoomex.recipients, zoomex.rate, zoomex.settles_after) == (frozenset(), 1, 5)
    assert (swapspace.content, swapspace.internal, swapspace.prohibited) == ("either", frozenset(), False)
    assert swapspace.allowed_ips is None


def test_a_star_is_everybody_and_a_list_is_these() -> None:
    assert parse(json.dumps({"zoomex": [ZOOMEX | {"recipients": "*"}]})).zoomex["k"].recipients is None
    told = parse(json.dumps({"zoomex": [ZOOMEX | {"recipients": ["uid:1"]}]}))
    assert told.zoomex["k"].recipients == frozenset({"uid:1"})


@pytest.mark.parametrize(
    "told",
    [
        "",
        "hush",
        "[]",
        '{"zoomex": 1}',
        '{"zoomex": ["hush"]}',
        json.dumps({"zoomex": [{"api_key": "hush"}]}),
        json.dumps({"zoomex": [ZOOMEX | {"wallet": "hush"}]}),
        json.dumps({"zoomex": [ZOOMEX | {"rate": "hush"}]}),
        json.dumps({"swapspace": [SWAPSPACE | {"prohibited": "hush"}]}),
        json.dumps({"zoomex": [ZOOMEX | {"recipients": "hush"}]}),
        json.dumps({"zoomex": [ZOOMEX | {"balances": {"USDT": "hush"}}]}),
        json.dumps({"swapspace": [SWAPSPACE | {"content": "xml"}]}),
        json.dumps({"swapspace": [SWAPSPACE | {"allowed_ips": "hush"}]}),
        json.dumps({"swapspace": [SWAPSPACE | {"internal": [1]}]}),
    ],
)
def test_a_wrong_text_is_refused_without_repeating_it(told: str) -> None:
    with pytest.raises(BadCustomers) as caught:
        parse(told)
    assert "SIMULATOR_CUSTOMERS" in str(caught.value)
    assert "hush" not in str(caught.value)
