CREATE FUNCTION countersign_address_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'proposed' THEN
            PERFORM countersign_object('address_starts_as_a_proposal', 'An address starts as a proposal.');
        END IF;
        PERFORM countersign_require_proposal(NEW.proposal_id, 'address', NEW.id::text, NEW.proposed_by_id, 'open');
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.kind, NEW.area_code, NEW.address, NEW.recipient_key, NEW.coins, NEW.label,
        NEW.owner, NEW.fingerprint, NEW.proposed_by_id, NEW.proposed_at, NEW.proposal_id)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.kind, OLD.area_code, OLD.address, OLD.recipient_key, OLD.coins, OLD.label,
        OLD.owner, OLD.fingerprint, OLD.proposed_by_id, OLD.proposed_at, OLD.proposal_id) THEN
        PERFORM countersign_object('what_identifies_an_address_never_changes', 'A correction is a new entry.');
    END IF;
    IF NEW.status <> OLD.status AND NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'proposed>active', 'proposed>declined', 'active>revoked'
    ]) THEN
        PERFORM countersign_object(
            'address_moves_as_declared', 'No move leads from ' || OLD.status || ' to ' || NEW.status || '.');
    END IF;
    IF NEW.status = 'active'
       AND NOT EXISTS (SELECT 1 FROM payouts_proposal WHERE id = NEW.proposal_id AND state = 'carried') THEN
        PERFORM countersign_object('active_means_another_person_approved', 'Nobody has activated it.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER address_write BEFORE INSERT OR UPDATE ON payouts_address
    FOR EACH ROW EXECUTE FUNCTION countersign_address_write();
CREATE TRIGGER address_delete BEFORE DELETE ON payouts_address
    FOR EACH ROW EXECUTE FUNCTION countersign_never('addresses_are_never_deleted');
CREATE TRIGGER address_truncate BEFORE TRUNCATE ON payouts_address
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('addresses_are_never_deleted');
