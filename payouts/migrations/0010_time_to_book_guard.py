"""The database's own refusal to call something unpaid that the provider may be about to book."""

from django.db import migrations

# A minute at the least, whatever NOT_PAID_AFTER_MINUTES says, and by this clock: a web server's may be wrong.
TIME_TO_BOOK = """
CREATE FUNCTION countersign_time_to_book() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said payouts_resolution%ROWTYPE;
BEGIN
    SELECT * INTO said FROM payouts_resolution WHERE id = NEW.resolution_id;
    IF said.verdict = 'not_paid' AND EXISTS (
        SELECT 1 FROM payouts_submission WHERE withdrawal_id = NEW.withdrawal_id
            AND claimed_at > least(said.looked_at, clock_timestamp()) - interval '1 minute'
    ) THEN
        PERFORM countersign_object(
            'not_paid_leaves_time_to_book', 'Somebody looked less than a minute after it was sent.');
    END IF;
    RETURN NEW;
END $$;

DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION countersign_time_to_book() SET search_path = %I, pg_temp', current_schema());
END $$;

CREATE TRIGGER line_time_to_book BEFORE INSERT ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_time_to_book();
"""


class Migration(migrations.Migration):
    """What a resolution's line refuses besides."""

    dependencies = [("payouts", "0009_search_path")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (TIME_TO_BOOK,)]
