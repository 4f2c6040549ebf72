-- The subject stands for the list: SHA-256 over its digests, sorted, a line feed between them.
CREATE FUNCTION countersign_proof_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE list text;
BEGIN
    SELECT string_agg(digest, E'\n' ORDER BY digest COLLATE "C") INTO list FROM unnest(NEW.digests) AS digest;
    IF list IS NULL OR NEW.subject <> encode(sha256(convert_to(list, 'UTF8')), 'hex')
       OR cardinality(NEW.digests) <> (SELECT count(DISTINCT digest) FROM unnest(NEW.digests) AS digest) THEN
        PERFORM countersign_object('a_proof_is_of_its_list', 'Its subject is not the digest of its list.');
    END IF;
    IF NEW.used_at IS NOT NULL THEN
        PERFORM countersign_object('a_proof_is_used_once', 'A proof starts unused.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_proof_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.person_id, NEW.act, NEW.kind, NEW.digests, NEW.subject, NEW.device, NEW.proved_at)
       IS DISTINCT FROM
       (OLD.id, OLD.person_id, OLD.act, OLD.kind, OLD.digests, OLD.subject, OLD.device, OLD.proved_at) THEN
        PERFORM countersign_object('what_was_proved_never_changes', 'What a proof proves never changes.');
    END IF;
    IF OLD.used_at IS NOT NULL THEN
        PERFORM countersign_object('a_proof_is_used_once', 'This proof was used already.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proof_insert BEFORE INSERT ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_proof_insert();
CREATE TRIGGER proof_update BEFORE UPDATE ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_proof_update();
CREATE TRIGGER proof_delete BEFORE DELETE ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_never('proofs_are_never_deleted');
CREATE TRIGGER proof_truncate BEFORE TRUNCATE ON payouts_presenceproof
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('proofs_are_never_deleted');
