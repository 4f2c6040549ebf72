"""Scripted faults: what shall go wrong with the next calls, asked for beforehand and used up one by one."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

PROVIDERS = ("zoomex", "swapspace")


class Kind(StrEnum):
    """What the caller gets to see."""

    HANG = "hang"  # no byte of an answer, until the caller leaves
    DROP_BEFORE_BOOKING = "drop_before_booking"  # connection closed, nothing booked
    BOOK_THEN_DROP = "book_then_drop"  # connection closed, but it was booked
    SERVER_ERROR_BEFORE = "server_error_before"  # HTTP 500, nothing booked
    SERVER_ERROR_AFTER = "server_error_after"  # HTTP 500, but it was booked
    HTML = "html"  # HTTP 200 and a gateway's page
    TRUNCATED = "truncated"  # half of the answer, then the connection closes
    EMPTY = "empty"  # HTTP 200 and no body
    WRONG_TYPE = "wrong_type"  # the answer's JSON with every value turned into a text
    SLOW_BYTES = "slow_bytes"  # the true answer, one byte every `seconds`
    CODE = "code"  # the provider's envelope with `code`


_BOOKS_NOTHING = {Kind.DROP_BEFORE_BOOKING, Kind.SERVER_ERROR_BEFORE, Kind.CODE}


class BadFault(Exception):
    """The fault that was asked for does not exist; the message says what is wrong."""


@dataclass(frozen=True)
class Fault:
    """One kind of trouble for the next `times` create calls to a provider.

    `books`: whether the call is decided (and booked, when it is right) before the trouble starts.
    """

    provider: str
    kind: Kind
    books: bool
    code: int | None = None
    times: int = 1
    seconds: float = 1.0  # between bytes for SLOW_BYTES; the longest wait for HANG


def read_fault(told: Mapping[str, object]) -> Fault:
    """A fault from `{"provider", "fault", "code", "times", "seconds", "books"}`; raises BadFault.

    Only the first two are needed, and `code` where the fault is one. `books` has a default by kind: false for
    drop_before_booking, server_error_before and code, else true.
    """
    if told.get("provider") not in PROVIDERS:
        raise BadFault(f"provider: one of {', '.join(PROVIDERS)}")
    if told.get("fault") not in list(Kind):
        raise BadFault(f"fault: one of {', '.join(Kind)}")
    kind = Kind(str(told["fault"]))
    books = told.get("books", kind not in _BOOKS_NOTHING)
    if not isinstance(books, bool):
        raise BadFault("books: true or false")
    seconds = _positive(told, "seconds", 60.0 if kind is Kind.HANG else 1.0)
    times = int(_positive(told, "times", 1))
    return Fault(str(told["provider"]), kind, books, _code(told, kind), times, seconds)


def _code(told: Mapping[str, object], kind: Kind) -> int | None:
    code = told.get("code")
    if kind is not Kind.CODE and code is None:
        return None
    if kind is not Kind.CODE or not isinstance(code, int) or isinstance(code, bool):
        raise BadFault("code: a whole number, for the fault code only")
    return code


def _positive(told: Mapping[str, object], name: str, default: float) -> float:
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        raise BadFault(f"{name}: a number above zero")
    return value


class Faults:
    """What is still to go wrong, first come first served per provider. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Script one more."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, provider: str) -> Fault | None:
        """The fault for a call that just arrived, None when it shall go well; uses up one of its times."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.provider == provider:
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._waiting[place : place + 1] = left
                    return fault
        return None
