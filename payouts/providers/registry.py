"""The providers this installation knows. A new one is one file and one line here."""

from payouts.providers.base import Credentials, Provider
from payouts.providers.swapspace.provider import Swapspace
from payouts.providers.zoomex.provider import Zoomex

PROVIDERS: dict[str, type[Provider]] = {
    Zoomex.name: Zoomex,
    Swapspace.name: Swapspace,
}


def open_provider(credentials: Credentials) -> Provider:
    """A client for the account. It connects at the first `submit`; `close` it when done."""
    return PROVIDERS[credentials.provider](credentials)
