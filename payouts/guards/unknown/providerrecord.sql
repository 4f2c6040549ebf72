CREATE FUNCTION countersign_record_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.account_id, NEW.record_id, NEW.coin, NEW.amount, NEW.address, NEW.created_at)
       IS DISTINCT FROM
       (OLD.account_id, OLD.record_id, OLD.coin, OLD.amount, OLD.address, OLD.created_at) THEN
        PERFORM countersign_object('what_a_record_says_never_changes', 'Whom a record paid what never changes.');
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.withdrawal_id IS NOT NULL AND NEW.withdrawal_id IS DISTINCT FROM OLD.withdrawal_id THEN
        PERFORM countersign_object('a_record_keeps_its_withdrawal', 'It belongs to another withdrawal.');
    END IF;
    IF NEW.withdrawal_id IS NULL OR TG_OP = 'UPDATE' AND NEW.withdrawal_id = OLD.withdrawal_id THEN
        RETURN NEW;
    END IF;
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id;
    IF asked.account_id <> NEW.account_id THEN
        PERFORM countersign_object('a_record_is_of_its_own_account', 'The withdrawal is of another account.');
    END IF;
    IF asked.status NOT IN ('submitting', 'unknown', 'submitted', 'completed', 'refused', 'failed') THEN
        PERFORM countersign_object('only_what_was_sent_has_a_record', 'The withdrawal was never sent.');
    END IF;
    PERFORM countersign_claim_record(NEW.withdrawal_id, NEW.account_id, NEW.record_id, NEW.tx_id);
    RETURN NEW;
END $$;

CREATE TRIGGER record_write BEFORE INSERT OR UPDATE ON payouts_providerrecord
    FOR EACH ROW EXECUTE FUNCTION countersign_record_write();
CREATE TRIGGER record_delete BEFORE DELETE ON payouts_providerrecord
    FOR EACH ROW EXECUTE FUNCTION countersign_never('records_are_never_deleted');
CREATE TRIGGER record_truncate BEFORE TRUNCATE ON payouts_providerrecord
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('records_are_never_deleted');
