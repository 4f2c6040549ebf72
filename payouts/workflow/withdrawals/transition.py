"""move(): the single writer of a withdrawal's status."""

from typing import Any

from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.errors import CountersignError, MovedMeanwhile
from payouts.domain.withdrawals.status import MOVES, Status
from payouts.models import Withdrawal


def move(withdrawal: Withdrawal, to: Status, *, by: Actor, why: str = "", **columns: Any) -> None:
    """Compare-and-set to a new status, with its audit event; the caller's transaction holds both or neither.

    `columns` are written in the same statement; times among them are the database's, because a worker's clock may be
    wrong. Raises MovedMeanwhile when another move was first, and
    CountersignError when the state graph has no such move.
    """
    old = Status(withdrawal.status)
    if to not in MOVES[old]:
        raise CountersignError(f"There is no move from {old} to {to}.")
    columns |= {"status": to.value, "status_changed_at": Now()}
    moved = Withdrawal.objects.filter(pk=withdrawal.pk, status=old).update(**columns)
    if moved != 1:
        raise MovedMeanwhile(f"{withdrawal.reference} was no longer {old}.")
    withdrawal.status = to.value
    for column in columns.keys() - {"status"}:
        withdrawal.__dict__.pop(column, None)  # deferred: read from the row when somebody asks, times among them
    audit.record(Event.STATUS_MOVED, by=by, about=withdrawal, old=old, new=to, why=why)
