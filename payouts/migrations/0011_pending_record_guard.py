"""The database's own refusal to call something unpaid whose own record says that the provider is at it."""

from django.db import migrations

# As domain.resolving.may_still_be_paid, for whoever moves it; after a day a record may be one that never ends, and in
# a word that is not documented it says nothing: people decide.
PENDING_RECORD = """
CREATE FUNCTION countersign_pending_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND status = 'pending' AND known
            AND created_at > clock_timestamp() - interval '1 day'
    ) THEN
        PERFORM countersign_object(
            'nothing_fails_while_its_record_is_pending', 'The provider''s record says that it is under way.');
    END IF;
    RETURN NEW;
END $$;

DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION countersign_pending_record() SET search_path = %I, pg_temp', current_schema());
END $$;

CREATE TRIGGER withdrawal_waits_for_its_record BEFORE UPDATE ON payouts_withdrawal
    FOR EACH ROW WHEN (NEW.status = 'failed' AND OLD.status <> 'failed')
    EXECUTE FUNCTION countersign_pending_record();
"""


class Migration(migrations.Migration):
    """What the end of a withdrawal refuses besides."""

    dependencies = [("payouts", "0010_time_to_book_guard")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (PENDING_RECORD,)]
