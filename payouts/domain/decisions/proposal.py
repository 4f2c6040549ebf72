"""Proposals: the canonical content that is decided, and the digest that people say yes to.

The content names its kind and its subject, so that a yes to one thing is never a yes to another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from payouts.domain.canonical import canonical, digest
from payouts.domain.people.roles import Role

Content = Mapping[str, object]


class State(StrEnum):
    """Where a proposal stands. The comment on each member says what is true."""

    OPEN = "open"  # it can be approved, and turned down
    CARRIED = "carried"  # enough people said yes, and what it proposes is done or may be done
    REJECTED = "rejected"  # somebody said no
    WITHDRAWN = "withdrawn"  # whoever raised it took it back
    LAPSED = "lapsed"  # nobody has to decide it any more: its time ran out, or the world was faster

    @property
    def label(self) -> str:
        return self.value.capitalize()


STATE_MOVES: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.CARRIED, State.REJECTED, State.WITHDRAWN, State.LAPSED}),
    # a withdrawal's alone, until it is claimed: somebody says no, or what it rested on does not stand any more
    State.CARRIED: frozenset({State.REJECTED, State.OPEN}),
    State.REJECTED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.LAPSED: frozenset(),
}


@dataclass(frozen=True)
class ProposalFacts:
    """What the rules need to know of a proposal, read under the lock on its subject."""

    state: State
    raised_by: int | None  # None where a worker raised it
    excluded: frozenset[int]  # who may not decide
    roles: frozenset[Role]  # one of them is needed to say yes
    needed: int  # different people who have to say yes
    approvals: Mapping[int, str]  # that stand, by person: the digest that they said yes to
    digest: str  # of the content as it was raised
    digest_now: str  # of the content as the rows say it now; another one only where somebody went past the guards
    expired: bool = False  # whether its time to be decided is over

    def counting(self, digest: str) -> int:
        """How many people said yes to this digest, those who may not decide left out."""
        return sum(1 for person, said in self.approvals.items() if said == digest and person not in self.excluded)


def proposal_text(kind: str, subject: str, content: Content) -> str:
    """One text per proposal: its content as canonical JSON, kind and subject among it. Raises TypeError."""
    return canonical({**content, "kind": kind, "subject": subject})


def key_digest(kind: str, subject: str) -> str:
    """The digest of an act on a thing that is no proposal, as changing a person's roles."""
    return digest(proposal_text(kind, subject, {}))


def list_digest(digests: Iterable[str]) -> str:
    """The one digest that stands for a list: SHA-256 over its digests, sorted, a line feed between them.

    One thing is a list of one.
    """
    return digest("\n".join(sorted(digests)))


def is_carried(facts: ProposalFacts) -> bool:
    """Whether as many different people as it needs, none of them excluded, have said yes to it as it was raised."""
    return facts.counting(facts.digest) >= max(1, facts.needed)
