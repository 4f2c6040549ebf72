"""Log lines: one JSON object each, with known fields only, and an exception's place without its words."""

import json
import logging
from typing import Any

import pytest

from backoffice.logs import FIELDS, JsonFormatter


def line(message: str = "answered", *, args: tuple[object, ...] = (), **facts: Any) -> dict[str, Any]:
    """The record as it is written, read back."""
    text = written(message, args=args, **facts)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def written(message: str, *, args: tuple[object, ...] = (), **facts: Any) -> str:
    record = logging.LogRecord(
        "payouts.worker.dispatch", logging.WARNING, "x.py", 1, message, args, facts.pop("exc_info", None)
    )
    record.__dict__ |= facts
    return JsonFormatter().format(record)


def test_a_line_says_when_how_bad_where_and_what() -> None:
    found = line("answered %s", args=("twice",), created=0.5)
    assert found == {
        "at": "1970-01-01T00:00:00.500+00:00",
        "level": "warning",
        "logger": "payouts.worker.dispatch",
        "message": "answered twice",
    }


def test_known_fields_are_written() -> None:
    facts: dict[str, Any] = {name: f"{name}-value" for name in FIELDS}
    found = line(**facts)
    assert {name: found[name] for name in FIELDS} == facts


@pytest.mark.parametrize("name", ["body", "headers", "api_key", "address", "request", "password", "sign", "stack_info"])
def test_any_other_field_is_left_out(name: str) -> None:
    known: dict[str, Any] = {name: "canary"}
    assert "canary" not in json.dumps(line(**known))


def test_a_line_cannot_be_made_to_look_like_two() -> None:
    text = written("path %s", args=('/x\r\n{"level":"critical"}\u2028\x1b[2J',))
    assert not set("\r\n\u2028\x1b") & set(text)
    assert json.loads(text)["message"].startswith("path /x\r\n")


def test_an_exception_is_its_type_and_place_and_not_its_words() -> None:
    try:
        try:
            raise ValueError("canary-cause")
        except ValueError as err:
            raise RuntimeError("canary-words") from err
    except RuntimeError as err:
        found = line("failed", exc_info=(type(err), err, err.__traceback__))
    assert found["exception"] == "RuntimeError"
    assert len(found["frames"]) == 1
    assert found["frames"][0].startswith(__file__)
    assert "canary" not in json.dumps(found)


def test_a_deep_traceback_keeps_its_innermost_frames() -> None:
    def dig(depth: int) -> None:
        if depth:
            dig(depth - 1)
        raise RuntimeError

    try:
        dig(30)
    except RuntimeError as err:
        found = line("failed", exc_info=(type(err), err, err.__traceback__))
    assert len(found["frames"]) == 12


def test_a_value_that_json_does_not_know_is_text() -> None:
    assert line(reference={1}.__class__)["reference"] == "<class 'set'>"


def test_no_traceback_no_exception() -> None:
    assert "exception" not in line("fine", exc_info=(None, None, None))
