"""Saying yes to things, as tests have people do it: with a fresh proof of exactly what the page showed."""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.decisions.proposal import key_digest, list_digest
from payouts.models import PresenceProof
from payouts.workflow.decisions import deciding
from payouts.workflow.decisions.registry import KINDS


def proof_of(user: User, act: str, *shown: str) -> PresenceProof:
    """A fresh proof of presence, as a right code would make it; what is no digest is the key of a person."""
    digests = sorted({each if len(each) == 64 else key_digest("person", each) for each in shown})
    return PresenceProof.objects.create(
        person=user,
        act=act,
        digests=digests,
        subject=list_digest(digests),
        device="test",
        proved_at=timezone.now(),
    )


def yes(thing: Any, by: User, *, note: str = "") -> Any:
    """One approval of the thing's proposal, with its own proof."""
    kind = KINDS[thing.proposal.kind]
    return approve(thing, proof=proof_of(by, kind.act, thing.proposal.digest), note=note, by=by)


def approve(thing: Any, *, shown: str = "", proof: PresenceProof | None, note: str = "", by: User) -> Any:
    """As `yes`, with this proof, from a page that showed this digest; the thing as it is afterwards."""
    return deciding.approve({thing.proposal.pk: shown or thing.proposal.digest}, proof=proof, note=note, by=by)[0]
