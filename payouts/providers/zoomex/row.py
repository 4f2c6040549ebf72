"""One row of Zoomex's withdrawal records, read strictly.

Sources: docs/v3/account/withdraw-record and, for the words of `status`, docs/v3/enum.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from payouts.domain.unknown.record import Record, RecordStatus

STATUSES: Mapping[str, RecordStatus] = {
    "Pending Review": RecordStatus.PENDING,
    "Pending Transfer": RecordStatus.PENDING,
    "Transferred successfully": RecordStatus.COMPLETED,
    "Rejected": RecordStatus.FAILED,
    "Cancelled": RecordStatus.FAILED,
    "Fail": RecordStatus.FAILED,
}

_WITHDRAWAL_ID = re.compile(r"[!-~]{1,64}")
_COIN = re.compile(r"[!-~]{1,32}")
_AMOUNT = re.compile(r"[0-9]{1,20}(\.[0-9]{1,18})?")  # the column is numeric(38, 18)
_MOMENT = re.compile(r"[0-9]{10}|[0-9]{13}")
_HIDDEN_PART = "**"  # a recipient that is partly hidden cannot be compared, and would look absent
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotUnderstood(Exception):
    """Part of the records cannot be read; the message names it."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{part} could not be read in the records.")
        self.part = part


def read_row(row: object, *, raw: str) -> Record:
    """The row as a record, with its text as evidence. Raises NotUnderstood where it is not as documented.

    Transaction id and fee may be missing: they say nothing of who was paid what.
    """
    if not isinstance(row, dict):
        raise NotUnderstood("a row")
    status_text = _text(row, "status", longest=64)
    return Record(
        provider_id=_formed(row, "withdraw_id", _WITHDRAWAL_ID),
        tx_id=_text(row, "tx_id", longest=200) if _says(row, "tx_id") else "",
        coin=_formed(row, "coin", _COIN),
        amount=Decimal(_formed(row, "amount", _AMOUNT)),
        fee=Decimal(_formed(row, "withdraw_fee", _AMOUNT)) if _says(row, "withdraw_fee") else None,
        address=_address(row),
        status=STATUSES.get(status_text, RecordStatus.PENDING),
        status_text=status_text,
        known=status_text in STATUSES,
        created_at=_moment(_formed(row, "create_time", _MOMENT)),
        raw=raw,
    )


def _address(row: dict[str, object]) -> str:
    address = _text(row, "to_address", longest=254)
    if _HIDDEN_PART in address:
        raise NotUnderstood("to_address")
    return address


def _says(row: dict[str, object], name: str) -> bool:
    return row.get(name) is not None and row[name] != ""


def _text(row: dict[str, object], name: str, *, longest: int) -> str:
    value = row.get(name)
    if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
        return value
    raise NotUnderstood(name)


def _formed(row: dict[str, object], name: str, form: re.Pattern[str]) -> str:
    value = row.get(name)
    if isinstance(value, str) and form.fullmatch(value):
        return value
    raise NotUnderstood(name)


def _moment(digits: str) -> datetime:
    """The moment in UTC. Of seconds (10 digits) or milliseconds (13), since the documentation shows both."""
    unit = 1000 if len(digits) == 13 else 1
    return _EPOCH + timedelta(seconds=int(digits) // unit, milliseconds=int(digits) % unit)
