"""What a provider would be told, for people to read before it is sent: the one thing screens may ask of providers."""

from payouts.domain.sending.promises import NOTHING_PROMISED, Promises
from payouts.domain.withdrawals.order import Order
from payouts.providers.base import promises_of
from payouts.providers.registry import PROVIDERS


def fields_to_send(order: Order) -> dict[str, str | int]:
    """The provider's own field names and values, without clock, key and signature: what a claim stores, to be sent.

    Raises InvalidValue when the provider cannot carry the order, by its amount's decimals as well: those that the
    provider's code knows, whatever the row of the coin says.
    """
    promised(order.provider).check_amount(order)
    return PROVIDERS[order.provider].fields(order)


def promised(provider: str) -> Promises:
    """What the code of a provider promises; nothing where it is not registered."""
    known = PROVIDERS.get(provider)
    return promises_of(known) if known else NOTHING_PROMISED


def title(provider: str) -> str:
    """The provider's name as people write it; the stored name where it is no longer registered."""
    known = PROVIDERS.get(provider)
    return known.title if known else provider
