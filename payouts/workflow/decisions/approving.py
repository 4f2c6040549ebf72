"""One person's yes, and what follows from the last one. Part of the caller's transaction, which holds the subject."""

from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.domain.decisions.proposal import State, is_carried
from payouts.models import Approval, PresenceProof
from payouts.workflow.decisions.kind import Kind, S
from payouts.workflow.decisions.proposing import move


def say_yes(kind: Kind[S], thing: S, *, proof: PresenceProof, note: str = "", by: User) -> None:
    """Write one approval of the thing's proposal; with the last one needed, carry it.

    The caller has asked every rule and has used the proof up. Raises what `kind.carry` raises.
    """
    proposal = kind.proposal_of(thing)
    Approval.objects.create(
        proposal=proposal,
        approver=by,
        digest=proposal.digest,
        proof=proof,
        note=note,
        approved_at=timezone.now(),
    )
    facts = {"digest": proposal.digest, "proof": str(proof.pk), **kind.told(thing, note)}
    audit.record(kind.approved, by=by, about=kind.about(thing), **facts)
    if is_carried(proposal.facts(kind.content(thing), needed=kind.still_needed(thing))):
        move(proposal, State.CARRIED, decided_by=by, decided_because=note)
        kind.carry(thing, by=by)
