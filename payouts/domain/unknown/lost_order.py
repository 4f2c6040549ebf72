"""What a lost call ordered, where its withdrawal is gone: candidates are tried by making the order's digest anew. Pure.

A witness keeps the digest of the order and no address and no amount. Nobody makes another order with the same digest,
so a candidate with that digest is what was sent under that reference. One without it proves nothing about a payment of
which some detail is not known, as its remark may be.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from payouts.domain.recipients.ethereum import spelled
from payouts.domain.recipients.kind import Kind
from payouts.domain.withdrawals.order import Order

MOST_REMARKS = 200  # that are tried with each candidate
_LONGEST_AREA_CODE = 4
_PHONE_PUNCTUATION = re.compile(r"[ ()+.-]")


@dataclass(frozen=True)
class At:
    """Who an account was at its provider at some time, as far as an order names it."""

    host: str
    customer: str


@dataclass(frozen=True)
class LostOrder:
    """What is known of the order of a lost call."""

    reference: str
    digest: str
    account: str
    provider: str
    identities: tuple[At, ...]  # what the account is and was


@dataclass(frozen=True)
class Payee:
    """A recipient as an order writes it."""

    kind: Kind
    area_code: str
    address: str


@dataclass(frozen=True)
class Candidate:
    """What may have been sent."""

    payee: Payee
    coin: str
    amount: Decimal
    remark: str


def sent(lost: LostOrder, candidates: Iterable[Candidate]) -> Order | None:
    """The order of the first candidate that has the lost order's digest; None where none has."""
    orders = (_order(lost, each, at) for each, at in product(candidates, lost.identities))
    return next((order for order in orders if order.digest() == lost.digest), None)


def candidates(
    written: str, coin: str, amount: Decimal, *, kinds: Iterable[Kind], known: Iterable[Payee], remarks: Iterable[str]
) -> Iterator[Candidate]:
    """What may have been ordered where a provider's record tells of this coin and amount, to whom it has `written`.

    `known` are payees that may be meant, spelled as an order does. `remarks` are tried after none.
    """
    payees = dict.fromkeys([*known, *(payee for kind in kinds for payee in spellings(kind, written))])
    coins = dict.fromkeys([coin, coin.upper()])
    for remark in list(dict.fromkeys(["", *remarks]))[: MOST_REMARKS + 1]:
        for payee, named in product(payees, coins):
            yield Candidate(payee, named, amount, remark)


def spellings(kind: Kind, written: str) -> Iterator[Payee]:
    """How an order of this kind may have spelled what a provider's record has `written`."""
    match kind:
        case Kind.PHONE:
            digits = _PHONE_PUNCTUATION.sub("", written)
            for place in range(1, _LONGEST_AREA_CODE + 1):
                yield Payee(kind, digits[:place], digits[place:])
        case Kind.EMAIL:
            yield from (Payee(kind, "", each) for each in (written, written.lower()))
        case Kind.ETH_CHAIN:
            yield from (Payee(kind, "", each) for each in (written, *spelled(written)))
        case Kind.UID | Kind.TRX_CHAIN:
            yield Payee(kind, "", written)


def _order(lost: LostOrder, candidate: Candidate, at: At) -> Order:
    return Order(
        reference=lost.reference,
        account=lost.account,
        provider=lost.provider,
        host=at.host,
        customer=at.customer,
        kind=candidate.payee.kind,
        area_code=candidate.payee.area_code,
        address=candidate.payee.address,
        coin=candidate.coin,
        amount=candidate.amount,
        remark=candidate.remark,
    )
