"""The audit trail: the closed list of events, and record(), the only code that adds a row.

Rows are written in the transaction of the change they tell of; nothing changes or deletes them (the database refuses).
"""

import unicodedata
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from payouts.models.audit import AuditEvent
from payouts.models.days.review import Orphan, SignOff
from payouts.models.days.statement import Evidence, Statement
from payouts.models.recipients.address import Address
from payouts.models.sending.account import Account, Asset
from payouts.models.stopping.pause import Pause
from payouts.models.unknown.resolution import Resolution
from payouts.models.withdrawals.withdrawal import Withdrawal


class Event(StrEnum):
    """Everything that can happen. The value is what the row says for ever."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_THROTTLED = "sign_in_throttled"
    SIGNED_OUT = "signed_out"
    SESSION_EXPIRED = "session_expired"
    CODE_WRONG = "code_wrong"
    CODE_THROTTLED = "code_throttled"
    SECOND_FACTOR_ENROLLED = "second_factor_enrolled"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    SECOND_FACTOR_RESET = "second_factor_reset"
    RECOVERY_CODES_ISSUED = "recovery_codes_issued"
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSWORD_WRONG = "password_wrong"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET_ASKED = "password_reset_asked"
    PASSWORD_RESET = "password_reset"
    ACCESS_DENIED = "access_denied"
    AUDIT_VIEWED = "audit_viewed"
    PERSON_ADDED = "person_added"
    ROLES_CHANGED = "roles_changed"
    PERSON_DEACTIVATED = "person_deactivated"
    PERSON_REACTIVATED = "person_reactivated"
    SESSIONS_ENDED = "sessions_ended"
    SIGN_IN_UNBLOCKED = "sign_in_unblocked"
    PEOPLE_OBJECTED = "people_objected"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_QUIET = "account_quiet"
    ACCOUNT_PAUSED = "account_paused"
    EVERYTHING_PAUSED = "everything_paused"
    PAUSE_RELEASED = "pause_released"
    PAUSE_ENDED = "pause_ended"
    PAUSE_OBJECTED = "pause_objected"
    CLOCK_CHANGED = "clock_changed"
    ASSET_ADDED = "asset_added"
    ASSET_CHANGED = "asset_changed"
    ADDRESS_PROPOSED = "address_proposed"
    ADDRESS_ACTIVATED = "address_activated"
    ADDRESS_DECLINED = "address_declined"
    ADDRESS_REVOKED = "address_revoked"
    ADDRESS_OBJECTED = "address_objected"
    WITHDRAWAL_RAISED = "withdrawal_raised"
    RAISE_OBJECTED = "raise_objected"
    WITHDRAWAL_APPROVED = "withdrawal_approved"
    APPROVAL_OBJECTED = "approval_objected"
    REJECT_OBJECTED = "reject_objected"
    CANCEL_OBJECTED = "cancel_objected"
    STATUS_MOVED = "status_moved"
    SUBMISSION_STOPPED = "submission_stopped"
    WORKER_GONE = "worker_gone"
    LATE_ANSWER = "late_answer"
    RESENT = "resent"
    RESEND_ANSWERED = "resend_answered"
    RECORD_CHANGED = "record_changed"
    ALERT_RAISED = "alert_raised"
    RESOLUTION_PROPOSED = "resolution_proposed"
    RESOLUTION_CONFIRMED = "resolution_confirmed"
    RESOLUTION_DECLINED = "resolution_declined"
    RESOLUTION_OBJECTED = "resolution_objected"
    EVIDENCE_ADDED = "evidence_added"
    EVIDENCE_TAKEN = "evidence_taken"
    STATEMENT_ADDED = "statement_added"
    ORPHAN_FOUND = "orphan_found"
    ORPHAN_CLOSED = "orphan_closed"
    DAY_SIGNED_OFF = "day_signed_off"
    REVIEW_OBJECTED = "review_objected"

    @property
    def label(self) -> str:
        """The event in words."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Worker:
    """A process that acts by itself, as the trail names it."""

    name: str


def this_worker() -> Worker:
    """The name that the trail gives to this process."""
    return Worker(f"worker {settings.PROCESS_NAME}")


Actor = User | Worker


@dataclass(frozen=True)
class Origin:
    """Where a request came from."""

    ip: str | None = None
    user_agent: str = ""


# Set for the length of one web request by the middleware; workers and commands have none.
_NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)

Subject = Withdrawal | Address | Account | Asset | Pause | Resolution | Statement | Evidence | Orphan | SignOff | User


def record(event: Event, *, by: Actor | None, about: Subject | None = None, **facts: Any) -> AuditEvent:
    """Add one row. `by` is None only where nobody is known yet, as in a sign-in that failed.

    Facts must be what JSON can hold; never a key, a code, a password or a provider's answer in full.
    """
    where = origin.get()
    return AuditEvent.objects.create(
        event=event,
        actor=by if isinstance(by, User) else None,
        actor_name=_name(by),
        subject_type=about._meta.model_name or "" if about is not None else "",
        subject_id=str(about.pk) if about is not None else "",
        facts={key: _safe(value) for key, value in facts.items()},
        ip=where.ip,
        user_agent=_safe(where.user_agent)[:200],
    )


def _name(by: Actor | None) -> str:
    match by:
        case User():
            return by.get_username()
        case Worker():
            return by.name
        case None:
            return "nobody"


# Control, format (with the bidirectional overrides), half a surrogate pair, line and paragraph breaks.
_FALSIFYING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _safe(value: Any) -> Any:
    """Text without control and direction characters, which could make a row read as something else."""
    match value:
        case str():
            return "".join(_visible(character) for character in value)
        case list() | tuple() | set() | frozenset():
            return [_safe(item) for item in value]
        case dict():
            return {_safe(key): _safe(item) for key, item in value.items()}
        case _:
            return value


def _visible(character: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _FALSIFYING else character
