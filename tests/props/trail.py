"""What tests ask of the audit trail: what was told meanwhile, and that a refused attempt left nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.audit import Event
from payouts.domain.errors import NotPermitted
from payouts.models import (
    Account,
    Address,
    Approval,
    Asset,
    AuditEvent,
    Authority,
    Evidence,
    IdentityChange,
    LostCall,
    LostFinding,
    LostProof,
    Pause,
    PersonSession,
    PresenceProof,
    Proposal,
    Resolution,
    ResolutionLine,
    Submission,
    Throttle,
    Withdrawal,
)

_TABLES = (
    Account, Address, Approval, Asset, Authority, Pause, PersonSession, PresenceProof, Proposal, Submission, Throttle,
    Withdrawal, User, User.groups.through, ProcrastinateJob, Evidence, Resolution, ResolutionLine, IdentityChange,
    LostCall, LostFinding, LostProof,
)  # fmt: skip


def everything(*, but: frozenset[type[Model]] = frozenset()) -> list[list[Any]]:
    """Every row that an act could change, the trail aside, and these tables."""
    return [list(table._base_manager.order_by("pk").values_list()) for table in _TABLES if table not in but]


@contextmanager
def told() -> Iterator[list[AuditEvent]]:
    """The events that were added meanwhile, oldest first; filled in at the end."""
    known = set(AuditEvent.objects.values_list("pk", flat=True))
    events: list[AuditEvent] = []
    yield events
    events += AuditEvent.objects.exclude(pk__in=known).order_by("id")


@contextmanager
def objected(code: str, event: Event, *, by: User | None) -> Iterator[None]:
    """Meanwhile policy objects: NotPermitted is raised, one event tells of it, and nothing else changed.

    `by` is None for a process.
    """
    before = everything()
    with told() as events, pytest.raises(NotPermitted) as caught:
        yield
    assert caught.value.objection.code == code
    assert caught.value.objection.message == str(caught.value)
    assert [(told.event, told.actor, told.facts["why"]) for told in events] == [(event, by, code)]
    assert everything() == before


@contextmanager
def unchanged() -> Iterator[None]:
    """Meanwhile nothing is written at all, not even to the trail."""
    before = everything()
    with told() as events:
        yield
    assert events == []
    assert everything() == before
