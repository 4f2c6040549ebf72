"""What moves a withdrawal on from where it stands: a pure function of what the rows say."""

from dataclasses import dataclass
from enum import StrEnum

from payouts.domain.recipients.book import AddressStatus
from payouts.domain.withdrawals.status import Status


class Mover(StrEnum):
    """Who or what."""

    NOBODY_HAS_TO = "it is over"
    PEOPLE = "people"  # approve, reject, or let its time run out; or say what became of it
    A_WORKER = "a worker"  # makes the call
    THE_SWEEP = "the sweep"  # ends what time ran out for, and gives up calls whose worker is gone
    A_LOOK = "a look"
    RELEASES = "releases"  # nothing is sent while it is paused
    ITS_EQUAL = "its equal"  # waits until what became of that one is known


@dataclass(frozen=True)
class Standing:
    """What the rows say of one withdrawal, as far as it matters here."""

    status: Status
    can_look_up: bool  # its account
    address: AddressStatus
    is_paused: bool
    is_stopped: bool
    has_equal: bool  # one like it is under way or unknown
    expires: bool  # whether a time is set at which it does
    is_expired: bool
    open_calls: int
    open_calls_end: bool  # whether each has a deadline
    look_is_set: bool  # whether a time is set for the next look


def next_step(row: Standing) -> Mover | None:
    """None where nothing would ever move it: a fault."""
    match row.status:
        case Status.AWAITING_APPROVAL:
            return Mover.PEOPLE if row.expires and not row.open_calls else None
        case Status.APPROVED:
            return _approved(row) if row.expires and not row.open_calls else None
        case Status.SUBMITTING:
            return Mover.THE_SWEEP if row.open_calls == 1 and row.open_calls_end else None
        case Status.UNKNOWN:
            return _unknown(row)
        case Status.SUBMITTED:
            return _followed(row) if not row.open_calls else None
        case _:
            return Mover.NOBODY_HAS_TO if not row.open_calls else None


def _approved(row: Standing) -> Mover:
    if row.is_expired or row.is_stopped or row.address is not AddressStatus.ACTIVE:
        return Mover.THE_SWEEP
    if row.is_paused:
        return Mover.RELEASES
    return Mover.ITS_EQUAL if row.has_equal else Mover.A_WORKER


def _unknown(row: Standing) -> Mover | None:
    if row.open_calls:
        return Mover.THE_SWEEP if row.open_calls == 1 and row.open_calls_end else None
    return _followed(row)


def _followed(row: Standing) -> Mover | None:
    """Where the provider can be asked it has to be: people are not expected to do what a look does."""
    if not row.can_look_up:
        return Mover.PEOPLE
    return Mover.A_LOOK if row.look_is_set else None
