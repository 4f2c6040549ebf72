"""From the domain's enums to what Django fields want."""

from typing import Protocol, TypeVar


class Labelled(Protocol):
    """An enum member with words for people."""

    @property
    def label(self) -> str: ...

    @property
    def value(self) -> str: ...


L = TypeVar("L", bound=Labelled)


def choices(members: type[L]) -> list[tuple[str, str]]:
    """The (stored value, label) pairs of an enum whose members have a `label`."""
    return [(member.value, member.label) for member in members]  # type: ignore[attr-defined]
