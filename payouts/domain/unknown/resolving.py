"""What people may say became of money that no provider's record tells of: facts in, an objection or None out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from payouts.domain.characters import refuse_unseen
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.people.roles import Act, Person
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.policy import first, role_objection
from payouts.domain.withdrawals.status import Status

MOST_AT_ONCE = 100
LONGEST_NOTE = 2000
LEFT_PENDING = timedelta(days=1)  # what is under way for longer may never end
UNDECIDED = frozenset({Status.UNKNOWN, Status.SUBMITTED})

_LONGEST_WHERE = _LONGEST_FOUND_AS = 200
_SHORTEST_WHERE = 3
_SHORTEST_SENTENCE, _FEWEST_WORDS = 20, 3
_PROVIDER_ID = re.compile(r"[0-9]{1,20}")
_TRANSACTION = re.compile(r"(0x)?[0-9A-Fa-f]{64}")


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


@dataclass(frozen=True)
class Proposed:
    """What the rules need to know of one person's finding."""

    decided: str  # as what, in words; empty while it waits for the second person
    proposed_by: int
    lines: tuple[Undecided, ...]


def may_propose(lines: Sequence[Undecided], person: Person) -> Objection | None:
    """Why this person may not say what became of these; None when they may."""
    return first([role_objection(person, Act.PROPOSE_RESOLUTION), _size(lines), *_each(lines, person)])


def may_confirm(facts: Proposed, person: Person) -> Objection | None:
    """Why this person may not confirm another's finding; None when they may. It holds for every line or for none."""
    return first(
        [
            role_objection(person, Act.CONFIRM_RESOLUTION),
            _decided(facts),
            _own_finding(facts, person),
            *map(_moved, facts.lines),
            *_each(facts.lines, person),
        ]
    )


def may_decline(facts: Proposed, person: Person) -> Objection | None:
    """Why this person may not decline a finding; its proposer may take it back."""
    role = None if person.id == facts.proposed_by else role_objection(person, Act.CONFIRM_RESOLUTION)
    return first([role, _decided(facts)])


# -- values --


def check_found_as(text: str) -> str:
    """The provider's id, a transaction hash or a place in a statement, unchanged. Raises InvalidValue("found_as")."""
    _refuse_longer("found_as", text, _LONGEST_FOUND_AS)
    refuse_unseen("found_as", text)
    if text != text.strip():
        raise InvalidValue("found_as", "outer_space", "Remove the space at the beginning or at the end.")
    return text


def check_names_payment(found_as: str) -> None:
    """Raise InvalidValue("found_as", ...) for what names no payment, as the provider's id and a transaction do."""
    message = "Paid needs the provider’s own id of the payment, or its transaction: words name no payment."
    if not found_as:
        raise InvalidValue("found_as", "nothing_found", message)
    if not is_provider_id(found_as) and not is_transaction(found_as):
        raise InvalidValue("found_as", "names_no_payment", message)


def check_names_place(found_as: str) -> None:
    """Raise InvalidValue("found_as", ...) for nothing: where no provider can be asked, words may name the place."""
    if not found_as:
        message = "Paid needs the provider's id, the transaction, or the place in a statement."
        raise InvalidValue("found_as", "nothing_found", message)


def check_where(text: str) -> str:
    """Where somebody looked, unchanged. Raises InvalidValue("where_looked", ...)."""
    _refuse_longer("where_looked", text, _LONGEST_WHERE)
    refuse_unseen("where_looked", text)
    if len(text.strip()) < _SHORTEST_WHERE:
        raise InvalidValue("where_looked", "too_short", "Say where you looked, so that somebody else can look there.")
    return text


def check_note(text: str) -> str:
    """Evidence in words, several lines of it if need be; it may be empty. Raises InvalidValue("note", ...)."""
    _refuse_longer("note", text, LONGEST_NOTE)
    for line in text.splitlines():
        refuse_unseen("note", line)
    return text


def check_evidence_given(note: str, *, attached: bool) -> None:
    """Raise InvalidValue("note", ...) where there is neither a file nor a sentence."""
    if not attached and (len(note.strip()) < _SHORTEST_SENTENCE or len(note.split()) < _FEWEST_WORDS):
        message = "Attach a file, or write in a sentence what you saw: others decide by it."
        raise InvalidValue("note", "no_evidence", message)


def check_not_too_soon(moment: datetime, lines: Sequence[Undecided], *, long_enough: timedelta) -> None:
    """Raise InvalidValue("looked_at", ...) where finding nothing does not mean yet that nothing was paid.

    The provider may still be about to book what it was sent.
    """
    for line in lines:
        if line.sent_at is not None and moment < line.sent_at + long_enough:
            at = f"{line.sent_at + long_enough:%H:%M} UTC"
            message = (
                f"Withdrawal {_short(line)} may still be booked. Look again after {at}, then say that it was not paid."
            )
            raise InvalidValue("looked_at", "too_soon", message)


def check_looked_at(moment: datetime, lines: Sequence[Undecided], *, now: datetime) -> None:
    """Raise InvalidValue("looked_at", ...) for a look that nobody can have taken, or that proves nothing."""
    if moment > now:
        raise InvalidValue("looked_at", "in_the_future", "This time has not come yet.")
    for line in lines:
        if line.sent_at is not None and moment < line.sent_at.replace(second=0, microsecond=0):
            message = f"Withdrawal {_short(line)} was sent later than that: a look before proves nothing."
            raise InvalidValue("looked_at", "before_it_was_sent", message)


def contradicts(recorded: RecordStatus, *, paid: bool) -> bool:
    """Whether the provider's own final record says the opposite: people decide only where no record does."""
    return recorded is (RecordStatus.FAILED if paid else RecordStatus.COMPLETED)


def may_still_be_paid(record: Record, *, now: datetime) -> bool:
    """Whether the provider says of its own record, in a word that is documented, that it is at it; for a day.

    Also the database holds this, with the same day.
    """
    is_pending = record.status is RecordStatus.PENDING and record.known
    return is_pending and record.created_at > now - LEFT_PENDING


def is_provider_id(found_as: str) -> bool:
    """Whether it looks like a provider's own id of a withdrawal, which names one payment."""
    return _PROVIDER_ID.fullmatch(found_as) is not None


def is_transaction(found_as: str) -> bool:
    """Whether it looks like a transaction on a chain, which may pay several people, but nobody twice."""
    return _TRANSACTION.fullmatch(found_as) is not None


def _refuse_longer(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidValue(field, "too_long", f"Write at most {longest} characters; there are {len(text)}.")


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
    which = f"Withdrawal {_short(line)}"
    return [
        None
        if line.status in UNDECIDED
        else Objection("not_undecided", f"{which} is {line.status.label.lower()}: there is nothing to find out."),
        Objection("own_request", f"{which} is your own request: two other people have to find out.")
        if person.id == line.requested_by
        else None,
        Objection("call_open", f"{which} is being sent once more at this moment: wait for the answer.")
        if line.call_open
        else None,
        Objection("already_proposed", f"{which} is in another proposal, which waits to be confirmed or declined.")
        if line.proposed_elsewhere
        else None,
    ]


def _moved(line: Undecided) -> Objection | None:
    if line.status in UNDECIDED and not line.moved_since:
        return None
    message = (
        f"Withdrawal {_short(line)} is {line.status.label.lower()} by now, so nothing was decided about any of them. "
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


def _short(line: Undecided) -> str:
    return line.reference[:8]
