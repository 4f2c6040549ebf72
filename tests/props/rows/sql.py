"""Raw SQL as somebody past the pages would write it, and the database's refusals by their names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from payouts.models import Withdrawal
from payouts.workflow.sending.witnessed import last_call


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """Meanwhile the database refuses something and names this rule; the transaction around it can go on."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == rule


def execute(statement: str | Composed, *values: Any) -> None:
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
    statement = SQL("UPDATE {} SET {} WHERE {} = %s").format(
        Identifier(row._meta.db_table),
        SQL(", ").join(SQL("{} = %s").format(Identifier(name)) for name in columns),
        Identifier(str(row._meta.pk.column)),
    )
    execute(statement, *columns.values(), row.pk)


def delete(row: models.Model) -> None:
    key = Identifier(str(row._meta.pk.column))
    execute(SQL("DELETE FROM {} WHERE {} = %s").format(Identifier(row._meta.db_table), key), row.pk)


def truncate(table: str) -> None:
    """TRUNCATE with everything that refers to it."""
    execute(SQL("TRUNCATE {} CASCADE").format(Identifier(f"payouts_{table}")))


def submission_row(withdrawal: Withdrawal, **changes: Any) -> dict[str, Any]:
    """The columns of a sound open submission."""
    now = timezone.now()
    return {
        "id": uuid4(),
        "withdrawal_id": withdrawal.pk,
        "account_id": withdrawal.account_id,
        "serial": last_call(withdrawal.account)[0] + 1,
        "number": 1,
        "is_resend": False,
        "reference": withdrawal.reference,
        "body": "{}",
        "digest": withdrawal.digest,
        "worker": "by hand",
        "key_fingerprint": withdrawal.account.key_fingerprint,
        "claimed_at": now,
        "deadline": now,
        "outcome": "open",
        "code": "",
        "message": "",
        "provider_id_given": "",
        "raw_answer": "",
    } | changes
