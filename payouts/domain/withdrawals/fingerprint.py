"""The fingerprint of an amount: its last two decimals, drawn so that equal payments can be told apart."""

from collections.abc import Collection
from decimal import Context, Decimal, Inexact

from payouts.domain.errors import InvalidValue
from payouts.domain.money import plain

PLACES = 2
ROOM = 4  # decimals that an asset needs: two stay for people, two are the fingerprint's
MOST = 10**PLACES - 1
# The column holds 38 digits and the default context 28. Were anything rounded all the same, it would be an error.
_EXACT = Context(prec=50, traps=[Inexact])


def with_fingerprint(amount: Decimal, decimals: int, draw: int, taken: Collection[Decimal]) -> Decimal:
    """The amount plus 1 to 99 units of the last decimal that the asset takes: those drawn, or the next that are free.

    `amount` has passed money.check_amount; `taken` are the amounts, fingerprint included, to tell it from.
    Raises InvalidValue("amount", ...) when the asset has no room, the last two decimals are in use, or all
    are taken.
    """
    if decimals < ROOM:
        raise _invalid("no_room", f"The asset has fewer than {ROOM} decimals: it has no room for a fingerprint.")
    if len(plain(amount).partition(".")[2]) > decimals - PLACES:
        message = f"Write at most {decimals - PLACES} decimals: the last {PLACES} are for the fingerprint."
        raise _invalid("room_in_use", message)
    for turn in range(MOST):
        units = (draw + turn) % MOST + 1
        marked = _EXACT.add(amount, Decimal(units).scaleb(-decimals))
        if marked not in taken:
            return marked
    message = f"All {MOST} fingerprints of this amount are in use. Wait until one of those payments is over."
    raise _invalid("all_taken", message)


def without(amount: Decimal, part: Decimal) -> Decimal:
    """The amount less a part of it, exactly."""
    return _EXACT.subtract(amount, part)


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("amount", code, message)
