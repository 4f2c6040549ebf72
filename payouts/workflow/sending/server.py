"""The PostgreSQL server under the rows, by its own names. Only asks.

An inner line, never the only one: two copies can take over under the same names, and some servers do not tell theirs.
"""

from django.db import connection

from payouts.domain.sending.witness import Server

# Asked apart: PostgreSQL refuses a statement that names a function which is not granted, even where it is not called.
_TELLS = """
SELECT bool_and(has_function_privilege(name, 'EXECUTE')) FROM unnest(ARRAY['pg_control_system()',
    'pg_control_checkpoint()', 'pg_walfile_name(pg_lsn)', 'pg_current_wal_insert_lsn()']) AS name
"""
# pg_control_checkpoint() says a new timeline only after its first checkpoint; the file that is written says it at once.
_SERVER = """
SELECT system_identifier, CASE WHEN pg_is_in_recovery() THEN timeline_id
    ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer END
FROM pg_control_system(), pg_control_checkpoint()
"""


def server_now() -> Server | None:
    """The server of this connection; None where our role may not ask."""
    with connection.cursor() as cursor:
        cursor.execute(_TELLS)
        (tells,) = cursor.fetchone()
        if not tells:
            return None
        cursor.execute(_SERVER)
        return Server(*cursor.fetchone())
