"""Columns of sound proposals and approvals, for `sql.insert`, and what it takes to carry one by raw SQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.canonical import digest
from payouts.domain.decisions.proposal import proposal_text
from payouts.models import Proposal
from payouts.workflow.decisions.registry import KINDS
from tests.props.decisions import proof_of
from tests.props.rows.sql import insert, update


def proposal_row(kind: str, subject: str, content: dict[str, Any], by: User | None, **changes: Any) -> dict[str, Any]:
    """A proposal of this kind about this thing, open for an hour, from which whoever raised it is excluded."""
    known = KINDS[kind]
    text = proposal_text(kind, subject, content)
    return {
        "id": uuid4(),
        "kind": kind,
        "act": known.act.value,
        "subject": subject,
        "content": text,
        "digest": digest(text),
        "raised_by_id": by.pk if by else None,
        "raised_at": timezone.now(),
        "needed": 2 if kind in ("withdrawal", "release", "identity") else 1,
        "roles": sorted(role.value for role in known.roles(None))
        if kind != "release"
        else ["Administrators", "Approvers"],
        "excluded": [by.pk] if by and kind != "release" else [],
        "open_until": timezone.now() + timedelta(hours=1),
        "state": "open",
        "decided_because": "",
    } | changes


def proposed(kind: str, subject: str, content: dict[str, Any], by: User | None, **changes: Any) -> UUID:
    """Insert such a proposal; its id."""
    row = proposal_row(kind, subject, content, by, **changes)
    insert("proposal", **row)
    return UUID(str(row["id"]))


def approval_row(proposal: Proposal, approver: User, **changes: Any) -> dict[str, Any]:
    """A sound approval, with its own proof."""
    digest = changes.get("digest", proposal.digest)
    proof = changes.get("proof_id") or proof_of(approver, proposal.act, digest).pk
    row = {
        "proposal_id": proposal.pk,
        "approver_id": approver.pk,
        "digest": digest,
        "note": "",
        "approved_at": timezone.now(),
    }
    return row | {**changes, "proof_id": proof}


def say_yes(proposal: Proposal, approver: User, **changes: Any) -> None:
    """Insert one approval."""
    insert("approval", **approval_row(proposal, approver, **changes))


def close(proposal: Proposal, state: str, by: User | None, **changes: Any) -> None:
    """Its move to this state, with who and when."""
    who = {"decided_by_id": by.pk if by else None, "decided_at": timezone.now(), "decided_because": "By hand"}
    update(proposal, **{"state": state, **who, **changes})
    proposal.refresh_from_db()


def carry(proposal: Proposal, *approvers: User) -> None:
    """Their approvals, then the proposal's move to carried by the last of them."""
    for approver in approvers:
        say_yes(proposal, approver)
    close(proposal, "carried", approvers[-1])
