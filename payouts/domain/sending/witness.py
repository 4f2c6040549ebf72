"""What a witness outside the database knows, what the rows know, and whether the two belong together. Pure.

Each account's calls are counted: 1, 2, 3, without a gap. The witness is told of each call before its first byte, and
about once a second of the newest events of the trail. So a database that went back in time lacks something that the
witness knows: a call, an event, or a release. A witness that was lost or put back lacks a call that was answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from payouts.domain.canonical import canonical, digest
from payouts.domain.errors import CountersignError

EVENTS_TOLD = 16  # a transaction may commit after others that took later numbers: told are the newest so many


class WitnessAway(CountersignError):
    """The witness cannot be reached, read or written: nothing is known, and nothing may be sent."""


class WitnessRefused(CountersignError):
    """The witness knows something else than what it was told: a call of this number, or a later one."""


@dataclass(frozen=True)
class Entry:
    """One call as the witness knows it. No secrets, no addresses, no amounts."""

    account: str
    serial: int  # the account's how-manieth call, from 1
    call: UUID
    reference: str
    digest: str  # of the order
    at: datetime
    left: bool = True  # False: told only afterwards, when its row said that provably no byte of it had left


@dataclass(frozen=True)
class Trail:
    """The newest events that somebody saw committed, oldest first, and one SHA-256 over their rows."""

    ids: tuple[int, ...] = ()
    hash: str = ""


@dataclass(frozen=True)
class Known:
    """Everything that a witness knows, but the calls before each account's last."""

    witness: UUID
    last: Mapping[str, Entry] = field(default_factory=dict)  # by account
    trail: Trail = Trail()
    released: tuple[UUID, ...] = ()  # proposals by which people let it go on after a loss, oldest first

    def serial(self, account: str) -> int:
        """The account's last call, 0 when there was none."""
        return self.last[account].serial if account in self.last else 0


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server as it names itself: made once, and on a new timeline since each time a copy took over."""

    system_identifier: int
    timeline: int


@dataclass(frozen=True)
class Row:
    """A call as its row knows it."""

    entry: Entry
    answered: bool  # whether its provider answered: it left, so that the witness was told


@dataclass(frozen=True)
class Rows:
    """What the rows say to what a witness knows; read after the witness was."""

    lacking: frozenset[str]  # accounts whose last call in the witness has no row
    untold: Sequence[Row]  # calls after the witness's last of each account, in order
    has_trail: bool  # whether the events that the witness was told are there, word for word
    has_releases: bool  # whether the witness's last release was decided here
    server: Server | None = None  # that these rows are on; None where it does not say
    remembered: Server | None = None  # that they were on; None before it was known


@dataclass(frozen=True)
class Differences:
    """What is missing on which side. False in `if` where nothing is."""

    lost_calls: tuple[str, ...] = ()  # accounts
    lost_events: bool = False
    lost_release: bool = False
    lost_by_witness: tuple[Entry, ...] = ()  # calls that were answered, so that it was told
    server: Server | None = None  # another one than the rows remember, or one on another timeline

    def __bool__(self) -> bool:
        return bool(self.lost_calls or self.lost_events or self.lost_release or self.lost_by_witness or self.server)

    def sentence(self) -> str:
        """For people: what is missing where."""
        said = [
            f"The database lacks calls of {', '.join(self.lost_calls)}." if self.lost_calls else "",
            "The database lacks events of its trail." if self.lost_events else "",
            "The database lacks a release by two people." if self.lost_release else "",
            f"The witness lacks {len(self.lost_by_witness)} calls that were answered." if self.lost_by_witness else "",
            f"The database is on another server ({self.server.system_identifier}, timeline {self.server.timeline}) "
            "than before, or was put back."
            if self.server
            else "",
        ]
        return " ".join(filter(None, said))


def differences(rows: Rows, after: Known) -> Differences:
    """What is missing on which side, of a witness read before the rows and again `after` them.

    What it knew before has to have its row; what was answered has to be known to it afterwards. What is between the
    two is under way.
    """
    return Differences(
        lost_calls=tuple(sorted(rows.lacking)),
        lost_events=not rows.has_trail,
        lost_release=not rows.has_releases,
        lost_by_witness=tuple(row.entry for row in still_untold(rows, after) if row.answered),
        server=another(rows.remembered, rows.server),
    )


def another(remembered: Server | None, now: Server | None) -> Server | None:
    """The server of now where it is another one than remembered, or on another timeline.

    None where it is the same, and where one of the two is not known: the witness is the line that always holds.
    """
    return now if remembered is not None and now != remembered else None


def still_untold(rows: Rows, after: Known) -> list[Row]:
    """Calls that the witness does not know yet, in order."""
    return [row for row in rows.untold if row.entry.serial > after.serial(row.entry.account)]


def token(known: Known, found: Differences) -> str:
    """32 hex digits that stand for just these differences: who releases them releases no others. Empty for none."""
    if not found:
        return ""
    facts: dict[str, object] = {
        "witness": known.witness,
        "calls": [known.last[account].call for account in found.lost_calls],
        "trail": known.trail.hash if found.lost_events else None,
        "release": known.released[-1] if found.lost_release else None,
        "untold": [entry.call for entry in found.lost_by_witness],
        "server": [found.server.system_identifier, found.server.timeline] if found.server else None,
    }
    return digest(canonical(facts))[:32]


def trail_of(rows: Sequence[tuple[int, Mapping[str, object]]]) -> Trail:
    """The trail of these events: their numbers, and what stands in each."""
    ordered = sorted(rows, key=lambda row: row[0])
    text = "\n".join(canonical({"id": number, **facts}) for number, facts in ordered)
    return Trail(tuple(number for number, _ in ordered), digest(text) if ordered else "")


def may_follow(last: Entry | None, entry: Entry) -> bool | None:
    """Whether a witness whose account's last call is `last` takes this entry: True to write it, None: it has it.

    False for everything else: only the next number follows, and what was told as not left never leaves.
    """
    if last is not None and (last.serial, last.call) == (entry.serial, entry.call):
        return None if last.left or not entry.left else False
    return entry.serial == (last.serial if last else 0) + 1
