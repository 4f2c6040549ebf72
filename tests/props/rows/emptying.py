"""Between tests that commit: every table as it was after the migrations, in one round trip.

Django's flush truncates each table and then makes permissions and roles anew, which takes many times as long. Rows that
are as they were stay where they are.
"""

from functools import cache

from django.db import connection, transaction

from tests.props.rows.guards import GUARDED

KEPT = "kept"  # the schema with a copy of each row that the migrations made
# Whole rows are compared, with a table's own name in the braces.
_DELETE_CHANGED = f"DELETE FROM {{0}} t WHERE NOT EXISTS (SELECT FROM {KEPT}.{{0}} k WHERE k.* = t.*)"  # noqa: S608
_INSERT_MISSING = (
    f"INSERT INTO {{0}} SELECT * FROM {KEPT}.{{0}} k WHERE NOT EXISTS (SELECT FROM {{0}} t WHERE t.* = k.*)"  # noqa: S608
)


def keep() -> None:
    """What is in the tables now is what `go_back` goes back to."""
    copies = [f"CREATE TABLE {KEPT}.{table} AS TABLE {table}" for table in tables()]
    execute(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE", f"CREATE SCHEMA {KEPT}", *copies)
    _filled.cache_clear()


def go_back() -> None:
    """Past the guards, which forbid just that. The test is over: its connection holds no transaction."""
    filled = _filled()
    gone = [_DELETE_CHANGED.format(table) if table in filled else f"DELETE FROM {table}" for table in tables()]  # noqa: S608
    back = [_INSERT_MISSING.format(table) for table in filled]
    execute(
        *(f"ALTER TABLE payouts_{table} DISABLE TRIGGER USER" for table in GUARDED),
        "SET CONSTRAINTS ALL DEFERRED",
        *gone,
        *back,
        "SET CONSTRAINTS ALL IMMEDIATE",  # a table with checks pending cannot be altered
        *(f"ALTER TABLE payouts_{table} ENABLE TRIGGER USER" for table in GUARDED),
    )


def execute(*statements: str) -> None:
    """All of them or none, in one round trip."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(";".join(statements))


@cache
def tables() -> list[str]:
    """All but the list of migrations, in an order in which they can be emptied: an approval before its withdrawal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            " AND table_type = 'BASE TABLE' AND table_name <> 'django_migrations' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@cache
def _filled() -> list[str]:
    """The tables of which something was kept; backwards, so that what refers comes after what it refers to."""
    with connection.cursor() as cursor:
        found = []
        for table in reversed(tables()):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {KEPT}.{table})")  # noqa: S608
            found += [table] if cursor.fetchone() == (True,) else []
        return found
