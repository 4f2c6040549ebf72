"""The PostgreSQL server under the rows, by its own names. Only asks.

An inner line, never the only one: two copies can take over under the same names, and some servers do not tell theirs.
"""

from weakref import WeakKeyDictionary

from django.db import connection

from payouts.domain.sending.witness import Server

# By session: it stays on its server, and the timeline is the same until the server ends, or stops following another.
_asked: WeakKeyDictionary[object, Server | None] = WeakKeyDictionary()

# Asked apart: PostgreSQL refuses a statement that names a function which is not granted, even where it is not called.
_TELLS = """
SELECT bool_and(has_function_privilege(name, 'EXECUTE')) FROM unnest(ARRAY['pg_control_system()',
    'pg_control_checkpoint()', 'pg_walfile_name(pg_lsn)', 'pg_current_wal_insert_lsn()']) AS name
"""
# pg_control_checkpoint() says a new timeline only after its first checkpoint; the file that is written says it at once.
_SERVER = """
SELECT pg_is_in_recovery(), system_identifier, CASE WHEN pg_is_in_recovery() THEN timeline_id
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer END
FROM pg_control_system(), pg_control_checkpoint()
"""


def server_now() -> Server | None:
    """The server of this connection; None where our role may not ask. Asked once per session."""
    connection.ensure_connection()
    session = connection.connection
    if session in _asked:
        return _asked[session]
    follows, server = _ask()
    if not follows:  # one that still follows another may take over in the middle of a session
        _asked[session] = server
    return server


def _ask() -> tuple[bool, Server | None]:
    """Whether the server follows another one, and its names."""
    with connection.cursor() as cursor:
        cursor.execute(_TELLS)
        (tells,) = cursor.fetchone()
        if not tells:
            return False, None
        cursor.execute(_SERVER)
        follows, *names = cursor.fetchone()
        return follows, Server(*names)
