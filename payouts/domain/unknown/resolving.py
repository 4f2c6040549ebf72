"""What people may say became of money that no provider's record tells of: facts in, an objection or None out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from payouts.domain.decisions import deciding
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import ProposalFacts, State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, first, role_objection
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.status import Status

MOST_AT_ONCE = 100
LEFT_PENDING = timedelta(days=1)  # what is under way for longer may never end
UNDECIDED = frozenset({Status.UNKNOWN, Status.SUBMITTED})


@dataclass(frozen=True)
class Undecided:
    """What the rules need to know of one withdrawal that a resolution speaks of, read under the lock."""

    reference: str
    account: str
    status: Status
    requested_by: int
    sent_at: datetime | None  # when its last call began
    call_open: bool  # whether a call for it is under way
    proposed_elsewhere: bool  # whether another open resolution speaks of it
    moved_since: bool = False  # whether its status has changed since this resolution was proposed

    @property
    def short(self) -> str:
        """As people call it: the first eight digits of its reference."""
        return self.reference[:8]


@dataclass(frozen=True)
class Proposed:
    """What the rules need to know of one person's finding."""

    decided: str  # as what, in words; empty while it waits for the second person
    proposed_by: int
    lines: tuple[Undecided, ...]
    proposal: ProposalFacts


_OUTCOMES = {
    State.OPEN: "",
    State.CARRIED: "Confirmed",
    State.REJECTED: "Declined",
    State.WITHDRAWN: "Declined",
    State.LAPSED: "Declined",
}


def outcome(state: State) -> str:
    """As what a finding was decided, in words; empty while it waits for the second person."""
    return _OUTCOMES[state]


def may_propose(lines: Sequence[Undecided], person: Person) -> Objection | None:
    """Why this person may not say what became of these; None when they may."""
    return first([role_objection(person, Act.PROPOSE_RESOLUTION), _size(lines), *_each(lines, person)])


def may_confirm(facts: Proposed, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not confirm another's finding; None when they may. It holds for every line or for none."""
    theirs = first(_own_line(line, person) for line in facts.lines)
    words = Words(
        Act.CONFIRM_RESOLUTION,
        closed=_decided(facts),
        excluded=_own_finding(facts, person) or theirs or deciding.OWN_PROPOSAL,
    )
    now = [*map(_moved, facts.lines), *_each(facts.lines, person)]
    return deciding.may_approve(facts.proposal, person, words, shown_digest=shown_digest, now=now)


def may_decline(facts: Proposed, person: Person) -> Objection | None:
    """Why this person may not decline a finding; its proposer may take it back."""
    role = None if person.id == facts.proposed_by else role_objection(person, Act.CONFIRM_RESOLUTION)
    return first([role, _decided(facts)])


def contradicts(recorded: RecordStatus, *, paid: bool) -> bool:
    """Whether the provider's own final record says the opposite: people decide only where no record does."""
    return recorded is (RecordStatus.FAILED if paid else RecordStatus.COMPLETED)


def may_still_be_paid(record: Record, *, now: datetime) -> bool:
    """Whether the provider says of its own record, in a word that is documented, that it is at it; for a day.

    Also the database holds this, with the same day.
    """
    is_pending = record.status is RecordStatus.PENDING and record.known
    return is_pending and record.created_at > now - LEFT_PENDING


# -- what can be said against it --


def _size(lines: Sequence[Undecided]) -> Objection | None:
    if not lines:
        return Objection("nothing_chosen", "Choose at least one withdrawal.")
    if len(lines) > MOST_AT_ONCE:
        return Objection("too_many", f"Choose at most {MOST_AT_ONCE} withdrawals at once.")
    if len({line.account for line in lines}) > 1:
        return Objection("several_accounts", "Choose withdrawals of one account: their evidence is in one place.")
    return None


def _each(lines: Sequence[Undecided], person: Person) -> list[Objection | None]:
    return [objection for line in lines for objection in _line(line, person)]


def _line(line: Undecided, person: Person) -> list[Objection | None]:
    which = f"Withdrawal {line.short}"
    return [
        None
        if line.status in UNDECIDED
        else Objection("not_undecided", f"{which} is {line.status.label.lower()}: there is nothing to find out."),
        _own_line(line, person),
        Objection("call_open", f"{which} is being sent once more at this moment: wait for the answer.")
        if line.call_open
        else None,
        Objection("already_proposed", f"{which} is in another proposal, which waits to be confirmed or declined.")
        if line.proposed_elsewhere
        else None,
    ]


def _own_line(line: Undecided, person: Person) -> Objection | None:
    if person.id != line.requested_by:
        return None
    message = f"Withdrawal {line.short} is your own request: two other people have to find out."
    return Objection("own_request", message)


def _moved(line: Undecided) -> Objection | None:
    if line.status in UNDECIDED and not line.moved_since:
        return None
    message = (
        f"Withdrawal {line.short} is {line.status.label.lower()} by now, so nothing was decided about any of them. "
        "Decline this proposal; what is still open can be proposed anew."
    )
    return Objection("moved_meanwhile", message)


def _decided(facts: Proposed) -> Objection | None:
    if not facts.decided:
        return None
    return Objection("already_decided", f"Too late: this was already {facts.decided.lower()}.")


def _own_finding(facts: Proposed, person: Person) -> Objection | None:
    if person.id == facts.proposed_by:
        return Objection("own_proposal", "Somebody else has to confirm what you found.")
    return None
