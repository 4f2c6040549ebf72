"""Writing proposals down, and closing them without a yes. Part of the caller's transaction, which holds the subject."""

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Actor
from payouts.domain.canonical import digest
from payouts.domain.decisions.proposal import STATE_MOVES, Content, State, proposal_text
from payouts.domain.errors import CountersignError, MovedMeanwhile
from payouts.models import Proposal
from payouts.workflow.decisions.kind import Kind, S


def propose(
    kind: Kind[S], thing: S, *, content: Content | None = None, excluded: frozenset[int] | None = None, by: Actor
) -> Proposal:
    """Write down what is to be decided about a thing, with the content and the terms as they are now.

    Raises MovedMeanwhile where a kind is proposed once for each thing, and it was. `content` and `excluded` are given
    where the kind would read them from rows that are not written yet.
    """
    subject = kind.subject(thing)
    if not kind.may_follow and Proposal.objects.filter(kind=kind.name, subject=subject).exists():
        raise MovedMeanwhile(f"A {kind.name} is proposed once, and {subject} was.")
    text = proposal_text(kind.name, subject, kind.content(thing) if content is None else content)
    return Proposal.objects.create(
        kind=kind.name,
        act=kind.act.value,
        subject=subject,
        content=text,
        digest=digest(text),
        raised_by=by if isinstance(by, User) else None,
        raised_at=timezone.now(),
        needed=kind.needed(thing),
        roles=sorted(role.value for role in kind.roles(thing)),
        excluded=sorted(kind.excluded(thing) if excluded is None else excluded),
        open_until=kind.open_until(thing),
    )


def close(proposal: Proposal, state: State, *, reason: str, by: Actor) -> None:
    """Move it to a state that is no yes. Raises MovedMeanwhile, and CountersignError for a move that there is not."""
    move(proposal, state, decided_by=by if isinstance(by, User) else None, decided_because=reason[:500])


def reopen(proposal: Proposal) -> None:
    """Have it decided again: what it was carried by does not stand any more. Raises as `close`."""
    move(proposal, State.OPEN, decided_by=None, decided_because="")


def lapse(proposal: Proposal, *, reason: str, by: Actor) -> None:
    """Close it where it is still open: nobody has to decide it any more."""
    if proposal.state == State.OPEN:
        close(proposal, State.LAPSED, reason=reason, by=by)


def move(proposal: Proposal, state: State, **columns: object) -> None:
    """Write the new state and these columns, only where the state is still what the row here says.

    Raises MovedMeanwhile where it is another by now, and CountersignError for a move that there is not.
    """
    old = State(proposal.state)
    if state not in STATE_MOVES[old]:
        raise CountersignError(f"There is no move from {old} to {state}.")
    columns |= {"state": state.value, "decided_at": None if state is State.OPEN else timezone.now()}
    if Proposal.objects.filter(pk=proposal.pk, state=old).update(**columns) != 1:
        raise MovedMeanwhile(f"Proposal {proposal.pk} was no longer {old}.")
    proposal.refresh_from_db(fields=list(columns))
