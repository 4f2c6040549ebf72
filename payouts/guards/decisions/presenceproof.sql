CREATE FUNCTION countersign_proof_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.person_id, NEW.act, NEW.subject, NEW.device, NEW.proved_at)
       IS DISTINCT FROM (OLD.id, OLD.person_id, OLD.act, OLD.subject, OLD.device, OLD.proved_at) THEN
        PERFORM countersign_object('what_was_proved_never_changes', 'What a proof proves never changes.');
    END IF;
    IF OLD.used_at IS NOT NULL THEN
        PERFORM countersign_object('a_proof_is_used_once', 'This proof was used already.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proof_update BEFORE UPDATE ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_proof_update();
CREATE TRIGGER proof_delete BEFORE DELETE ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_never('proofs_are_never_deleted');
CREATE TRIGGER proof_truncate BEFORE TRUNCATE ON payouts_presenceproof
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('proofs_are_never_deleted');
