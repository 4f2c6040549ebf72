"""One proposal of each kind, put there by raw SQL, with the people who may say yes to it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from payouts.models import Address, IdentityChange, LostFinding, Pause, Proposal, Resolution, Withdrawal
from tests.props.cast import Cast
from tests.props.rows.lost import lost_finding_row, over
from tests.props.rows.rows import (
    address_row,
    change_row,
    day_proposed,
    line_row,
    pause_row,
    resolution_row,
    unknown,
    withdrawal_row,
)
from tests.props.rows.sql import insert


@dataclass(frozen=True)
class Example:
    """What is proposed, and who decides it."""

    thing: Any  # the row that it is about; the account where a day is signed, which has no row until then
    proposal: Proposal
    approvers: tuple[User, User]
    stranger: User  # of another role


def _withdrawal(cast: Cast, payee: Address) -> Example:
    row = withdrawal_row(payee, cast.requester, purpose='Née "X" & <b>', invoice_reference="7/1")
    insert("withdrawal", **row)
    asked = Withdrawal.objects.get(pk=row["id"])
    return Example(asked, asked.proposal, (cast.first_approver, cast.second_approver), cast.keeper)


def _address(cast: Cast, payee: Address) -> Example:
    row = address_row(payee.account, cast.requester, coins=["BTC", "USDT"], owner="Łódź \\ Co")
    insert("address", **row)
    entry = Address.objects.get(pk=row["id"])
    return Example(entry, entry.proposal, (cast.keeper, cast.second_keeper), cast.first_approver)


def _resolution(cast: Cast, payee: Address) -> Example:
    lost = unknown(cast, payee), unknown(cast, payee, amount=Decimal(7))
    row = resolution_row(cast.third_approver, *lost)
    insert("resolution", **row)
    for each in lost:
        insert("resolutionline", **line_row(row, each))
    said = Resolution.objects.get(pk=row["id"])
    return Example(said, said.proposal, (cast.first_approver, cast.second_approver), cast.auditor)


def _release(cast: Cast, payee: Address) -> Example:
    row = pause_row(payee.account, code="10003")
    insert("pause", **row)
    pause = Pause.objects.get(pk=row["id"])
    return Example(pause, pause.proposal, (cast.administrator, cast.first_approver), cast.auditor)


def _sign_off(cast: Cast, payee: Address) -> Example:
    return Example(payee.account, day_proposed(payee.account), (cast.auditor, cast.third_approver), cast.keeper)


def _identity(cast: Cast, payee: Address) -> Example:
    row = change_row(payee.account)
    insert("identitychange", **row)
    change = IdentityChange.objects.get(pk=row["id"])
    return Example(change, change.proposal, (cast.administrator, cast.second_administrator), cast.first_approver)


def _lost_call(cast: Cast, payee: Address) -> Example:
    row = lost_finding_row(over(cast, payee), cast.third_approver, note='Née "X" & <b>')
    insert("lostfinding", **row)
    said = LostFinding.objects.get(pk=row["id"])
    return Example(said, said.proposal, (cast.first_approver, cast.second_approver), cast.auditor)


EXAMPLES: dict[str, Callable[[Cast, Address], Example]] = {
    "withdrawal": _withdrawal,
    "address": _address,
    "resolution": _resolution,
    "release": _release,
    "sign_off": _sign_off,
    "identity": _identity,
    "lost_call": _lost_call,
}
