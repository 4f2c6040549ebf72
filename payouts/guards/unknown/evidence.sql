CREATE FUNCTION countersign_evidence_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.size, NEW.sha256) IS DISTINCT FROM (length(NEW.content), encode(sha256(NEW.content), 'hex')) THEN
        PERFORM countersign_object('evidence_is_what_its_hash_says', 'The hash or the size is of another file.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER evidence_insert BEFORE INSERT ON payouts_evidence
    FOR EACH ROW EXECUTE FUNCTION countersign_evidence_insert();
CREATE TRIGGER evidence_change BEFORE UPDATE OR DELETE ON payouts_evidence
    FOR EACH ROW EXECUTE FUNCTION countersign_never('evidence_never_changes');
CREATE TRIGGER evidence_truncate BEFORE TRUNCATE ON payouts_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('evidence_never_changes');
