"""Where the guards look for their tables, whoever asks."""

from django.db import migrations

# Temporary tables are found before all others unless the path says otherwise: anybody could make one of the name of
# payouts_approval, and a guard would count what stands in there.
PATH = """
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


class Migration(migrations.Migration):
    """The path of every guard."""

    dependencies = [("payouts", "0008_review_guards")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (PATH,)]
