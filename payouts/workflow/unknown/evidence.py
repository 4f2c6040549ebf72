"""Evidence: files that people attach, kept whole with their hash, and who took a copy."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from payouts import audit
from payouts.audit import Event
from payouts.domain.evidence import check_evidence, sha256
from payouts.domain.people.roles import Act, role_objection
from payouts.models import Evidence, person
from payouts.workflow.attempt import attempt


def keep(name: str, content: bytes, *, by: User) -> Evidence:
    """Store a file as evidence, for ever, under a name that is safe to show.

    Joins the caller's transaction: an act that is refused leaves no file. Raises InvalidValue("evidence", ...).
    """
    known = check_evidence(name, content)
    with transaction.atomic():
        evidence = Evidence.objects.create(
            name=known.name,
            media_type=known.media_type,
            size=len(content),
            sha256=sha256(content),
            content=content,
            added_by=by,
        )
        audit.record(
            Event.EVIDENCE_ADDED, by=by, about=evidence, name=evidence.name, size=evidence.size, sha256=evidence.sha256
        )
    return evidence


def take(evidence_id: UUID, *, by: User) -> Evidence:
    """The file, for a download; audited. Raises NotPermitted (audited) or Evidence.DoesNotExist."""
    with attempt(Event.REVIEW_OBJECTED, by=by, act=Act.VIEW_WITHDRAWALS) as trying:
        trying.unless(role_objection(person(by), Act.VIEW_WITHDRAWALS))
        evidence = Evidence.objects.get(pk=evidence_id)
        audit.record(Event.EVIDENCE_TAKEN, by=by, about=evidence, name=evidence.name, sha256=evidence.sha256)
    return evidence
