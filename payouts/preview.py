"""What a provider would be told, for people to read before it is sent: the one thing screens may ask of providers."""

from payouts.domain.withdrawals.order import Order
from payouts.providers.registry import PROVIDERS


def fields_to_send(order: Order) -> dict[str, str | int]:
    """The provider's own field names and values, without clock, key and signature: what a claim stores, to be sent.

    Raises InvalidValue when the provider cannot carry the order.
    """
    return PROVIDERS[order.provider].fields(order)


def title(provider: str) -> str:
    """The provider's name as people write it; the stored name where it is no longer registered."""
    known = PROVIDERS.get(provider)
    return known.title if known else provider
