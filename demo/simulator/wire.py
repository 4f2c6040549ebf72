"""Reading what was sent without changing a character of it: a JSON number keeps the text that it was."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl


class Number(str):
    """A JSON number as the text that stood on the wire: `1000` and `1000.0` are different."""

    __slots__ = ()


ReceivedFields = Mapping[str, object]


class Unreadable(Exception):
    """The body is not what its content type says."""


def read_json(body: bytes) -> ReceivedFields:
    """The members of a JSON object; raises Unreadable for anything else, a repeated member included."""
    try:
        read = json.loads(
            body.decode("utf-8"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
            object_pairs_hook=_once_each,
        )
    except (ValueError, RecursionError) as err:
        raise Unreadable("The body is not JSON.") from err
    if not isinstance(read, dict):
        raise Unreadable("The body is not a JSON object.")
    return read


def read_form(body: bytes) -> ReceivedFields:
    """The fields of a URL-encoded form; raises Unreadable when malformed or when a field comes twice."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        return _once_each(pairs)
    except ValueError as err:
        raise Unreadable("The body is not a URL-encoded form.") from err


def _once_each(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name came twice")
    return fields


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
