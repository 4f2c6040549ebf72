"""Facts of proposals, in few words."""

from dataclasses import replace
from typing import Any

from payouts.domain.decisions.proposal import ProposalFacts, State
from payouts.domain.people.roles import Role

DIGEST = "c" * 64


def proposal_facts(**changes: Any) -> ProposalFacts:
    """An open one that a worker raised, for one person of any role."""
    plain = ProposalFacts(
        state=State.OPEN,
        raised_by=None,
        excluded=frozenset(),
        roles=frozenset(Role),
        needed=1,
        approvals={},
        digest=DIGEST,
        digest_now=DIGEST,
    )
    return replace(plain, **changes)
