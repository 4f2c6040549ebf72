"""A call whose worker is gone, beside which its account may make the next one."""

from django.db import migrations, models

# Nobody is gone before a call begins, and whoever was found gone stays so: what a late worker may send depends on it.
WORKER_GONE = """
CREATE FUNCTION countersign_worker_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_object(
        'a_worker_is_found_gone_once', 'A call begins with a worker that is there, and one that is gone stays gone.');
    RETURN NULL;
END $$;

DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION countersign_worker_gone() SET search_path = %I, pg_temp', current_schema());
END $$;

CREATE TRIGGER submission_begins_with_a_worker BEFORE INSERT ON payouts_submission
    FOR EACH ROW WHEN (NEW.worker_gone_at IS NOT NULL) EXECUTE FUNCTION countersign_worker_gone();
CREATE TRIGGER submission_worker_stays_gone BEFORE UPDATE ON payouts_submission
    FOR EACH ROW WHEN (OLD.worker_gone_at IS NOT NULL AND NEW.worker_gone_at IS DISTINCT FROM OLD.worker_gone_at)
    EXECUTE FUNCTION countersign_worker_gone();
"""


class Migration(migrations.Migration):
    """The column, the rules of one call at a time and of one that is left, and what the column refuses."""

    dependencies = [("payouts", "0011_pending_record_guard")]
    operations = [
        migrations.RemoveConstraint("submission", "one_call_at_a_time_per_account"),
        migrations.AddField(
            "submission",
            "worker_gone_at",
            models.DateTimeField(
                help_text="When its worker was found to have ended; the account waits for this call no longer.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            "submission",
            models.UniqueConstraint(
                condition=models.Q(("outcome", "open"), ("worker_gone_at", None)),
                fields=("account",),
                name="one_call_at_a_time_per_account",
            ),
        ),
        migrations.AddConstraint(
            "submission",
            models.UniqueConstraint(
                condition=models.Q(("outcome", "open"), ("worker_gone_at__isnull", False)),
                fields=("account",),
                name="one_call_left_behind_per_account",
            ),
        ),
        migrations.RunSQL(WORKER_GONE, migrations.RunSQL.noop),
    ]
