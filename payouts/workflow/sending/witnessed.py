"""What the rows say to what a witness knows: read here for the worker, who asks the witness. Changes nothing.

The witness is read first: what it knew then has to have its row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import Cast

from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.identity import Identity
from payouts.domain.sending.witness import (
    EVENTS_TOLD,
    Entry,
    Known,
    Row,
    Rows,
    Trail,
    another,
    trail_of,
)
from payouts.models import Account, AuditEvent, LostCall, Pause, Submission, WitnessLink
from payouts.workflow.sending.server import server_now

_TOLD = ("at", "event", "actor_id", "actor_name", "subject_type", "subject_id")
# An answer of the provider's: a call that has one did leave, so that the witness was told of it.
_ANSWERED = (Outcome.ACCEPTED, Outcome.REFUSED)


def link() -> WitnessLink | None:
    """The witness that the rows remember; None before the first was founded."""
    return WitnessLink.objects.first()


def may_found() -> bool:
    """Whether no account has made a call yet: a witness that comes later cannot know what was before it."""
    return not (Submission.objects.exists() or LostCall.objects.exists())


def rows_for(known: Known) -> Rows:
    """What the rows say to what the witness knew a moment ago."""
    there = with_rows([entry.call for entry in known.last.values()])
    remembered = link()
    return Rows(
        lacking=frozenset(account for account, entry in known.last.items() if entry.call not in there),
        untold=_untold(known),
        has_trail=trails(known.trail)[0],
        has_releases=not known.released or _was_released(known.released[-1]),
        server=server_now(),
        remembered=remembered.server() if remembered else None,
    )


def with_rows(calls: Sequence[UUID]) -> set[UUID]:
    """Those of these calls that have rows, as lost ones among them."""
    rows = set(Submission.objects.filter(pk__in=calls).values_list("pk", flat=True))
    return rows | set(LostCall.objects.filter(pk__in=calls).values_list("pk", flat=True))


def _was_released(proposal: UUID) -> bool:
    return Pause.objects.filter(proposal=proposal, released_at__isnull=False).exists()


def _untold(known: Known) -> list[Row]:
    """Calls after the witness's last, account by account, in order."""
    newest = Submission.objects.filter(account=OuterRef("pk")).order_by("-serial").values("serial")[:1]
    accounts = Account.objects.annotate(newest=Subquery(newest)).exclude(newest=None).order_by("name")
    return [
        Row(entry_of(call, name), _was_answered(call))
        for pk, name, serial in accounts.values_list("pk", "name", "newest")
        if serial > known.serial(name)
        for call in Submission.objects.filter(account=pk, serial__gt=known.serial(name)).order_by("serial")
    ]


def _was_answered(call: Submission) -> bool:
    """Whether its provider said anything, so that the witness had been told of it."""
    return call.outcome in _ANSWERED or call.http_status is not None


def entry_of(call: Submission, account_name: str) -> Entry:
    """The call as the witness is told of it: as one that may have left, unless provably no byte did."""
    unsent = call.outcome == Outcome.NOT_EXECUTED and call.http_status is None
    return Entry(account_name, call.serial, call.pk, call.reference, call.digest, call.claimed_at, left=not unsent)


def first_without_row(calls: Sequence[UUID]) -> int:
    """How many of an account's calls, from the first on, have rows without a gap at the end."""
    there = with_rows(calls)
    return max((place + 1 for place, call in enumerate(calls) if call in there), default=0)


def trails(told: Trail) -> tuple[bool, Trail]:
    """Whether the events of a trail are there, word for word; and the trail of now. In one statement."""
    events = AuditEvent.objects.annotate(text=Cast("facts", TextField())).values("id", "text", *_TOLD)
    newest = events.order_by("-id")[:EVENTS_TOLD]
    both: Iterable[dict[str, Any]] = events.filter(id__in=told.ids).order_by().union(newest, all=True)
    rows = {row.pop("id"): row for row in both}
    there = trail_of([(number, rows[number]) for number in told.ids if number in rows])
    now = trail_of([(number, rows[number]) for number in sorted(rows)[-EVENTS_TOLD:]])
    return there == told, now


def everything_known(witness: UUID) -> Known:
    """What a new witness has to know from the start: each account's last call, and the trail."""
    calls = ((account, last_call(account)) for account in Account.objects.order_by("name"))
    last = {account.name: _entry_of_any(account, call) for account, (_, call) in calls if call is not None}
    return Known(witness, last, trails(Trail())[1])


def _entry_of_any(account: Account, call: UUID) -> Entry:
    """Of a call with a row, or of a lost one."""
    row = Submission.objects.filter(pk=call).first()
    if row is not None:
        return entry_of(row, account.name)
    lost = LostCall.objects.get(pk=call)
    left = lost.outcome != Outcome.NOT_EXECUTED
    return Entry(account.name, lost.serial, lost.pk, lost.reference, lost.digest, lost.called_at, left)


@dataclass(frozen=True)
class Step:
    """Rows, witness and server were in step: the account's next number, and the trail as it is."""

    serial: int
    trail: Trail
    after: Trail  # what the witness knows of it
    key_fingerprint: str  # of the key that will sign it


def next_step(account: Account, seen: Known, here: Identity) -> Step | None:
    """Under the account's lock: what its next call is told to the witness as; None where the two differ.

    They may differ because a call is still to be told, or because one of them went back in time.
    """
    serial, call = last_call(account)
    last = seen.last.get(account.name)
    there, trail = trails(seen.trail)
    same_call = (serial, call) == (last.serial, last.call) if last else serial == 0
    known = link()
    same_witness = known is not None and known.witness == seen.witness
    same_server = known is not None and another(known.server(), server_now()) is None
    if not (same_witness and same_server and same_call and there):
        return None
    return Step(serial + 1, trail, seen.trail, here.key_fingerprint)


def last_number(account_name: str) -> int:
    """The number of the account's last call in the rows; 0 where there is none."""
    account = Account.objects.filter(name=account_name).first()
    return last_call(account)[0] if account else 0


def last_call(account: Account) -> tuple[int, UUID | None]:
    """The number and the id of the account's last call; of a lost one before another of the same number."""
    calls = Submission.objects.filter(account=account).order_by("-serial").values_list("serial", "id")[:1]
    lost = LostCall.objects.filter(account=account).order_by("-serial").values_list("serial", "id")[:1]
    both: Iterable[tuple[int, UUID]] = lost.union(calls, all=True)
    return max(both, key=lambda call: call[0], default=(0, None))
