"""Payments that no call asked for: as if somebody else held the key, or paid on the provider's own site."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from demo.simulator.book import Book, Call
from demo.simulator.customers import Customers
from demo.simulator.faults.fate import Fate
from demo.simulator.swapspace.counter import TOKENS

UID = "90000001"
ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"  # one of the examples of EIP-55


class BadPayment(Exception):
    """The payment cannot be booked; the message says why."""


@dataclass(frozen=True)
class Purse:
    """One coin of one customer."""

    provider: str
    customer: str
    coin: str
    settles_after: float

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"{self.provider} {self.customer} {self.coin}"


def purses(customers: Customers) -> Iterator[Purse]:
    """What a payment can be made from."""
    for zoomex in customers.zoomex.values():
        yield from (Purse("zoomex", zoomex.api_key, coin, zoomex.settles_after) for coin in zoomex.balances)
    for merchant in customers.swapspace.values():
        payable = [coin for coin in merchant.balances if coin in TOKENS]
        yield from (Purse("swapspace", merchant.code, coin, merchant.settles_after) for coin in payable)


def pay(purse: Purse, amount: str, *, at: float, book: Book) -> Call:
    """Book a payment to a stranger. Raises BadPayment for an amount that is none."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", amount) or not Decimal(amount):
        raise BadPayment("The amount has to be a number above zero, such as 250 or 99.50.")
    with book.lock:
        is_zoomex = purse.provider == "zoomex"
        return book.remember(
            Call(
                provider=purse.provider,
                received_at=at,
                content_type="",
                body="",
                headers={},
                customer=purse.customer,
                coin=purse.coin,
                amount=amount,
                address=UID if is_zoomex else ETHEREUM,
                address_type="3" if is_zoomex else None,
                block_chain=None if is_zoomex else "ETH_CHAIN",
                message="booked without a call",
                withdrawal_id=book.new_withdrawal_id() if is_zoomex else None,
                booked=True,
                fate=Fate().settling(purse.settles_after),
            )
        )
