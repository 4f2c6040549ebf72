"""Who may say yes to a proposal, of whatever kind: facts in, an objection or None out. Each kind has its own words."""

from collections.abc import Iterable
from dataclasses import dataclass

from payouts.domain.decisions.proposal import ProposalFacts, State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import NO_ROLE, Act, Person, first, role_objection

OWN_PROPOSAL = Objection("own_proposal", "Somebody else has to decide what you proposed.")
APPROVED_ALREADY = Objection("approved_already", "You have approved this one already.")
EXPIRED = Objection("expired", "Its time to be decided is over. Propose it anew.")
DIFFERS = Objection("digest_differs", "It is not what was proposed any more. Do not approve it; tell an auditor.")
STALE = Objection("stale_page", "Your page showed something else than this. Look again.")


@dataclass(frozen=True)
class Words:
    """What a kind says to somebody who may not say yes."""

    act: Act
    closed: Objection | None = None  # as its subject stands, there is nothing to decide any more
    excluded: Objection = OWN_PROPOSAL
    already: Objection = APPROVED_ALREADY
    role: Objection = NO_ROLE  # the act is the person's, but not for this proposal
    expired: Objection = EXPIRED
    differs: Objection = DIFFERS
    stale: Objection = STALE


def may_approve(
    facts: ProposalFacts, person: Person, words: Words, *, shown_digest: str, now: Iterable[Objection | None] = ()
) -> Objection | None:
    """Why this person may not say yes to what their page showed; None when they may.

    `now` is what the kind itself has against it as things stand.
    """
    return first(
        [
            role_objection(person, words.act),
            words.closed or closed(facts),
            None if person.roles & facts.roles else words.role,
            words.excluded if person.id in facts.excluded else None,
            words.already if person.id in facts.approvals else None,
            words.expired if facts.expired else None,
            words.differs if facts.digest_now != facts.digest else None,
            words.stale if shown_digest != facts.digest else None,
            *now,
        ]
    )


def closed(facts: ProposalFacts) -> Objection | None:
    """It was decided, or need not be decided any more."""
    if facts.state is State.OPEN:
        return None
    return Objection("already_decided", f"Too late: this was already {facts.state.label.lower()}.")
