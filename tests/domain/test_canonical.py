"""Canonical JSON: each type's one form, what has none, and that different facts have different texts."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.canonical import canonical, digest
from payouts.domain.recipients.kind import Kind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Number(Enum):
    FOUR = 4


FORMS: list[tuple[Any, str]] = [
    ("text", '"text"'),
    ("", '""'),
    ('"\\/', '"\\"\\\\/"'),
    ("é„😀", '"\\u00e9\\u201e\\ud83d\\ude00"'),
    ("\x00\x1f\x7f\b\t\n\f\r\u2028", '"\\u0000\\u001f\\u007f\\b\\t\\n\\f\\r\\u2028"'),
    (0, "0"),
    (-7, "-7"),
    (2**80, "1208925819614629174706176"),
    (True, "true"),
    (False, "false"),
    (None, "null"),
    (Decimal("1250.50"), '"1250.5"'),
    (Decimal("1E+3"), '"1000"'),
    (Decimal("1E-7"), '"0.0000001"'),
    (Decimal("12345678901234567890.123456789012345678"), '"12345678901234567890.123456789012345678"'),
    (NOON, '"2026-03-01T12:00:00.000000+00:00"'),
    (NOON.astimezone(timezone(timedelta(hours=5))), '"2026-03-01T12:00:00.000000+00:00"'),
    (NOON + timedelta(microseconds=1), '"2026-03-01T12:00:00.000001+00:00"'),
    (date(2026, 3, 1), '"2026-03-01"'),
    (UUID(int=10), '"0000000000000000000000000000000a"'),
    (Kind.PHONE, '"phone"'),
    (Number.FOUR, "4"),
    ([1, "1"], '[1,"1"]'),
    ((), "[]"),
    ({"b": 1, "a": {"d": [{}], "c": None}}, '{"a":{"c":null,"d":[{}]},"b":1}'),
    (MappingProxyType({"a": Decimal(1)}), '{"a":"1"}'),
    ({"a": 1, "B": 2, "é": 3, "_": 4, "\U0001f600": 5, "\uffff": 6},
     '{"B":2,"_":4,"a":1,"\\u00e9":3,"\\uffff":6,"\\ud83d\\ude00":5}'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "form"), FORMS, ids=lambda each: ascii(each)[:30])
def test_each_value_has_this_form(value: Any, form: str) -> None:
    assert canonical({"it": value}) == f'{{"it":{form}}}'


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        b"1",
        {1},
        frozenset(),
        object(),
        timedelta(1),
        NOON.time(),
        NOON.replace(tzinfo=None),
        1j,
        Kind,
        "\ud83d",
        "half \ude00",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_one_form_is_a_type_error(value: Any) -> None:
    for facts in ({"it": value}, {"it": [value]}, {"it": {"deep": (value,)}}):
        with pytest.raises(TypeError):
            canonical(facts)


@pytest.mark.parametrize("name", [1, None, True, Kind.UID, 1.0, UUID(int=1), "\ud83d"], ids=ascii)
def test_a_name_is_a_text(name: Any) -> None:
    with pytest.raises(TypeError):
        canonical({"it": {name: 1}})


def test_the_facts_are_left_as_they_are() -> None:
    facts = {"b": [Decimal("1.50")], "a": {"at": NOON}}
    canonical(facts)
    assert facts == {"b": [Decimal("1.50")], "a": {"at": NOON}}


def test_the_digest_is_sha256_in_small_hex() -> None:
    assert digest("{}") == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest("é") == hashlib.sha256(b"\xc3\xa9").hexdigest()


WHOLE = st.none() | st.booleans() | st.integers() | st.text()
DEEP = st.recursive(WHOLE, lambda deeper: st.lists(deeper) | st.dictionaries(st.text(max_size=3), deeper), max_leaves=4)
JSON = st.dictionaries(st.text(max_size=3), DEEP, max_size=3)


@given(JSON)
def test_it_is_json_that_says_the_same_in_printable_ascii(facts: Mapping[str, Any]) -> None:
    text = canonical(facts)
    assert json.loads(text) == facts
    assert text.isascii()
    assert text.isprintable()


@given(st.lists(st.tuples(st.text(), WHOLE), unique_by=lambda pair: pair[0]), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_told_does_not_matter(pairs: list[tuple[str, Any]], draw: Any) -> None:
    shuffled = draw.sample(pairs, len(pairs))
    assert canonical(dict(shuffled)) == canonical(dict(pairs))
