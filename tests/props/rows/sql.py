"""Raw SQL as somebody past the pages would write it, and the database's refusals by their names."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from payouts.domain.people.roles import Act
from payouts.models import Address, Withdrawal
from tests.props.cast import proof_of


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """Meanwhile the database refuses something and names this rule; the transaction around it can go on."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == rule


def execute(statement: str | Composed, *values: Any) -> None:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def insert(table: str, **columns: Any) -> None:
    """INSERT INTO payouts_<table>."""
    statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
        Identifier(f"payouts_{table}"),
        SQL(", ").join(map(Identifier, columns)),
        SQL(", ").join(Placeholder() * len(columns)),
    )
    execute(statement, *columns.values())


def update(row: models.Model, **columns: Any) -> None:
    """UPDATE one row."""
    statement = SQL("UPDATE {} SET {} WHERE id = %s").format(
        Identifier(row._meta.db_table),
        SQL(", ").join(SQL("{} = %s").format(Identifier(name)) for name in columns),
    )
    execute(statement, *columns.values(), row.pk)


def delete(row: models.Model) -> None:
    """DELETE one row."""
    execute(SQL("DELETE FROM {} WHERE id = %s").format(Identifier(row._meta.db_table)), row.pk)


def truncate(table: str) -> None:
    """TRUNCATE with everything that refers to it."""
    execute(SQL("TRUNCATE {} CASCADE").format(Identifier(f"payouts_{table}")))


def withdrawal_row(payee: Address, requester: User, **changes: Any) -> dict[str, Any]:
    """The columns of a sound withdrawal."""
    now = timezone.now()
    return {
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
        "approvals_required": 2,
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


def approval_row(withdrawal: Withdrawal, approver: User, **changes: Any) -> dict[str, Any]:
    """The columns of a sound approval, with its own proof."""
    digest = changes.get("digest", withdrawal.digest)
    proof = changes.get("proof_id") or proof_of(approver, Act.APPROVE, digest).pk
    return {
        "withdrawal_id": withdrawal.pk,
        "approver_id": approver.pk,
        "requester_id": withdrawal.requested_by_id,
        "digest": digest,
        "approved_at": timezone.now(),
    } | {**changes, "proof_id": proof}


def submission_row(withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """The columns of a sound open submission."""
    now = timezone.now()
    return {
        "withdrawal_id": withdrawal.pk,
        "account_id": withdrawal.account_id,
        "number": 1,
        "is_resend": False,
        "reference": withdrawal.reference,
        "body": "{}",
        "digest": withdrawal.digest,
        "worker": "by hand",
        "claimed_at": now,
        "deadline": now,
        "outcome": "open",
        "code": "",
        "message": "",
        "provider_id_given": "",
        "raw_answer": "",
    } | changes
