CREATE FUNCTION countersign_orphan_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.closed_at IS NOT NULL THEN
            PERFORM countersign_object('an_orphan_starts_open', 'An orphan starts open.');
        END IF;
        IF NEW.kind = 'record_without_withdrawal' AND EXISTS (
            SELECT FROM payouts_providerrecord AS it WHERE it.id = NEW.record_id AND (it.withdrawal_id IS NOT NULL
                OR countersign_is_of_another_account(it.account_id, it.record_id))
        ) THEN
            PERFORM countersign_object('what_is_somebodys_is_no_orphan', 'The record is known to be of a withdrawal.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.account_id, NEW.day, NEW.kind, NEW.record_id, NEW.withdrawal_id, NEW.what, NEW.found_at)
       IS DISTINCT FROM
       (OLD.account_id, OLD.day, OLD.kind, OLD.record_id, OLD.withdrawal_id, OLD.what, OLD.found_at)
       OR OLD.closed_at IS NOT NULL THEN
        PERFORM countersign_object('an_orphan_is_closed_once', 'What was found never changes.');
    END IF;
    IF NEW.closed_by_id = (SELECT requested_by_id FROM payouts_withdrawal WHERE id = NEW.withdrawal_id) THEN
        PERFORM countersign_object('nobody_explains_their_own_request', 'The withdrawal is theirs.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER orphan_write BEFORE INSERT OR UPDATE ON payouts_orphan
    FOR EACH ROW EXECUTE FUNCTION countersign_orphan_write();
CREATE TRIGGER orphan_delete BEFORE DELETE ON payouts_orphan
    FOR EACH ROW EXECUTE FUNCTION countersign_never('orphans_are_never_deleted');
CREATE TRIGGER orphan_truncate BEFORE TRUNCATE ON payouts_orphan
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('orphans_are_never_deleted');
