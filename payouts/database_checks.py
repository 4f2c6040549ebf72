"""Start-up checks that ask the PostgreSQL server: what was committed is kept, and a worker hears what it listens to.

They run where a database is named: as a worker starts, in `migrate`, and in `manage.py check --database default`.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

from payouts.checks import database_is_postgresql, money_is_real
from payouts.workflow.sending.server import server_now

_SECONDS_TO_HEAR = 5.0  # a bound, not a wait: it is heard in thousandths of a second or never
_FACTS = """
SELECT current_setting('fsync') = 'on', current_setting('synchronous_commit') <> 'off',
    current_setting('full_page_writes') = 'on', (SELECT count(*) FROM pg_stat_replication),
    current_setting('synchronous_standby_names') <> ''
"""


@dataclass(frozen=True)
class Facts:
    """What the server says of itself, in a session like a worker's."""

    flushes: bool
    waits_for_the_flush: bool
    writes_full_pages: bool
    standbys: int
    waits_for_standbys: bool
    tells_its_names: bool
    hears: bool


@register(Tags.database)
def the_server_keeps_what_was_committed(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Where money is real: no commit is lost in a crash, and a notification arrives. Nothing without a database."""
    if not databases or database_is_postgresql() or not money_is_real():
        return []
    try:
        return faults(ask())
    except DatabaseError as err:
        hint = "Is it up, and are host, port, name, user and password in DATABASE_URL right?"
        return [Error(f"The database cannot be used: {type(err).__name__}.", hint=hint, id="payouts.E024")]


def ask() -> Facts:
    """What the server says now. Raises DatabaseError where it cannot be asked."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS)
        flushes, waits, full_pages, standbys, waits_for_standbys = cursor.fetchone()
    tells = server_now() is not None
    return Facts(flushes, waits, full_pages, standbys, waits_for_standbys, tells_its_names=tells, hears=_hears())


def _hears() -> bool:
    """Whether what one session tells reaches another one that listens."""
    channel = f"countersign_{secrets.token_hex(8)}"
    listening, telling = connection.copy(), connection.copy()
    try:
        with listening.cursor() as cursor:
            cursor.execute(f"LISTEN {channel}")
        with telling.cursor() as cursor:
            cursor.execute(f"NOTIFY {channel}")
        return any(listening.connection.notifies(timeout=_SECONDS_TO_HEAR, stop_after=1))
    finally:
        listening.close()
        telling.close()


def faults(facts: Facts) -> list[CheckMessage]:
    """What is wrong with these facts, with ids and hints."""
    return [message for is_right, message in _RULES if not is_right(facts)]


_RULES: list[tuple[Callable[[Facts], bool], CheckMessage]] = [
    (
        lambda facts: facts.flushes,
        Error(
            "The database's server does not flush what was committed: fsync is off.",
            hint="Set fsync = on in postgresql.conf. A crash could lose a payment's row and damage all the others.",
            id="payouts.E021",
        ),
    ),
    (
        lambda facts: facts.waits_for_the_flush,
        Error(
            "Our sessions do not wait for the flush: synchronous_commit is off.",
            hint="Take synchronous_commit=off out of DATABASE_URL. Options named there replace ours: add "
            "-c synchronous_commit=on to them.",
            id="payouts.E022",
        ),
    ),
    (
        lambda facts: facts.hears,
        Error(
            "A notification does not arrive: a worker would not hear of what was approved.",
            hint="Is a pooler in between, such as PgBouncer in transaction mode? It lends a session that listens to "
            "others. Let DATABASE_URL name the server itself, or a pool in session mode.",
            id="payouts.E023",
        ),
    ),
    (
        lambda facts: facts.writes_full_pages,
        Warning(
            "A crash in the middle of a write can damage pages: full_page_writes is off.",
            hint="Set full_page_writes = on, unless the file system never tears a page.",
            id="payouts.W010",
        ),
    ),
    (
        lambda facts: not facts.standbys or facts.waits_for_standbys,
        Warning(
            "Standbys are connected, and no commit waits for any: synchronous_standby_names is empty.",
            hint="A failover to one that is behind loses what was committed last. The witness sees it, and "
            "everything pauses. Name a standby in synchronous_standby_names: failing over to that one loses nothing.",
            id="payouts.W011",
        ),
    ),
    (
        lambda facts: facts.tells_its_names,
        Warning(
            "The server does not tell our role its system identifier and timeline.",
            hint="Grant it EXECUTE on pg_control_system() and pg_control_checkpoint(), if you can. This is an inner "
            "line: the witness sees a database that went back without it.",
            id="payouts.W012",
        ),
    ),
]
