"""What became of withdrawals, as tests have people say it."""

from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.people.roles import Act
from payouts.models import Address, Resolution, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import Attachment, Finding, Line
from tests.props.cast import Cast, proof_of, raised
from tests.props.rows.guards import forge

TRANSACTION = "0x" + "ab" * 32
PICTURE = Attachment("panel.png", b"\x89PNG\r\n\x1a\n" + b"picture" * 10)
NOTE = "The panel lists it as transferred."
_amounts = count(1)


def lost(cast: Cast, address: Address, *, status: str = "unknown", **columns: Any) -> Withdrawal:
    """A withdrawal whose outcome nobody knows; each of another amount, unless it is given."""
    asked_for = {"amount": columns.pop("amount", Decimal(next(_amounts))), "coin": columns.pop("coin", "USDT")}
    asked = raised(cast, address, by=columns.pop("by", None), **asked_for)
    forge(asked, status=status, **columns)
    return asked


def finding(*withdrawals: Withdrawal, **changes: Any) -> Finding:
    """A sound finding: paid, each by a transaction of its own."""
    found = changes.pop("found_as", None)
    lines = [
        Line(each.pk, (TRANSACTION[:-1] + f"{place}") if found is None else found)
        for place, each in enumerate(withdrawals)
    ]
    facts: dict[str, Any] = {
        "verdict": Verdict.PAID,
        "lines": tuple(lines),
        "where_looked": "The provider's panel, page 3",
        "looked_at": timezone.now(),
        "note": NOTE,
    }
    return Finding(**(facts | changes))


def proposed(cast: Cast, *withdrawals: Withdrawal, by: User | None = None, **changes: Any) -> Resolution:
    """What the second requester found, unless somebody else is named."""
    return resolution.propose(finding(*withdrawals, **changes), by=by or cast.second_requester)


def confirm(found: Resolution, by: User) -> Resolution:
    """With its own proof."""
    return resolution.confirm(found.pk, proof=proof_of(by, Act.CONFIRM_RESOLUTION, str(found.pk)), by=by)
