"""What a provider is told: what can be written down, and that exactly that is read again."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.instruction import Fields, Instruction, read, written

FIELDS: dict[str, str | int] = {"requestId": "a1", "areaCode": 45, "amount": "1250.5", "remark": "é"}
BODY = '{"amount":"1250.5","areaCode":45,"remark":"\\u00e9","requestId":"a1"}'


def test_the_stored_text_is_fixed_to_the_byte() -> None:
    assert written(FIELDS) == BODY
    assert read(BODY) == FIELDS


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_what_is_read_is_what_was_written_type_by_type(fields: Fields) -> None:
    again = read(written(fields))
    assert again == fields
    assert {name: type(value) for name, value in again.items()} == {name: type(each) for name, each in fields.items()}


@pytest.mark.parametrize("value", [1.0, True, None, Decimal("1.5"), b"1", ["1"], {"a": "1"}, Kind.UID], ids=repr)
def test_nothing_but_text_and_whole_numbers_is_written(value: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        written(FIELDS | {"amount": value})
    assert (refused.value.field, refused.value.code) == ("amount", "not_sayable")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        '"amount"',
        "{",
        '{"amount":1250.5}',
        '{"amount":1e3}',
        '{"amount":NaN}',
        '{"amount":true}',
        '{"amount":null}',
        '{"amount":["1"]}',
        '{"amount":{}}',
        '{"amount":-0}',
        '{"amount": "1"}',
        '{"amount":"1"}\n',
        '{"amount":"1","amount":"2"}',
        '{"b":"1","a":"2"}',
        '{"remark":"é"}',
    ],
)
def test_what_was_not_written_so_is_not_read(body: str) -> None:
    with pytest.raises(ValueError, match=r"written down|Expecting"):
        read(body)


def test_nobody_changes_what_was_read() -> None:
    told: Any = Instruction("zoomex", "treasury", "a1", read(BODY))
    with pytest.raises(TypeError):
        told.fields["amount"] = "9"
    with pytest.raises(AttributeError):
        told.fields = {}
    assert json.loads(BODY) == told.fields


def test_equal_instructions_are_equal() -> None:
    assert Instruction("zoomex", "treasury", "a1", read(BODY)) == Instruction("zoomex", "treasury", "a1", read(BODY))
    other = read(BODY.replace("45", "46"))
    assert Instruction("zoomex", "treasury", "a1", read(BODY)) != Instruction("zoomex", "treasury", "a1", other)
