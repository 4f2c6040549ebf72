"""What a lost call ordered, where its withdrawal is gone: candidates are tried by making the order's digest anew. Pure.

A witness keeps the digest of the order and no address and no amount. Nobody makes another order with the same digest,
so a candidate with that digest is what was sent under that reference. One without it proves nothing about a payment of
which some detail is not known, as its remark may be.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from hashlib import sha256
from itertools import product
from typing import Any

from payouts.domain.canonical import canonical
from payouts.domain.recipients.ethereum import spelled
from payouts.domain.recipients.kind import Kind
from payouts.domain.withdrawals.order import Order

MOST_REMARKS = 200  # that are tried with each candidate
_LONGEST_AREA_CODE = 4
_NAMES = sorted({field.name for field in fields(Order)} - {"remark"})  # which is the last of an order's text
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


class Trial:
    """A lost order to be held against many candidates: what they share is written once, and hashed once.

    An order's text ends with its remark, as canonical JSON has its names in order: all remarks of a candidate go on
    from the hash of what stands before.
    """

    def __init__(self, lost: LostOrder, remarks: Iterable[str] = ()) -> None:
        """`remarks` are tried with each candidate, after its own."""
        self.lost = lost
        self.shared = [
            (
                at,
                _pieces(
                    {
                        "account": lost.account,
                        "provider": lost.provider,
                        "reference": lost.reference,
                        "host": at.host,
                        "customer": at.customer,
                    }
                ),
            )
            for at in lost.identities
        ]
        self.ends = {remark: _end(remark) for remark in list(dict.fromkeys(remarks))[:MOST_REMARKS]}

    def sent(self, candidates: Iterable[Candidate]) -> Order | None:
        """The order of the first candidate that has the lost order's digest; None where none has."""
        tries = ((candidate, at, shared) for candidate in candidates for at, shared in self.shared)
        for candidate, at, shared in tries:
            remark = self._remark(candidate, shared)
            if remark is not None:
                return _order(self.lost, candidate, remark, at)
        return None

    def _remark(self, candidate: Candidate, shared: dict[str, str]) -> str | None:
        """The remark with which the candidate is what was sent; None where it is not with any."""
        payee = candidate.payee
        own = {"kind": payee.kind, "area_code": payee.area_code, "address": payee.address}
        pieces = shared | _pieces(own | {"coin": candidate.coin, "amount": candidate.amount})
        start = sha256(("{" + ",".join(pieces[name] for name in _NAMES)).encode())
        for remark, end in ({candidate.remark: _end(candidate.remark)} | self.ends).items():
            whole = start.copy()
            whole.update(end)
            if whole.hexdigest() == self.lost.digest:
                return remark
        return None


def sent(lost: LostOrder, candidates: Iterable[Candidate]) -> Order | None:
    """The order of the first candidate that has the lost order's digest; None where none has."""
    return Trial(lost).sent(candidates)


def candidates(
    written: str, coin: str, amount: Decimal, *, kinds: Iterable[Kind], known: Iterable[Payee]
) -> Iterator[Candidate]:
    """What may have been ordered, without its remark, where a provider's record tells of this coin and amount.

    To whom, the record has `written`. `known` are payees that may be meant, spelled as an order does.
    """
    payees = dict.fromkeys([*known, *(payee for kind in kinds for payee in spellings(kind, written))])
    for payee, named in product(payees, dict.fromkeys([coin, coin.upper()])):
        yield Candidate(payee, named, amount, "")


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


def _pieces(facts: Mapping[str, Any]) -> dict[str, str]:
    """Each of the facts as it stands in canonical JSON, by its name."""
    return {name: canonical({name: value})[1:-1] for name, value in facts.items()}


def _end(remark: str) -> bytes:
    return ("," + canonical({"remark": remark})[1:]).encode()


def _order(lost: LostOrder, candidate: Candidate, remark: str, at: At) -> Order:
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
        remark=remark,
    )
