"""How far back a review reads an account's records, and until when the account is compared afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from payouts.domain.sending.pace import LONGEST_CALL
from payouts.domain.unknown.looking import RECORDED_WITHIN

RECENT = timedelta(days=1)  # yesterday as well, since a payment around midnight belongs to either day
AT_ONCE = timedelta(days=31)  # what a review compares and holds in memory at once
TOO_YOUNG = timedelta(minutes=10)  # what belongs to it may still be on its way to us
# Until all that is sent by a moment has its record, and both are old enough to be compared.
SETTLED_AFTER = TOO_YOUNG + LONGEST_CALL + RECORDED_WITHIN
_DAY = timedelta(days=1)

Stretch = tuple[datetime, datetime]


class Came(Enum):
    """How asking for an account's records ended, for a review."""

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
        """The part before `reached`, where the first day begins that could not be read; `is_whole` is False."""
        return replace(self, until=reached, is_whole=False)

    def days(self) -> Iterator[Stretch]:
        """The days as (since, until), the oldest first."""
        since = self.since
        while since < self.until:
            yield since, min(since + _DAY, self.until)
            since += _DAY

    @property
    def compared_until(self) -> datetime:
        """Until when the comparison is final: a payment sent later may have a record that was not read.

        Where the reading broke off, its last day only supplies partners for the day before.
        """
        return self.until - (SETTLED_AFTER if self.is_whole else _DAY)

    def parts(self) -> Iterator[tuple[date, date, datetime]]:
        """(first day, last day, compared until) of each part that is compared at once, AT_ONCE long at most."""
        end = self.until if self.is_whole else self.compared_until
        since = self.since
        while since < end:
            until = min(since + AT_ONCE, end)
            yield since.date(), (until - timedelta.resolution).date(), min(until, self.compared_until)
            since = until


def next_reading(compared_until: datetime, *, now: datetime) -> Reading:
    """What the next review reads: everything since `compared_until`, and at least since yesterday."""
    first = min(compared_until, now - RECENT).astimezone(UTC).date()
    return Reading(datetime.combine(first, time(), tzinfo=UTC), now.astimezone(UTC))
