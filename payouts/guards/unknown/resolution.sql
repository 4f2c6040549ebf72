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
