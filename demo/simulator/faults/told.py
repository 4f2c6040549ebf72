"""Reading the members of a JSON object that asks for a fault. What is wrong is said with the member's name."""

from collections.abc import Iterable, Mapping


class BadFault(Exception):
    """The fault that was asked for does not exist; the message says what is wrong."""


def one_of(told: Mapping[str, object], name: str, known: Iterable[str], default: str | None = None) -> str:
    """The value of a member that is one of the known texts."""
    value = told.get(name, default)
    if not isinstance(value, str) or value not in known:
        raise BadFault(f"{name}: one of {', '.join(sorted(known))}")
    return value


def text(name: str, value: object) -> str:
    """The value as a short text that can be printed."""
    if not isinstance(value, str) or not 0 < len(value) <= 64 or not value.isprintable():
        raise BadFault(f"{name}: a text of 1 to 64 printable characters")
    return value


def whole(told: Mapping[str, object], name: str, default: int) -> int:
    """The value of a member as a whole number above zero."""
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1_000_000:
        raise BadFault(f"{name}: a whole number above zero")
    return value


def positive(told: Mapping[str, object], name: str, default: float) -> float:
    """The value of a member as a number above zero."""
    value = number(told, name, default)
    if value <= 0:
        raise BadFault(f"{name}: a number above zero")
    return value


def number(told: Mapping[str, object], name: str, default: float | None) -> float:
    """The value of a member as a number; needed where there is no default."""
    value = told.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        raise BadFault(f"{name}: a number")
    return value
