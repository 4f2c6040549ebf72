"""What each provider's code promises, for whoever has no call of that code at hand: days, findings, statements.

Nothing here may import a provider. Where the app is put together (`apps.py`), the function is handed down that answers
for all of them; the worker hands the promises of the very code that it calls with each call.
"""

from collections.abc import Callable

from payouts.domain.errors import CountersignError
from payouts.domain.sending.promises import Promises
from payouts.models import Account

Promised = Callable[[str], Promises]  # of a provider, by its name
_handed_down: list[Promised] = []


class NobodySaid(CountersignError):
    """Nothing was handed down that says what providers promise: the app was not put together."""


def hand_down(promised: Promised) -> None:
    """From here on, this is asked."""
    _handed_down[:] = [promised]


def is_asked(account: Account) -> bool:
    """Whether its provider is asked for its records: the code says that it can be, and the row does not forbid it."""
    return _of(account).may_be_asked(row_allows=account.can_look_up)


def is_filed(account: Account) -> bool:
    """Whether files that people add tell its records. By the code alone.

    Where the provider can be asked, no row makes a file count: by it one person could say what became of a payment.
    """
    return not _of(account).can_look_up


def _of(account: Account) -> Promises:
    if not _handed_down:
        raise NobodySaid(NobodySaid.__doc__)
    return _handed_down[0](account.provider)
