"""When a withdrawal whose outcome is unknown may be sent once more, and when people have to decide. Pure rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# How long after a call was given up the provider may still have made a record of it. A longer stretch would let a
# later payment, made by somebody else, pass for ours.
RECORDED_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True)
class Looks:
    """What the looks for one unknown withdrawal found, and what else decides whether it may be sent once more."""

    promised: bool  # whether the provider promises that one reference pays once
    resent: bool  # whether it was sent once more already, unless that provably executed nothing
    first_absent_at: datetime | None
    last_absent_at: datetime | None
    last_was_absent: bool
    attested: bool  # whether people are about to say what became of it


def may_resend(looks: Looks, *, apart: timedelta) -> bool:
    """Whether the withdrawal may be sent once more under the same reference.

    True when the provider promises that one reference pays once, two looks at least `apart` found nothing, the last
    look found nothing either, it was not resent before, and no person's resolution of it is open.
    """
    if not looks.promised or looks.resent or looks.attested or not looks.last_was_absent:
        return False
    if looks.first_absent_at is None or looks.last_absent_at is None:
        return False
    return looks.last_absent_at - looks.first_absent_at >= apart


def needs_a_person(looks: Looks, *, apart: timedelta) -> bool:
    """True when two looks at least `apart` and the last look found nothing, and no resend is possible."""
    looked_twice = (
        looks.first_absent_at is not None
        and looks.last_absent_at is not None
        and looks.last_absent_at - looks.first_absent_at >= apart
    )
    return looked_twice and looks.last_was_absent and (looks.resent or not looks.promised)
