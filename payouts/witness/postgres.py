"""A witness in another PostgreSQL, in another failure domain: for several machines. One that somebody runs anyway."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self
from uuid import UUID

import psycopg

from payouts.domain.sending.witness import Entry, Known, Trail, WitnessAway, WitnessRefused, may_follow

_TABLES = """
CREATE TABLE countersign_witness (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), id uuid NOT NULL, founded_at timestamptz NOT NULL DEFAULT now(),
    ids bigint[] NOT NULL DEFAULT '{}', hash text NOT NULL DEFAULT ''
);
CREATE TABLE countersign_witness_call (
    account text NOT NULL, serial integer NOT NULL CHECK (serial > 0), call uuid NOT NULL UNIQUE,
    reference text NOT NULL, digest text NOT NULL, at timestamptz NOT NULL, "left" boolean NOT NULL,
    PRIMARY KEY (account, serial)
);
CREATE TABLE countersign_witness_release (
    nth serial PRIMARY KEY, proposal uuid NOT NULL UNIQUE, at timestamptz NOT NULL DEFAULT now()
);
"""
_COLUMNS = 'account, serial, call, reference, digest, at, "left"'
# Not DISTINCT ON: that would read every call.
_NEWEST = f"""
WITH RECURSIVE accounts AS (
    (SELECT min(account) AS account FROM countersign_witness_call)
    UNION ALL
    SELECT (SELECT min(call.account) FROM countersign_witness_call AS call WHERE call.account > accounts.account)
        FROM accounts WHERE accounts.account IS NOT NULL
)
SELECT last.* FROM accounts, LATERAL (
    SELECT {_COLUMNS} FROM countersign_witness_call AS call
        WHERE call.account = accounts.account ORDER BY serial DESC LIMIT 1
) AS last
"""  # noqa: S608  no value in it
_OPTIONS = "-c synchronous_commit=on -c statement_timeout=5000 -c lock_timeout=4000 -c timezone=UTC"


class PostgresWitness:
    """See `base.Witness`. One connection per process, used by one thread at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._alone = threading.Lock()
        self._connection: psycopg.Connection | None = None

    @classmethod
    def found(cls, url: str, known: Known) -> Self:
        """Make its tables, which must not be there, with what it knows from the start. Raises WitnessAway."""
        made = cls(url)
        with made._held() as connection:
            connection.execute(_TABLES)
            itself = "INSERT INTO countersign_witness (id, ids, hash) VALUES (%s, %s, %s)"
            connection.execute(itself, [known.witness, list(known.trail.ids), known.trail.hash])
            for entry in known.last.values():
                _insert(connection, entry)
        return made

    def known(self) -> Known:
        with self._held() as connection:
            witness, trail = _founded(connection)
            last = [Entry(*row) for row in connection.execute(_NEWEST)]
            released = connection.execute("SELECT proposal FROM countersign_witness_release ORDER BY nth").fetchall()
        return Known(witness, {entry.account: entry for entry in last}, trail, tuple(row[0] for row in released))

    def append(self, entry: Entry, *, trail: Trail | None = None, after: Trail | None = None) -> None:
        with self._held() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"countersign {entry.account}"])
            follows = may_follow(_last(connection, entry.account), entry)
            if follows is False:
                raise WitnessRefused(f"Call {entry.serial} of {entry.account} does not follow what the witness knows.")
            if follows:
                _insert(connection, entry)
                if trail is not None and after is not None:
                    _replace(connection, trail, after)

    def tell(self, trail: Trail, *, after: Trail) -> None:
        with self._held() as connection:
            _replace(connection, trail, after)

    def release(self, proposal: UUID, *, trail: Trail) -> None:
        with self._held() as connection:
            told = "INSERT INTO countersign_witness_release (proposal) VALUES (%s) ON CONFLICT (proposal) DO NOTHING"
            if connection.execute(told, [proposal]).rowcount:
                now = [list(trail.ids), trail.hash]
                connection.execute("UPDATE countersign_witness SET ids = %s, hash = %s", now)

    def calls(self, account: str, *, after: int) -> list[Entry]:
        asked = f"SELECT {_COLUMNS} FROM countersign_witness_call WHERE account = %s AND serial > %s ORDER BY serial"  # noqa: S608  no value in it
        with self._held() as connection:
            return [Entry(*row) for row in connection.execute(asked, [account, after])]

    def close(self) -> None:
        with self._alone:
            self._let_go()

    @contextmanager
    def _held(self) -> Iterator[psycopg.Connection]:
        """One transaction. Whatever the server says no to is WitnessAway, and the next one opens a connection anew."""
        with self._alone:
            try:
                if self._connection is None:
                    self._connection = psycopg.connect(self._url, connect_timeout=5, options=_OPTIONS)
                with self._connection.transaction():
                    yield self._connection
                    # nothing is done with the answer before the server has flushed it
            except psycopg.Error as err:
                self._let_go()
                raise WitnessAway(f"The witness's server: {_in_short(err)}.") from None

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _in_short(err: psycopg.Error) -> str:
    """The kind of fault; a message could name hosts and passwords."""
    return f"{type(err).__name__} {err.sqlstate or ''}".strip()


def _founded(connection: psycopg.Connection) -> tuple[UUID, Trail]:
    row: Any = connection.execute("SELECT id, ids, hash FROM countersign_witness").fetchone()
    if row is None:
        raise WitnessAway("The witness was never founded.")
    return row[0], Trail(tuple(row[1]), row[2])


def _last(connection: psycopg.Connection, account: str) -> Entry | None:
    _founded(connection)
    newest = f"SELECT {_COLUMNS} FROM countersign_witness_call WHERE account = %s ORDER BY serial DESC LIMIT 1"  # noqa: S608  no value in it
    row: Any = connection.execute(newest, [account]).fetchone()
    return Entry(*row) if row else None


def _insert(connection: psycopg.Connection, entry: Entry) -> None:
    connection.execute(
        f"INSERT INTO countersign_witness_call ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)",  # noqa: S608  no value in it
        [entry.account, entry.serial, entry.call, entry.reference, entry.digest, entry.at, entry.left],
    )


def _replace(connection: psycopg.Connection, trail: Trail, after: Trail) -> None:
    now = "UPDATE countersign_witness SET ids = %s, hash = %s WHERE hash = %s AND ids = %s::bigint[]"
    connection.execute(now, [list(trail.ids), trail.hash, after.hash, list(after.ids)])
