"""Columns of sound rows about what became of the money, for `sql.insert`, and withdrawals that were sent."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.models import Account, Address, Proposal, Submission, Withdrawal
from tests.props.cast import Cast, approved
from tests.props.rows.decisions import carry, proposed
from tests.props.rows.guards import forge
from tests.props.rows.sql import insert, submission_row, update

GIVEN = "10195"


def withdrawal_row(payee: Address, requester: User, **changes: Any) -> dict[str, Any]:
    """The columns of a sound withdrawal; its proposal is put there, unless `proposal_id` names another."""
    now = timezone.now()
    row: dict[str, Any] = {
        "id": uuid4(),
        "account_id": payee.account_id,
        "address_id": payee.pk,
        "coin": "USDT",
        "amount": "10",
        "remark": "",
        "purpose": "By hand",
        "invoice_reference": "",
        "requested_by_id": requester.pk,
        "requested_at": now,
        "recipient_key": payee.recipient_key,
        "fingerprint": 0,
        "expires_at": now + timedelta(hours=1),
        "digest": "d" * 64,
        "status": "awaiting_approval",
        "status_changed_at": now,
        "closed_because": "",
        "stopped_because": "",
        "provider_id": "",
        "error_code": "",
        "error_message": "",
        "tx_id": "",
        "record_status": "",
        "looks_taken": 0,
    } | changes
    if "proposal_id" not in row:
        row["proposal_id"] = proposed("withdrawal", str(row["id"]), _of_withdrawal(row), requester)
    return row


def _of_withdrawal(row: dict[str, Any]) -> dict[str, Any]:
    earlier = row.get("retry_of_id")
    says = {name: row[name] for name in ("purpose", "invoice_reference")}
    return says | {"order": row["digest"], "retry_of": earlier.hex if earlier else None}


def address_row(account: Account, proposer: User, **changes: Any) -> dict[str, Any]:
    """The columns of a sound address-book entry; its proposal is put there, unless `proposal_id` names another."""
    row: dict[str, Any] = {
        "id": uuid4(),
        "account_id": account.pk,
        "kind": "uid",
        "area_code": "",
        "address": "5",
        "recipient_key": "5",
        "coins": ["USDT"],
        "label": "By hand",
        "owner": "Nobody",
        "status": "proposed",
        "proposed_by_id": proposer.pk,
        "proposed_at": timezone.now(),
        "closed_because": "",
        "fingerprint": False,
    } | changes
    if "proposal_id" not in row:
        says = {name: row[name] for name in ("area_code", "address", "coins", "label", "owner", "fingerprint")}
        says |= {"account": account.name, "provider": account.provider, "recipient_kind": row["kind"]}
        row["proposal_id"] = proposed("address", str(row["id"]), says, proposer)
    return row


def change_row(account: Account, **changes: Any) -> dict[str, Any]:
    """The columns of another key for the account; its proposal is put there, unless `proposal_id` names another."""
    row: dict[str, Any] = {
        "id": uuid4(),
        "account_id": account.pk,
        "host_before": account.host,
        "customer_before": account.customer,
        "key_before": account.key_fingerprint,
        "host": account.host,
        "customer": account.customer,
        "key_fingerprint": "c" * 64,
        "same_customer": True,
        "seen_by": "worker by hand",
        "proposed_at": timezone.now(),
    } | changes
    if "proposal_id" not in row:
        names = ("host_before", "customer_before", "key_before", "host", "customer", "same_customer")
        says = {name: row[name] for name in names} | {"account": account.name, "provider": account.provider}
        row["proposal_id"] = proposed("identity", str(row["id"]), says | {"key": row["key_fingerprint"]}, None)
    return row


def called(withdrawal: Withdrawal, **answer: Any) -> Submission:
    """Its first call, answered so; open without an answer."""
    update(withdrawal, status="submitting")
    insert("submission", **submission_row(withdrawal))
    call = withdrawal.submissions.get()
    if answer:
        update(call, answered_at=timezone.now(), **answer)
        call.refresh_from_db()
    withdrawal.refresh_from_db()
    return call


def unknown(cast: Cast, payee: Address, **changes: Any) -> Withdrawal:
    """It was sent, and no answer came."""
    withdrawal = approved(cast, payee, **changes)
    called(withdrawal, outcome="unknown")
    update(withdrawal, status="unknown")
    withdrawal.refresh_from_db()
    return withdrawal


def accepted(cast: Cast, payee: Address, **changes: Any) -> Withdrawal:
    """The provider took it, under the id GIVEN."""
    withdrawal = approved(cast, payee, **changes)
    called(withdrawal, outcome="accepted", provider_id_given=GIVEN)
    update(withdrawal, status="submitted", provider_id=GIVEN)
    withdrawal.refresh_from_db()
    return withdrawal


def sent_long_ago(withdrawal: Withdrawal) -> datetime:
    """Its only call began half an hour ago; when that was."""
    sent_at = timezone.now() - timedelta(minutes=30)
    forge(withdrawal.submissions.get(), claimed_at=sent_at)
    return sent_at


def looked_twice(withdrawal: Withdrawal) -> None:
    """Two looks found nothing, ten minutes apart; the call was before both."""
    sent_at = sent_long_ago(withdrawal)
    for minutes in (20, 10):
        insert("look", **look_row(withdrawal, since=sent_at))
        look = withdrawal.looks.latest("id")
        forge(look, looked_at=timezone.now() - timedelta(minutes=minutes))


def resend_row(withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """The columns of the same call once more."""
    return submission_row(withdrawal, number=2, is_resend=True, **changes)


def look_row(withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """A look that found nothing."""
    now = timezone.now()
    return {
        "withdrawal_id": withdrawal.pk,
        "since": now - timedelta(minutes=1),
        "until": now + timedelta(minutes=15),
        "result": "absent",
        "fitting": 0,
        "code": "",
    } | changes


def record_row(account: Account, **changes: Any) -> dict[str, Any]:
    """A record that belongs to no withdrawal."""
    return {
        "account_id": account.pk,
        "record_id": GIVEN,
        "withdrawal_id": None,
        "tx_id": "",
        "coin": "USDT",
        "amount": "1250.00",
        "address": "12345",
        "status": "completed",
        "status_text": "Transferred successfully",
        "known": True,
        "created_at": timezone.now(),
        "raw": "{}",
    } | changes


def record_of(withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """The provider's record of the withdrawal."""
    own = {"withdrawal_id": withdrawal.pk, "coin": withdrawal.coin, "amount": withdrawal.amount}
    return record_row(withdrawal.account, **own | changes)


def pause_row(account: Account | None, **changes: Any) -> dict[str, Any]:
    """A pause that somebody began; of everything without an account. Its release's proposal is put there.

    `needed` and `roles` among the changes are the proposal's.
    """
    terms = {name: changes.pop(name) for name in ("needed", "roles") if name in changes}
    row: dict[str, Any] = {
        "id": uuid4(),
        "account_id": account.pk if account else None,
        "cause": "person",
        "code": "",
        "reason": "Something is odd",
        "begun_by_id": None,
        "begun_at": timezone.now(),
        "released_at": None,
    } | changes
    says = {name: row[name] for name in ("cause", "code", "reason")}
    says |= {"account": account.name if account else None, "begun_at": moment(row["begun_at"])}
    return {"proposal_id": proposed("release", str(row["id"]), says, None, **terms)} | row


def evidence_row(by: User, **changes: Any) -> dict[str, Any]:
    content = b"%PDF-1.7"
    return {
        "id": uuid4(),
        "name": "statement.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": content,
        "added_by_id": by.pk,
    } | changes


def resolution_row(by: User, *withdrawals: Withdrawal, found_as: str = GIVEN, **changes: Any) -> dict[str, Any]:
    """What somebody found out; its proposal is put there, and names these withdrawals."""
    now = timezone.now()
    row: dict[str, Any] = {
        "id": uuid4(),
        "verdict": "paid",
        "where_looked": "The provider's site",
        "looked_at": now,
        "note": "It stands in the list of withdrawals.",
        "proposed_by_id": by.pk,
        "proposed_at": now,
    } | changes
    says = {name: row[name] for name in ("verdict", "where_looked", "note")}
    says |= {
        "looked_at": moment(row["looked_at"]),
        "evidence": None,
        "lines": sorted([each.pk.hex, found_as] for each in withdrawals),
    }
    return {"proposal_id": proposed("resolution", str(row["id"]), says, by)} | row


def line_row(resolution: dict[str, Any], withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """A line of the resolution, for one withdrawal."""
    return {
        "resolution_id": resolution["id"],
        "withdrawal_id": withdrawal.pk,
        "found_as": GIVEN,
        "is_open": True,
    } | changes


def statement_row(account: Account, by: User, evidence: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An uploaded statement of yesterday and today."""
    now = timezone.now()
    return {
        "id": uuid4(),
        "account_id": account.pk,
        "evidence_id": evidence["id"],
        "columns": "{}",
        "since": now - timedelta(days=1),
        "until": now,
        "lines": 1,
        "added_by_id": by.pk,
    } | changes


def orphan_row(account: Account, **changes: Any) -> dict[str, Any]:
    """An orphan of yesterday; the caller says of what."""
    return {
        "account_id": account.pk,
        "day": yesterday(),
        "kind": "withdrawal_without_record",
        "what": "There is no record of it.",
        "found_at": timezone.now(),
        "closed_because": "",
    } | changes


def day_proposed(account: Account, day: date | None = None, **changes: Any) -> Proposal:
    """That an account's day be signed, yesterday where none is named; raised by no person."""
    on = (day or yesterday()).isoformat()
    says = {"statement": {"account": account.name, "day": on}}
    return Proposal.objects.get(pk=proposed("sign_off", f"{account.pk}:{on}", says, None, **changes))


def sign_off_row(account: Account, by: User, **changes: Any) -> dict[str, Any]:
    """Yesterday, signed: its proposal is put there and carried by this person's approval, with its own proof."""
    day = changes.pop("day", yesterday())
    proposal = day_proposed(account, day)
    carry(proposal, by)
    return {"account_id": account.pk, "day": day, "proposal_id": proposal.pk} | changes


def yesterday() -> date:
    """Yesterday's date in UTC."""
    return (datetime.now(UTC) - timedelta(days=1)).date()


def moment(at: datetime) -> str:
    """As canonical contents write it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
