"""What must be true afterwards: our rows held against the provider's book. Facts in, complaints out."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from payouts.domain.withdrawals.status import MOVES, Status

Call = Mapping[str, Any]  # one line of the provider's book
NOT_PAID = {Status.REFUSED, Status.FAILED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED}
MONEY_BACK = {"Rejected", "Cancelled", "Fail"}
MAY_REMAIN = {Status.SUBMITTED, Status.UNKNOWN, *(status for status in Status if status.is_final)}
SIGNED_ALONG = {"api_key", "timestamp", "recv_window", "sign", "code", "order_time"}  # beside what was approved


@dataclass(frozen=True)
class Paper:
    """What our rows say of one withdrawal."""

    reference: str
    provider: str
    customer: str  # what its provider calls the account
    status: Status
    fields: Mapping[str, str]  # what its provider has to be told
    is_approved: bool  # by enough people other than the requester, each naming exactly this order
    moves: Sequence[tuple[Status, Status]]  # as the trail tells them
    was_resent: bool = False

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells it apart in the book: amounts are unique, so that this works without a reference too."""
        names = ("coin", "address", "amount") if self.provider == "zoomex" else SWAPSPACE
        return (self.provider, self.customer, *(self.fields[name] for name in names))


SWAPSPACE = ("token_name", "to_address", "withdraw_amount")


def identity(call: Call) -> tuple[str, ...]:
    """The same of a call."""
    return (call["provider"], *(call[name] or "" for name in ("customer", "coin", "address", "amount")))


def complaints(papers: Sequence[Paper], calls: Sequence[Call]) -> Iterator[str]:
    """Everything that must not be, one sentence each."""
    yield from paid_twice(calls)
    yield from asked_again(papers, calls)
    yield from lost(papers, calls)
    yield from wrong(papers, calls)
    yield from stuck(papers)
    yield from moved_wrongly(papers)


def paid_twice(calls: Iterable[Call]) -> Iterator[str]:
    """One reference, and one recipient and amount, is booked once at most."""
    booked = [call for call in calls if call["booked"]]
    for what, times in Counter(identity(call) for call in booked).items():
        if times > 1:
            yield f"paid {times} times: {what}"
    for reference, times in Counter(call["reference"] for call in booked if call["reference"]).items():
        if times > 1:
            yield f"paid {times} times by reference: {reference}"


def asked_again(papers: Iterable[Paper], calls: Iterable[Call]) -> Iterator[str]:
    """Once booked it is not asked for again, whatever the provider would make of it."""
    resent = {paper.identity for paper in papers if paper.was_resent}
    booked: set[tuple[str, ...]] = set()
    for call in calls:
        if identity(call) in booked - resent:
            yield f"asked for again although booked: {identity(call)}"
        if call["booked"]:
            booked.add(identity(call))


def gives_back(call: Call) -> bool:
    """Whether the provider ends up not paying what it booked."""
    return call["fate"]["statuses"][-1] in MONEY_BACK


def lost(papers: Sequence[Paper], calls: Sequence[Call]) -> Iterator[str]:
    """What is booked is known as paid or perhaps paid, and what is called accepted is booked."""
    known = {paper.identity: paper for paper in papers}
    booked = {identity(call) for call in calls if call["booked"]}
    paid = booked - {identity(call) for call in calls if call["booked"] and gives_back(call)}
    for what in sorted(booked - known.keys()):
        yield f"booked, and nobody asked for it: {what}"
    for paper in papers:
        if paper.identity in paid and paper.status in NOT_PAID | {Status.APPROVED, Status.AWAITING_APPROVAL}:
            yield f"paid, and called {paper.status}: {paper.reference}"
        if paper.identity in booked - paid and paper.status is Status.COMPLETED:
            yield f"called completed, and the money went back: {paper.reference}"
        if paper.identity not in booked and paper.status in (Status.SUBMITTED, Status.COMPLETED):
            yield f"called {paper.status}, and not booked: {paper.reference}"


def wrong(papers: Sequence[Paper], calls: Iterable[Call]) -> Iterator[str]:
    """What was booked is what people approved, byte for byte, and nothing else was said."""
    known = {paper.identity: paper for paper in papers}
    for call in calls:
        paper = known.get(identity(call))
        if not call["booked"] or paper is None:
            continue
        said = body(call)
        told = {name: said.get(name) for name in paper.fields}
        if told != paper.fields or set(said) - set(paper.fields) - SIGNED_ALONG:
            yield f"booked otherwise than approved: {paper.reference}"
        if not paper.is_approved:
            yield f"booked without enough approvals: {paper.reference}"


def body(call: Call) -> dict[str, str]:
    """The fields of a call, as texts."""
    if call["content_type"].startswith("application/json"):
        return {name: str(value) for name, value in json.loads(call["body"], parse_float=str, parse_int=str).items()}
    return dict(parse_qsl(call["body"], keep_blank_values=True))


def stuck(papers: Iterable[Paper]) -> Iterator[str]:
    """In the end everything is final, accepted, or a true unknown."""
    for paper in papers:
        if paper.status not in MAY_REMAIN:
            yield f"still {paper.status}: {paper.reference}"


def moved_wrongly(papers: Iterable[Paper]) -> Iterator[str]:
    """One event per move, each beginning where the last one ended, and the last one where the row stands."""
    for paper in papers:
        stands = Status.AWAITING_APPROVAL
        for old, new in paper.moves:
            if old is not stands or new not in MOVES[old]:
                yield f"the trail of {paper.reference} says {old} to {new} where it stood at {stands}"
            stands = new
        if stands is not paper.status:
            yield f"the trail of {paper.reference} ends at {stands}, the row says {paper.status}"


def tally(papers: Iterable[Paper]) -> dict[str, int]:
    """How many withdrawals ended where."""
    counted: defaultdict[str, int] = defaultdict(int)
    for paper in papers:
        counted[paper.status.value] += 1
    return dict(sorted(counted.items()))
