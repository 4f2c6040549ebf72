"""What became of withdrawals, as tests have people say it."""

from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.unknown.record import RecordStatus
from payouts.models import Address, ProviderRecord, Resolution, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import Attachment, Finding, FindingLine
from tests.props import decisions
from tests.props.cast import Cast, raised
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
        FindingLine(each.pk, (TRANSACTION[:-1] + f"{place}") if found is None else found)
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
    done: Resolution = decisions.yes(found, by)
    return done


def status_of(withdrawal: Withdrawal) -> str:
    return Withdrawal.objects.get(pk=withdrawal.pk).status


def record_of(paid: Withdrawal, record_id: str, **columns: Any) -> ProviderRecord:
    """The provider's record with that id, of the same payment."""
    facts: dict[str, Any] = {
        "account": paid.account, "record_id": record_id, "coin": paid.coin, "amount": paid.amount,
        "address": paid.address.address, "status": RecordStatus.COMPLETED.value, "status_text": "ok",
        "known": True, "created_at": timezone.now(), "raw": "{}",
    }  # fmt: skip
    return ProviderRecord.objects.create(**(facts | columns))
