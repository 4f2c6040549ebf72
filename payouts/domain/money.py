"""Amounts: from a person's text to a Decimal, and from there to the wire and to the screen. Never a float."""

import re
from decimal import Decimal

from payouts.domain.characters import first_outside, position, refuse_strays
from payouts.domain.errors import InvalidValue

_MOST_WHOLE_DIGITS = 20  # the column is numeric(38, 18)
_FEWEST_PLACES = 2

# The first form that the text has names its fault. Whatever passes them all is plain digits.
_FAULTS = (
    (r"(?i)[+-]?(s?nan|inf|infinity)[0-9]*", "not_finite", "Write a number, for example 1250.50."),
    (r"-.*", "negative", "An amount is greater than zero: write it without a sign."),
    (r"\+.*", "sign", "Write the amount without a sign."),
    (r".*,.*", "separator", "Write 1250.50: no thousands separators, a point for decimals."),
    (r"[0-9.]+[eE][+-]?[0-9]+", "exponent", "Write all the digits, without an exponent: 1000, not 1e3."),
    (r".*_.*", "underscore", "Write the digits without underscores: 1250.50."),
    (r"[0-9]*\.[0-9]*\..*", "several_points", "Write one point only, before the decimals: 1250.50."),
    (r"\..*|[0-9]*\.", "bare_point", "A point stands between digits: write 0.5, not .5, and 5, not 5."),
    (r"0[0-9]+(\.[0-9]+)?", "leading_zero", "Write the amount without zeros in front: 7, not 007."),
)


def parse_amount(text: str, *, coin: str, decimals: int) -> Decimal:
    """The amount that a person wrote in plain digits, exactly; nothing is stripped, guessed or rounded.

    `decimals` is what the coin takes; zeros at the end count too. Raises InvalidValue("amount", ...).
    """
    if not text:
        raise _invalid("empty", "Write an amount, for example 1250.50.")
    refuse_strays("amount", text)
    for form, code, message in _FAULTS:
        if re.fullmatch(form, text):
            raise _invalid(code, message)
    at = first_outside(text, "0123456789.")
    if at is not None:
        raise _invalid("not_digits", f"{position(text, at)}. Write digits only: 1250.50.")
    whole, _, fraction = text.partition(".")
    _check_digits(len(whole), len(fraction), coin=coin, decimals=decimals)
    amount = Decimal(text)
    check_amount(amount, coin=coin, decimals=decimals)
    return amount


def check_amount(amount: Decimal, *, coin: str, decimals: int) -> None:
    """The rule of parse_amount for an amount that is a Decimal already, as the database gives it back.

    Zeros at its end mean nothing: a column with 18 decimals adds them. Raises InvalidValue("amount", ...).
    """
    if not amount.is_finite():
        raise _invalid("not_finite", "The amount is not a number.")
    if not amount:
        raise _invalid("zero", "The amount is zero. Write an amount greater than zero.")
    if amount < 0:
        raise _invalid("negative", "An amount is greater than zero: write it without a sign.")
    _check_digits(amount.adjusted() + 1, _decimals(amount), coin=coin, decimals=decimals)


def plain(amount: Decimal) -> str:
    """The amount in the shortest plain digits, never with an exponent: `1000`, `0.0000001`.

    Not by Decimal.normalize(), which rounds to the 28 digits of the default context: the column holds 38.
    """
    text = format(amount, "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def readable(amount: Decimal, *, places: int) -> str:
    """The amount for people, `1,250.00`: never rounded, with at least `places` decimals and never under 2."""
    whole, _, fraction = format(amount, ",f").partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(max(places, _FEWEST_PLACES), '0')}"


def _check_digits(whole_digits: int, fraction_digits: int, *, coin: str, decimals: int) -> None:
    if whole_digits > _MOST_WHOLE_DIGITS:
        raise _invalid("too_large", f"An amount has at most {_MOST_WHOLE_DIGITS} digits before the point.")
    if fraction_digits > decimals:
        takes = f"at most {decimals} decimals" if decimals else "whole amounts only"
        raise _invalid("too_many_decimals", f"{coin} takes {takes}, and nothing is rounded.")


def _decimals(amount: Decimal) -> int:
    """How many decimals a finite amount needs, without those that are zeros at its end."""
    _, digits, exponent = amount.as_tuple()
    coefficient = "".join(map(str, digits))
    return max(0, len(coefficient.rstrip("0")) - len(coefficient) - int(exponent))


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("amount", code, message)
