"""What a provider is told: its own fields, written as one text before the call, and read back from it to be sent.

So what is sent is what is stored: a call has no order at hand, and nothing else to take its fields from.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from payouts.domain.canonical import canonical
from payouts.domain.errors import InvalidValue

Fields = Mapping[str, str | int]  # by the provider's names for them; an amount is a text, and nothing is a float


@dataclass(frozen=True)
class Instruction:
    """The fields of one call exactly as they are stored, and the account that they are of."""

    provider: str
    account: str
    reference: str  # ours; whoever follows the call knows it by this
    fields: Fields  # nobody can change them


def written(fields: Fields) -> str:
    """The fields as canonical JSON, to be stored. Raises InvalidValue for one that is neither text nor whole number."""
    for name, value in fields.items():
        if not _can_be_said(value):
            raise InvalidValue(name, "not_sayable", "It is neither text nor a whole number.")
    return canonical(fields)


def read(body: str) -> Fields:
    """The fields that `written` wrote down. Raises ValueError for any text that it does not write."""
    fields = json.loads(body)
    if not (isinstance(fields, dict) and all(map(_can_be_said, fields.values())) and canonical(fields) == body):
        raise ValueError("These are not a provider's fields as they are written down.")
    return MappingProxyType(fields)


def _can_be_said(value: object) -> bool:
    return type(value) in (str, int)  # not True, which JSON writes otherwise than a signature does
