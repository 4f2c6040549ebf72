"""An order's values as they go out: the checks that hold for every provider, made when `fields` is asked."""

from decimal import Decimal

from payouts.domain.errors import InvalidValue
from payouts.domain.money import plain
from payouts.domain.recipients.kind import Kind


def amount(value: Decimal) -> str:
    """The amount in plain digits. Raises InvalidValue unless it is above zero and can be written exactly."""
    if not (value.is_finite() and value > 0):
        raise InvalidValue("amount", "not_positive", "The amount must be a number above zero.")
    text = plain(value)
    if Decimal(text) != value:
        raise InvalidValue("amount", "not_exact", "The amount has more digits than can be sent exactly.")
    return text


def unambiguous(field: str, text: str) -> str:
    """The text. Raises InvalidValue when it is empty, holds & or =, or has an invisible character."""
    if not text or "&" in text or "=" in text or not text.isprintable():
        message = "Empty, or with & or = or an invisible character: it cannot be signed safely."
        raise InvalidValue(field, "not_signable", message)
    return text


def kind_among(kind: Kind, kinds: frozenset[Kind], title: str) -> Kind:
    """The kind. Raises InvalidValue when the provider does not pay it."""
    if kind not in kinds:
        raise InvalidValue("kind", "not_taken", f"{title} does not pay recipients of the kind {kind.label}.")
    return kind
