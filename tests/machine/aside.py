"""The database's guards, each with a word at which it steps aside: time passes and worlds begin too often for DDL.

Everything else meets them as they are. `tests.props.rows.guards` switches them off by DDL instead: slow, and
for all.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.props.rows.emptying import execute

_WORD = "current_setting('machine.aside', true) IS DISTINCT FROM 'on'"


@contextmanager
def guards_with_a_word() -> Iterator[None]:
    """For the length of a test; afterwards they are as the migrations made them."""
    whole = _triggers()
    execute(*(_with_the_word(each) for each in whole))
    try:
        yield
    finally:
        execute(*whole)


def unguarded(*statements: str) -> None:
    """Past the guards, in one transaction; foreign keys hold at its end."""
    execute("SET LOCAL machine.aside = 'on'", "SET CONSTRAINTS ALL DEFERRED", *statements)


def _triggers() -> list[str]:
    """What would create each guard of a row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(pg_get_triggerdef(oid), 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER') FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'payouts\\_%' AND tgtype & 1 = 1 ORDER BY 1"
        )
        return [found for (found,) in cursor.fetchall()]


def _with_the_word(trigger: str) -> str:
    if " WHEN (" in trigger:
        return re.sub(r" WHEN \((.*)\) EXECUTE ", rf" WHEN ((\1) AND {_WORD}) EXECUTE ", trigger)
    return trigger.replace(" EXECUTE ", f" WHEN ({_WORD}) EXECUTE ")
