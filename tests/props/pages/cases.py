"""Every act that hangs on a page, as one table, and what fills its form or puts it out of place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.decisions.proposal import State
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, IdentityChange, LostFinding, Pause, Resolution, Withdrawal
from payouts.workflow.stopping.pause import pause_account
from tests.props.pages.pages import filled
from tests.props.rows.guards import forge

NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Case:
    """An act: on what, by whom, how its form is filled, what it is for, and what it does."""

    name: str
    on: str  # a fixture
    by: str  # of the cast
    statuses: frozenset[str]  # those that it is for
    result: str
    says: str
    event: Event
    fields: dict[str, str] = field(default_factory=dict)
    missing: Any = NOBODY
    also: frozenset[Event] = frozenset()  # what it brings about

    def __str__(self) -> str:
        return f"{self.on}-{self.name}"


WAITING, APPROVED = Status.AWAITING_APPROVAL.value, Status.APPROVED.value
BEFORE_CLAIM = frozenset({WAITING, APPROVED})
REASON = {"reason": "The invoice was withdrawn"}
CODE = {"code": ""}
SHOWN = CODE | {"digest": ""}

CASES = [
    Case("approve", "waiting", "first_approver", frozenset({WAITING}), WAITING, "Approved.",
         Event.WITHDRAWAL_APPROVED, SHOWN),
    Case("reject", "waiting", "first_approver", BEFORE_CLAIM, "rejected", "Rejected.", Event.STATUS_MOVED, REASON),
    Case("cancel", "waiting", "requester", BEFORE_CLAIM, "cancelled", "Cancelled.", Event.STATUS_MOVED, REASON),
    Case("activate", "proposed", "keeper", frozenset({"proposed"}), "active", "Active.",
         Event.ADDRESS_ACTIVATED, SHOWN),
    Case("decline", "proposed", "keeper", frozenset({"proposed"}), "declined", "Declined.",
         Event.ADDRESS_DECLINED, REASON),
    Case("revoke", "payee", "keeper", frozenset({"active"}), "revoked", "Revoked.", Event.ADDRESS_REVOKED, REASON),
    Case("roles", "colleague", "administrator", frozenset({"in"}), "in", "Roles changed.",
         Event.ROLES_CHANGED, CODE | {"roles": "Auditors"}, missing=0),
    Case("unblock", "colleague", "administrator", frozenset({"in"}), "in", "Unblocked.",
         Event.SIGN_IN_UNBLOCKED, CODE, missing=0),
    Case("end-sessions", "colleague", "administrator", frozenset({"in", "out"}), "in", "Sessions ended",
         Event.SESSIONS_ENDED, missing=0),
    Case("deactivate", "colleague", "administrator", frozenset({"in"}), "out", "Deactivated.",
         Event.PERSON_DEACTIVATED, CODE, missing=0),
    Case("reactivate", "left", "administrator", frozenset({"out"}), "in", "Reactivated.",
         Event.PERSON_REACTIVATED, CODE, missing=0),
    Case("pause", "treasury", "keeper", frozenset({"running"}), "paused", "Paused.",
         Event.ACCOUNT_PAUSED, REASON, missing=0),
    Case("release", "pressed", "first_approver", frozenset({"open"}), "open", "Released.",
         Event.PAUSE_RELEASED, SHOWN | REASON),
    Case("accept", "changing", "administrator", frozenset({"open"}), "open", "Accepted.",
         Event.IDENTITY_ACCEPTED, SHOWN),
    Case("decline", "changing", "administrator", frozenset({"open"}), "rejected", "Declined.",
         Event.IDENTITY_DECLINED, REASON),
    Case("confirm", "finding", "first_approver", frozenset({"open"}), "carried", "Confirmed.",
         Event.RESOLUTION_CONFIRMED, SHOWN, also=frozenset({Event.STATUS_MOVED})),
    Case("decline", "finding", "first_approver", frozenset({"open"}), "rejected", "Declined.",
         Event.RESOLUTION_DECLINED, REASON),
    Case("confirm", "found_lost", "first_approver", frozenset({"open"}), "carried", "Confirmed.",
         Event.LOST_CALL_CONFIRMED, SHOWN),
    Case("decline", "found_lost", "first_approver", frozenset({"open"}), "rejected", "Declined.",
         Event.LOST_CALL_DECLINED, REASON),
]  # fmt: skip
WITH_CODE = [case for case in CASES if "code" in case.fields]
WITH_REASON = [case for case in CASES if "reason" in case.fields]
OBJECTIONS = {
    Event.APPROVAL_OBJECTED,
    Event.REJECT_OBJECTED,
    Event.CANCEL_OBJECTED,
    Event.ADDRESS_OBJECTED,
    Event.PEOPLE_OBJECTED,
    Event.PAUSE_OBJECTED,
    Event.RESOLUTION_OBJECTED,
    Event.IDENTITY_OBJECTED,
    Event.LOST_CALL_OBJECTED,
}
Thing = Callable[[Case], Model]


def status_of(thing: Model) -> str:
    thing.refresh_from_db()
    if isinstance(thing, User):
        return "in" if thing.is_active else "out"
    if isinstance(thing, Account):
        return "paused" if Pause.objects.on(thing).exists() else "running"
    if isinstance(thing, Pause):
        return "open" if thing.released_at is None else "ended"
    if isinstance(thing, Resolution | IdentityChange | LostFinding):
        return str(thing.proposal.state)
    assert isinstance(thing, Withdrawal | Address)
    return thing.status


def put(thing: Model, status: str) -> None:
    """Set it to the status, past every guard."""
    if isinstance(thing, User):
        User.objects.filter(pk=thing.pk).update(is_active=status == "in")
    elif isinstance(thing, Account):
        pause_account(thing.pk, reason="Looking into it", by=User.objects.get(username="keeper"))
    elif isinstance(thing, Pause):
        forge(thing, released_at=timezone.now())
    elif isinstance(thing, Resolution | IdentityChange | LostFinding):
        approver = User.objects.get(username="second_approver")
        forge(thing.proposal, state=status, decided_by=approver, decided_at=timezone.now(), decided_because="So it is")
    else:
        forge(thing, status=status, **(_columns(thing) if status in ("active", "refused") else {}))


def _columns(thing: Model) -> dict[str, Any]:
    """What the database wants to know besides."""
    if isinstance(thing, Withdrawal):
        return {"error_code": "10001"}
    return {}


def form_of(case: Case, thing: Model, user: User) -> dict[str, str]:
    fields = filled(user, case.fields)
    return fields | ({"digest": thing.proposal.digest} if "digest" in fields else {})  # type: ignore[attr-defined]


def all_statuses(case: Case) -> list[str]:
    """Every status that the act's thing can have."""
    others = {
        "treasury": ["running", "paused"],
        "pressed": ["open", "ended"],
        "finding": [s.value for s in State],
        "changing": [s.value for s in State],
        "found_lost": [s.value for s in State],
    }
    if case.on in others:
        return others[case.on]
    if case.missing == 0:
        return ["in", "out"]
    return [s.value for s in (Status if case.on == "waiting" else AddressStatus)]
