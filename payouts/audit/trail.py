"""Rows of the trail: who acts, from where, about what; and record(), the only code that adds a row."""

import unicodedata
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from payouts.audit.event import Event
from payouts.models.audit import AuditEvent
from payouts.models.days.review import Orphan, SignOff
from payouts.models.days.statement import Evidence, Statement
from payouts.models.recipients.address import Address
from payouts.models.sending.account import Account, Asset
from payouts.models.sending.lost_call import LostCall
from payouts.models.sending.witness_link import WitnessLink
from payouts.models.stopping.pause import Pause
from payouts.models.unknown.resolution import Resolution
from payouts.models.withdrawals.withdrawal import Withdrawal


@dataclass(frozen=True)
class Worker:
    """A process that acts by itself, as the trail names it."""

    name: str


def this_worker() -> Worker:
    """This process as an actor; the trail calls it by its process name."""
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

Subject = (
    Withdrawal
    | Address
    | Account
    | Asset
    | Pause
    | Resolution
    | Statement
    | Evidence
    | Orphan
    | SignOff
    | WitnessLink
    | LostCall
    | User
)


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
