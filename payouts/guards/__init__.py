"""What the database itself refuses: `<room>/<table>.sql`, functions and triggers as they are in force.

Raw SQL and superusers run into the same rules as the pages. A refusal is a check_violation that carries its rule's name
as the constraint. `put_in_force` runs after every migrate; tests/guards/test_installed.py compares what is installed
with the files.
"""

from pathlib import Path

from django.db import connection, transaction

_HERE = Path(__file__).parent

_REMOVE = """
DO $$
DECLARE guard regprocedure;
BEGIN
    FOR guard IN SELECT oid FROM pg_proc
        WHERE proname LIKE 'countersign\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', guard);
    END LOOP;
END $$;
"""

# Temporary tables are found before all others unless the path says otherwise: anybody could make one of the name of
# payouts_approval, and a guard would count what stands in there.
_FIX_THE_PATH = """
DO $$
DECLARE guard regprocedure;
BEGIN
    FOR guard IN SELECT oid FROM pg_proc
        WHERE proname LIKE 'countersign\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;
"""

_INSTALLED = """
SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE proname LIKE 'countersign\\_%' AND pronamespace = current_schema()::regnamespace
UNION ALL
SELECT pg_get_triggerdef(pg_trigger.oid) || ' ' || tgenabled::text
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
      AND (relname LIKE 'payouts\\_%' OR proname LIKE 'countersign\\_%')
"""


def files() -> list[Path]:
    """Every file, what all of them call first."""
    shared = _HERE / "shared.sql"
    return [shared, *sorted(_HERE.glob("*/*.sql"))]


def put_in_force() -> None:
    """Replace every function and trigger by what the files say, in one transaction: never a moment without guards.

    Raises django.db.ProgrammingError for a file that the database does not understand; then nothing is changed.
    """
    script = "\n".join([_REMOVE, *(path.read_text() for path in files()), _FIX_THE_PATH])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(script)


def installed() -> frozenset[str]:
    """The definitions of the functions and triggers that are in force, and whether each trigger is enabled."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED)
        return frozenset(definition for (definition,) in cursor.fetchall())
