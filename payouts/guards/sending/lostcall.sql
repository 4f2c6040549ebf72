CREATE FUNCTION countersign_lost_call_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payouts_pause
                   WHERE id = NEW.pause_id AND cause = 'out_of_step' AND released_at IS NULL AND account_id IS NULL) THEN
        PERFORM countersign_object('a_lost_call_pauses_everything', 'Calls are written as lost while all is paused.');
    END IF;
    IF NEW.withdrawal_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payouts_withdrawal WHERE id = NEW.withdrawal_id AND account_id = NEW.account_id
            AND digest = NEW.digest AND replace(id::text, '-', '') = NEW.reference
    ) THEN
        PERFORM countersign_object('a_lost_call_is_of_its_own_order', 'The withdrawal is not what was sent.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_submission WHERE id = NEW.id) THEN
        PERFORM countersign_object('what_has_a_row_is_not_lost', 'This call has its row.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_lost_call_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.account_id, NEW.serial, NEW.reference, NEW.digest, NEW.called_at, NEW.found_at, NEW.pause_id,
        NEW.withdrawal_id)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.serial, OLD.reference, OLD.digest, OLD.called_at, OLD.found_at, OLD.pause_id,
        OLD.withdrawal_id)
       OR OLD.outcome <> '' THEN
        PERFORM countersign_object('what_was_lost_never_changes', 'A lost call only ever gets its answer, once.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lost_call_insert BEFORE INSERT ON payouts_lostcall
    FOR EACH ROW EXECUTE FUNCTION countersign_lost_call_insert();
CREATE TRIGGER lost_call_update BEFORE UPDATE ON payouts_lostcall
    FOR EACH ROW EXECUTE FUNCTION countersign_lost_call_update();
CREATE TRIGGER lost_call_delete BEFORE DELETE ON payouts_lostcall
    FOR EACH ROW EXECUTE FUNCTION countersign_never('lost_calls_are_never_deleted');
CREATE TRIGGER lost_call_truncate BEFORE TRUNCATE ON payouts_lostcall
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('lost_calls_are_never_deleted');
