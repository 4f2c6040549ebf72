"""The database's own refusals for pauses and their releases."""

from django.db import migrations

PAUSE = """
CREATE FUNCTION countersign_pause_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.released_at IS NOT NULL THEN
            PERFORM countersign_object('a_pause_starts_open', 'A pause starts open.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.cause, NEW.code, NEW.reason, NEW.releases_needed, NEW.begun_by_id, NEW.begun_at)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.cause, OLD.code, OLD.reason, OLD.releases_needed, OLD.begun_by_id, OLD.begun_at)
       OR OLD.released_at IS NOT NULL THEN
        PERFORM countersign_object('what_was_paused_never_changes', 'A pause only ever ends, once.');
    END IF;
    IF NEW.released_at IS NOT NULL
       AND (SELECT count(*) FROM payouts_release WHERE pause_id = NEW.id) < NEW.releases_needed THEN
        PERFORM countersign_object('release_needs_enough_people', 'Too few people released it.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER pause_write BEFORE INSERT OR UPDATE ON payouts_pause
    FOR EACH ROW EXECUTE FUNCTION countersign_pause_write();
CREATE TRIGGER pause_delete BEFORE DELETE ON payouts_pause
    FOR EACH ROW EXECUTE FUNCTION countersign_never('pauses_are_never_deleted');
CREATE TRIGGER pause_truncate BEFORE TRUNCATE ON payouts_pause
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('pauses_are_never_deleted');

CREATE FUNCTION countersign_release_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
DECLARE needed integer;
BEGIN
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject)
       IS DISTINCT FROM (NEW.person_id, 'release', NEW.pause_id::text) THEN
        PERFORM countersign_object('release_carries_its_own_proof', 'The proof of presence is not for this release.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('release_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    SELECT releases_needed INTO needed FROM payouts_pause WHERE id = NEW.pause_id AND released_at IS NULL;
    IF needed IS NULL THEN
        PERFORM countersign_object('release_only_while_paused', 'It is not paused any more.');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.person_id AND auth_user.is_active
              AND (auth_group.name = 'Administrators' OR auth_group.name = 'Approvers' AND needed = 2)
    ) THEN
        PERFORM countersign_object('releaser_holds_the_role', 'Only people with the right release a pause.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER release_insert BEFORE INSERT ON payouts_release
    FOR EACH ROW EXECUTE FUNCTION countersign_release_insert();
CREATE TRIGGER release_change BEFORE UPDATE OR DELETE ON payouts_release
    FOR EACH ROW EXECUTE FUNCTION countersign_never('releases_never_change');
CREATE TRIGGER release_truncate BEFORE TRUNCATE ON payouts_release
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('releases_never_change');
"""


class Migration(migrations.Migration):
    """What pauses and releases refuse."""

    dependencies = [("payouts", "0005_record_guards")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (PAUSE,)]
