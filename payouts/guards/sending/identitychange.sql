CREATE FUNCTION countersign_identitychange_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.accepted_at IS NOT NULL THEN
            PERFORM countersign_object('a_change_starts_open', 'A change starts undecided.');
        END IF;
        PERFORM countersign_require_proposal(NEW.proposal_id, 'identity', NEW.id::text, NULL, 'open');
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.host_before, NEW.customer_before, NEW.key_before, NEW.host, NEW.customer,
        NEW.key_fingerprint, NEW.same_customer, NEW.seen_by, NEW.proposed_at, NEW.proposal_id)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.host_before, OLD.customer_before, OLD.key_before, OLD.host, OLD.customer,
        OLD.key_fingerprint, OLD.same_customer, OLD.seen_by, OLD.proposed_at, OLD.proposal_id)
       OR OLD.accepted_at IS NOT NULL THEN
        PERFORM countersign_object('a_proposed_change_never_changes', 'It is only ever accepted, once.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER identitychange_write BEFORE INSERT OR UPDATE ON payouts_identitychange
    FOR EACH ROW EXECUTE FUNCTION countersign_identitychange_write();
CREATE TRIGGER identitychange_delete BEFORE DELETE ON payouts_identitychange
    FOR EACH ROW EXECUTE FUNCTION countersign_never('changes_are_never_deleted');
CREATE TRIGGER identitychange_truncate BEFORE TRUNCATE ON payouts_identitychange
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('changes_are_never_deleted');
