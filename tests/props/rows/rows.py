"""Columns of sound rows about what became of the money, for `sql.insert`, and withdrawals that were sent."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.people.roles import Act
from payouts.models import Account, Address, PresenceProof, Submission, Withdrawal
from tests.props.cast import Cast, approved, proof_of
from tests.props.rows.guards import forge
from tests.props.rows.sql import insert, submission_row, update

GIVEN = "10195"


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
    """The record that is its own."""
    own = {"withdrawal_id": withdrawal.pk, "coin": withdrawal.coin, "amount": withdrawal.amount}
    return record_row(withdrawal.account, **own | changes)


def pause_row(account: Account | None, **changes: Any) -> dict[str, Any]:
    """A pause that somebody began; of everything without an account."""
    return {
        "id": uuid4(),
        "account_id": account.pk if account else None,
        "cause": "person",
        "code": "",
        "reason": "Something is odd",
        "releases_needed": 2,
        "begun_by_id": None,
        "begun_at": timezone.now(),
        "released_at": None,
    } | changes


def release_row(pause: dict[str, Any], person: User, **changes: Any) -> dict[str, Any]:
    """A release of that pause, with its own proof."""
    proof = changes.get("proof_id") or proof_of(person, Act.RELEASE, str(pause["id"])).pk
    row = {"pause_id": pause["id"], "person_id": person.pk, "reason": "It is explained", "released_at": timezone.now()}
    return row | {**changes, "proof_id": proof}


def evidence_row(by: User, **changes: Any) -> dict[str, Any]:
    """A file."""
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


def resolution_row(by: User, **changes: Any) -> dict[str, Any]:
    """What somebody found out."""
    now = timezone.now()
    return {
        "id": uuid4(),
        "verdict": "paid",
        "where_looked": "The provider's site",
        "looked_at": now,
        "note": "It stands in the list of withdrawals.",
        "state": "proposed",
        "proposed_by_id": by.pk,
        "proposed_at": now,
        "decided_because": "",
    } | changes


def line_row(resolution: dict[str, Any], withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """One withdrawal that it speaks of."""
    return {
        "resolution_id": resolution["id"],
        "withdrawal_id": withdrawal.pk,
        "found_as": GIVEN,
        "is_open": True,
    } | changes


def confirmation(resolution: dict[str, Any], by: User, *, proof: PresenceProof | None = None) -> dict[str, Any]:
    """The columns of a yes to it."""
    proof = proof or proof_of(by, Act.CONFIRM_RESOLUTION, str(resolution["id"]))
    return {
        "state": "confirmed",
        "decided_by_id": by.pk,
        "decided_at": timezone.now(),
        "proof_id": proof.pk,
    }


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


def sign_off_row(account: Account, by: User, **changes: Any) -> dict[str, Any]:
    """Yesterday, signed, with its own proof."""
    statement = changes.get("statement", "{}")
    digest = changes.get("digest", hashlib.sha256(statement.encode()).hexdigest())
    proof = changes.get("proof_id") or proof_of(by, Act.SIGN_OFF, digest).pk
    row = {
        "account_id": account.pk,
        "day": yesterday(),
        "digest": digest,
        "statement": statement,
        "note": "",
        "signed_by_id": by.pk,
        "signed_at": timezone.now(),
    }
    return row | {**changes, "proof_id": proof}


def yesterday() -> date:
    """In UTC."""
    return (datetime.now(UTC) - timedelta(days=1)).date()
