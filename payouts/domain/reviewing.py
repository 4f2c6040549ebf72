"""Who may explain an orphan and who may sign a day off: facts in, an objection or None out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from payouts.domain.errors import Objection
from payouts.domain.looking import RECORDED_WITHIN
from payouts.domain.pace import LONGEST_CALL
from payouts.domain.policy import first, role_objection
from payouts.domain.roles import Act, Person

RECENT = timedelta(days=1)  # yesterday as well, since a payment around midnight belongs to either day
AT_ONCE = timedelta(days=31)  # what a review compares and holds in memory at once
TOO_YOUNG = timedelta(minutes=10)  # what belongs to it may still be on its way to us
# Until all that is sent by a moment has its record, and both are old enough to be compared.
SETTLED_AFTER = TOO_YOUNG + LONGEST_CALL + RECORDED_WITHIN
_DAY = timedelta(days=1)
_NO_GAP = timedelta(seconds=1)

Stretch = tuple[datetime, datetime]


class Came(Enum):
    """What came of asking for an account's records, for a review."""

    READ = "read"  # to their end; or they can only be uploaded
    UNREADABLE = "unreadable"  # not this time: proves nothing missing
    NOT_CONFIGURED = "not_configured"  # the account's key is not here, and so nothing is sent through it either


@dataclass(frozen=True)
class Reading:
    """The time of which an account's records are read for a review: whole days in UTC, the last one until now."""

    since: datetime  # a midnight
    until: datetime
    is_whole: bool = True  # whether it was read until now, and not only until where the provider said no more

    def until_only(self, reached: datetime) -> "Reading":
        """What there is of it when the day that begins then could not be read."""
        return replace(self, until=reached, is_whole=False)

    def days(self) -> Iterator[Stretch]:
        """One after the other, the oldest first."""
        since = self.since
        while since < self.until:
            yield since, min(since + _DAY, self.until)
            since += _DAY

    @property
    def compared_until(self) -> datetime:
        """Until when it can be compared for good: what was sent later may have a record that was not read.

        Where the reading broke off, its last day is there for the partners of the day before.
        """
        return self.until - (SETTLED_AFTER if self.is_whole else _DAY)

    def parts(self) -> Iterator[tuple[date, date, datetime]]:
        """The first and the last day of what is compared at once, and until when all is compared by then."""
        end = self.until if self.is_whole else self.compared_until
        since = self.since
        while since < end:
            until = min(since + AT_ONCE, end)
            yield since.date(), (until - timedelta.resolution).date(), min(until, self.compared_until)
            since = until


@dataclass(frozen=True)
class OrphanFacts:
    """What the rules need to know of an orphan, read under its lock."""

    is_open: bool
    requested_by: int | None  # of its withdrawal; None where it has none


@dataclass(frozen=True)
class DayFacts:
    """What the rules need to know of an account's day, as the rows tell it now."""

    digest: str
    is_over: bool
    is_signed: bool
    can_look_up: bool  # whether its provider is asked for records, or people add statements
    was_compared: bool  # with everything that its provider recorded
    open_orphans: int
    unsettled: int  # withdrawals of which it is not known yet what became of them
    took_part: bool  # whether the person who asks made or checked anything of it


def next_reading(compared_until: datetime, *, now: datetime) -> Reading:
    """What the next review of an account reads: everything since the last one, however long ago, and a day at least."""
    first = min(compared_until, now - RECENT).astimezone(UTC).date()
    return Reading(datetime.combine(first, time(), tzinfo=UTC), now.astimezone(UTC))


def is_covered(since: datetime, until: datetime, by: Iterable[Stretch]) -> bool:
    """Whether these stretches of time, together, leave nothing out between the two moments.

    Less than a second is no gap: a file that tells whole seconds ends its day at 23:59:59.
    """
    reached = since
    for begin, end in sorted(by):
        if begin <= reached + _NO_GAP:
            reached = max(reached, end)
    return reached + _NO_GAP >= until


def may_close_orphan(facts: OrphanFacts, person: Person) -> Objection | None:
    """Why this person may not explain it; None when they may."""
    return first(
        [
            role_objection(person, Act.CLOSE_ORPHAN),
            None if facts.is_open else Objection("closed_already", "It is closed already."),
            Objection("own_request", "Somebody else has to explain it: the withdrawal is your own request.")
            if person.id == facts.requested_by
            else None,
        ]
    )


def may_sign_off(facts: DayFacts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not sign the day that their page showed; None when they may.

    A day is signed once, so it has to be over, compared and settled: what changed afterwards could never be signed.
    """
    return first(
        [
            role_objection(person, Act.SIGN_OFF),
            role_objection(person, Act.VIEW_RECONCILIATION),
            Objection("signed_already", "This day is signed off already.") if facts.is_signed else None,
            None if facts.is_over else Objection("not_over", "The day is not over: it ends at midnight UTC."),
            _took_part(facts),
            _not_compared(facts),
            _orphans(facts),
            _unsettled(facts),
            None
            if shown_digest == facts.digest
            else Objection("stale_page", "The day is not what your page showed any more. Look again."),
        ]
    )


def _took_part(facts: DayFacts) -> Objection | None:
    if not facts.took_part:
        return None
    return Objection("took_part", "You made or checked something of that day: somebody who did neither has to sign it.")


def _not_compared(facts: DayFacts) -> Objection | None:
    if facts.was_compared:
        return None
    remedy = (
        "The provider is asked once an hour, for every day since the account was set up here: wait for the next review."
        if facts.can_look_up
        else "Add a statement that covers all of it, 00:00 to 24:00 UTC, exported ten minutes after its end or later."
    )
    return Objection("not_compared", f"This day was not compared with the provider’s records yet. {remedy}")


def _orphans(facts: DayFacts) -> Objection | None:
    if not facts.open_orphans:
        return None
    return Objection("open_orphans", f"Explain what has no partner first: {facts.open_orphans} open.")


def _unsettled(facts: DayFacts) -> Objection | None:
    if not facts.unsettled:
        return None
    words = "withdrawal is" if facts.unsettled == 1 else "withdrawals are"
    return Objection("unsettled", f"{facts.unsettled} {words} not settled yet. Sign the day once it is known.")
