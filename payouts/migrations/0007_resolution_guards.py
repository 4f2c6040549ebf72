"""The database's own refusals for resolutions and their lines."""

from django.db import migrations

RESOLUTION = """
CREATE FUNCTION countersign_resolution_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            PERFORM countersign_object('resolution_starts_as_a_proposal', 'A resolution starts as a proposal.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.verdict, NEW.where_looked, NEW.looked_at, NEW.note, NEW.evidence_id, NEW.proposed_by_id,
        NEW.proposed_at)
       IS DISTINCT FROM
       (OLD.id, OLD.verdict, OLD.where_looked, OLD.looked_at, OLD.note, OLD.evidence_id, OLD.proposed_by_id,
        OLD.proposed_at)
       OR OLD.state <> 'proposed' THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
    END IF;
    IF NEW.state = 'confirmed' THEN
        SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
        IF (proof.person_id, proof.act, proof.subject)
           IS DISTINCT FROM (NEW.decided_by_id, 'confirm_resolution', NEW.id::text) THEN
            PERFORM countersign_object(
                'confirmation_carries_its_own_proof', 'The proof of presence is not for this resolution.');
        END IF;
        IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
            PERFORM countersign_object('confirmation_carries_a_fresh_proof', 'The proof of presence is too old.');
        END IF;
        IF EXISTS (SELECT 1 FROM payouts_resolutionline AS line JOIN payouts_withdrawal AS asked
                   ON asked.id = line.withdrawal_id
                   WHERE line.resolution_id = NEW.id AND asked.requested_by_id = NEW.decided_by_id) THEN
            PERFORM countersign_object('nobody_resolves_their_own_request', 'One of the withdrawals is theirs.');
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
                JOIN auth_group ON auth_group.id = auth_user_groups.group_id
                WHERE auth_user.id = NEW.decided_by_id AND auth_user.is_active AND auth_group.name = 'Approvers'
        ) THEN
            PERFORM countersign_object('confirmer_holds_the_role', 'Only active approvers confirm.');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER resolution_write BEFORE INSERT OR UPDATE ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_resolution_write();
CREATE TRIGGER resolution_delete BEFORE DELETE ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER resolution_truncate BEFORE TRUNCATE ON payouts_resolution
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');

CREATE FUNCTION countersign_line_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
DECLARE said payouts_resolution%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.resolution_id, NEW.withdrawal_id, NEW.found_as) IS DISTINCT FROM
           (OLD.resolution_id, OLD.withdrawal_id, OLD.found_as) OR NOT OLD.is_open THEN
            PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
        END IF;
        IF EXISTS (SELECT 1 FROM payouts_resolution WHERE id = NEW.resolution_id AND state = 'proposed') THEN
            PERFORM countersign_object('a_line_closes_with_its_resolution', 'Its resolution is not decided.');
        END IF;
        RETURN NEW;
    END IF;
    -- both held: no call begins and nobody decides until this line is there to be seen
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR NO KEY UPDATE;
    SELECT * INTO said FROM payouts_resolution WHERE id = NEW.resolution_id FOR SHARE;
    IF said.state <> 'proposed' OR NOT NEW.is_open THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
    END IF;
    IF asked.status NOT IN ('unknown', 'submitted') THEN
        PERFORM countersign_object('only_what_is_not_known_is_resolved', 'What became of it is known.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_submission WHERE withdrawal_id = asked.id AND outcome = 'open') THEN
        PERFORM countersign_object('nothing_is_resolved_during_a_call', 'A call for it is under way.');
    END IF;
    IF asked.requested_by_id = said.proposed_by_id THEN
        PERFORM countersign_object('nobody_resolves_their_own_request', 'One of the withdrawals is theirs.');
    END IF;
    IF said.verdict = 'paid' AND NEW.found_as = '' THEN
        PERFORM countersign_object('paid_names_what_was_found', 'Paid needs the provider''s id or a transaction.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER line_write BEFORE INSERT OR UPDATE ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_line_write();
CREATE TRIGGER line_delete BEFORE DELETE ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER line_truncate BEFORE TRUNCATE ON payouts_resolutionline
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
"""


class Migration(migrations.Migration):
    """What resolutions refuse."""

    dependencies = [("payouts", "0006_pause_guards")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (RESOLUTION,)]
