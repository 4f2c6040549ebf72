CREATE FUNCTION countersign_address_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'proposed' THEN
            PERFORM countersign_object('address_starts_as_a_proposal', 'An address starts as a proposal.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.kind, NEW.area_code, NEW.address, NEW.recipient_key, NEW.coins, NEW.label,
        NEW.owner, NEW.proposed_by_id, NEW.proposed_at)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.kind, OLD.area_code, OLD.address, OLD.recipient_key, OLD.coins, OLD.label,
        OLD.owner, OLD.proposed_by_id, OLD.proposed_at) THEN
        PERFORM countersign_object('what_identifies_an_address_never_changes', 'A correction is a new entry.');
    END IF;
    IF NEW.status <> OLD.status AND NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'proposed>active', 'proposed>declined', 'active>revoked'
    ]) THEN
        PERFORM countersign_object(
            'address_moves_as_declared', 'No move leads from ' || OLD.status || ' to ' || NEW.status || '.');
    END IF;
    IF NEW.activated_by_id IS NOT NULL AND NEW.activation_proof_id IS NOT NULL THEN
        SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.activation_proof_id;
        IF (proof.person_id, proof.act, proof.subject)
           IS DISTINCT FROM (NEW.activated_by_id, 'activate_address', NEW.id::text) THEN
            PERFORM countersign_object(
                'activation_carries_its_own_proof', 'The proof of presence is not for this activation.');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_address_fingerprint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_object('what_identifies_an_address_never_changes', 'A correction is a new entry.');
    RETURN NULL;
END $$;

CREATE TRIGGER address_write BEFORE INSERT OR UPDATE ON payouts_address
    FOR EACH ROW EXECUTE FUNCTION countersign_address_write();
CREATE TRIGGER address_delete BEFORE DELETE ON payouts_address
    FOR EACH ROW EXECUTE FUNCTION countersign_never('addresses_are_never_deleted');
CREATE TRIGGER address_truncate BEFORE TRUNCATE ON payouts_address
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('addresses_are_never_deleted');
CREATE TRIGGER address_fingerprint BEFORE UPDATE ON payouts_address
    FOR EACH ROW WHEN (NEW.fingerprint <> OLD.fingerprint) EXECUTE FUNCTION countersign_address_fingerprint();
