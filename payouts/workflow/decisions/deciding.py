"""Deciding: people say yes to proposals with a fresh proof of presence, or no with a reason."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from payouts.domain.decisions.proposal import State
from payouts.domain.texts import check_reason
from payouts.models import PresenceProof, Proposal, hold_as_they_are, person
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions import presence
from payouts.workflow.decisions.approving import say_yes
from payouts.workflow.decisions.kind import Kind, Rejectable
from payouts.workflow.decisions.proposing import close
from payouts.workflow.decisions.registry import KINDS


def approve(shown: Mapping[UUID, str], *, proof: PresenceProof | None, note: str = "", by: User) -> list[Any]:
    """Say yes to each of these proposals of one kind, or to none; the things that they are about, in their keys' order.

    `shown` is each proposal's id and the digest that the page showed; `proof` is of the kind's act on exactly these
    digests, and already committed. What gets its last yes is carried in the same transaction. Raises NotPermitted once
    the first objection is in the trail, InvalidValue for the note, and Proposal.DoesNotExist.
    """
    found = _named(shown)
    kind = KINDS[found[0].kind]
    kind.check_note(note)
    with attempt(kind.refused, by=by, act=kind.act) as trying:
        held = [(proposal, kind.held(proposal.subject)) for proposal in found]
        hold_as_they_are(by)
        for proposal in found:
            proposal.hold_people()
        for proposal, thing in held:
            trying.on(kind.about(thing))
            trying.unless(kind.objection(thing, person(by), shown_digest=shown[proposal.pk]))
        trying.unless(presence.use(proof, act=kind.act, digests=shown.values(), by=by))
        assert proof is not None  # noqa: S101  `use` objects to None
        for _, thing in held:
            trying.on(kind.about(thing))
            say_yes(kind, thing, proof=proof, note=note, by=by)
    return [thing for _, thing in held]


def reject(proposal_id: UUID, *, reason: str, by: User) -> Any:
    """Say no to a proposal for good; whoever raised it takes it back the same way. The thing that it was about.

    Raises NotPermitted (audited), InvalidValue, and Proposal.DoesNotExist.
    """
    check_reason(reason)
    (proposal,) = _named([proposal_id])
    kind = _rejectable(KINDS[proposal.kind])
    with attempt(kind.reject_refused, by=by, act=kind.reject_act) as trying:
        thing = kind.held(proposal.subject)
        trying.on(kind.about(thing))
        trying.unless(kind.may_reject(thing, person(by)))
        taken_back = by.pk == proposal.raised_by_id
        close(thing.proposal, State.WITHDRAWN if taken_back else State.REJECTED, reason=reason, by=by)
        kind.turn_down(thing, reason=reason, by=by)
    return thing


def _named(ids: Any) -> list[Proposal]:
    """In one order for everybody, against deadlocks. Raises Proposal.DoesNotExist where one is missing."""
    found = list(Proposal.objects.filter(pk__in=list(ids)).order_by("kind", "subject"))
    if not found or len(found) < len(set(ids)) or len({proposal.kind for proposal in found}) > 1:
        raise Proposal.DoesNotExist
    return found


def _rejectable(kind: Kind[Any]) -> Rejectable[Any]:
    if not isinstance(kind, Rejectable):
        raise Proposal.DoesNotExist(f"Nobody says no to a {kind.name}: it is left open.")
    return kind
