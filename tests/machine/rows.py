"""What the checks read after each step: every withdrawal as it stands, and what the trail has told since."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from payouts.domain.recipients.book import AddressStatus
from payouts.domain.withdrawals.status import Status
from tests.machine.steps.next_step import Standing

_WITHDRAWALS = """
SELECT w.id, w.status, w.account_id, w.coin, w.amount, w.recipient_key, w.requested_by_id, w.status_changed_at,
    c.can_look_up, a.status, w.stopped_because <> '', w.expires_at IS NOT NULL, w.expires_at <= clock_timestamp(),
    w.next_look_at IS NOT NULL, count(s.id), count(s.deadline) = count(s.id),
    EXISTS (SELECT 1 FROM payouts_pause p
            WHERE p.released_at IS NULL AND (p.account_id = w.account_id OR p.account_id IS NULL)),
    EXISTS (SELECT 1 FROM payouts_withdrawal e
            WHERE e.id <> w.id AND e.status IN ('submitting', 'unknown') AND (e.account_id, e.recipient_key, e.coin,
            e.amount) = (w.account_id, w.recipient_key, w.coin, w.amount))
FROM payouts_withdrawal w JOIN payouts_address a ON a.id = w.address_id JOIN payouts_account c ON c.id = w.account_id
    LEFT JOIN payouts_submission s ON s.withdrawal_id = w.id AND s.outcome = 'open'
GROUP BY w.id, c.id, a.id ORDER BY w.requested_at, w.id
"""
_TOLD = "SELECT id, event, subject_id, facts::text, facts->>'old', facts->>'new' FROM payouts_auditevent"


@dataclass(frozen=True)
class Seen:
    """One withdrawal."""

    id: UUID
    account: int
    group: tuple[Any, ...]  # what it has in common with its equals
    requested_by: int
    standing: Standing

    @property
    def reference(self) -> str:
        """As the provider is told."""
        return self.id.hex

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self.standing.status


@dataclass(frozen=True)
class Told:
    """One event of the trail."""

    event: str
    subject: str
    facts: str
    old: str | None
    new: str | None


def withdrawals() -> list[Seen]:
    """All of them, in the order in which they were asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAWALS)
        return [_seen(*row) for row in cursor.fetchall()]


def _seen(id_: UUID, status: str, account: int, *rest: Any) -> Seen:
    coin, amount, recipient, requester, _, can_look_up, address, stopped, expires, expired, look, calls, end = rest[:13]
    standing = Standing(
        status=Status(status),
        can_look_up=can_look_up,
        address=AddressStatus(address),
        is_paused=rest[13],
        is_stopped=stopped,
        has_equal=rest[14],
        expires=expires,
        is_expired=expired,
        open_calls=calls,
        open_calls_end=end,
        look_is_set=look,
    )
    return Seen(id_, account, (account, recipient, coin, amount), requester, standing)


def told_after(last: int) -> tuple[int, list[Told]]:
    """The events after that one, and the number of the latest."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_TOLD} WHERE id > %s ORDER BY id", [last])
        rows = cursor.fetchall()
    return rows[-1][0] if rows else last, [Told(*row[1:]) for row in rows]


def latest() -> int:
    """The number of the trail's latest event."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM payouts_auditevent")
        (number,) = cursor.fetchone()
    return int(number)


def everything() -> str:
    """Every row of every table of the app and of the queue, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            " AND table_type = 'BASE TABLE' AND table_name ~ '^(payouts|procrastinate)_' ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall()]
        texts = " UNION ALL ".join(f"SELECT string_agg(t::text, E'\\n') FROM {table} t" for table in tables)  # noqa: S608
        cursor.execute(texts)
        return "\n".join(text or "" for (text,) in cursor.fetchall())
