CREATE FUNCTION countersign_lostfinding_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its payouts_lostcall%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.call_id, NEW.verdict, NEW.found_as, NEW.where_looked, NEW.looked_at, NEW.note,
            NEW.proposed_by_id, NEW.proposed_at, NEW.proposal_id)
           IS DISTINCT FROM
           (OLD.id, OLD.call_id, OLD.verdict, OLD.found_as, OLD.where_looked, OLD.looked_at, OLD.note,
            OLD.proposed_by_id, OLD.proposed_at, OLD.proposal_id) OR NOT OLD.is_open THEN
            PERFORM countersign_object('what_was_proposed_never_changes', 'A finding is only ever decided, once.');
        END IF;
        IF (SELECT state FROM payouts_proposal WHERE id = NEW.proposal_id) = 'open' THEN
            PERFORM countersign_object('a_finding_closes_with_its_proposal', 'It is not decided.');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM countersign_require_proposal(NEW.proposal_id, 'lost_call', NEW.id::text, NEW.proposed_by_id, 'open');
    IF NOT NEW.is_open THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'A finding starts open.');
    END IF;
    SELECT * INTO its FROM payouts_lostcall WHERE id = NEW.call_id FOR NO KEY UPDATE;
    PERFORM countersign_require_to_find_out(its, NEW.proposed_by_id);
    IF NEW.verdict = 'paid' AND NEW.found_as = '' THEN
        PERFORM countersign_object('paid_names_what_was_found', 'Paid needs the provider''s id or a transaction.');
    END IF;
    IF NEW.verdict = 'not_paid'
       AND its.called_at > least(NEW.looked_at, clock_timestamp()) - interval '1 minute' THEN
        PERFORM countersign_object(
            'not_paid_leaves_time_to_book', 'Somebody looked less than a minute after it was sent.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lostfinding_write BEFORE INSERT OR UPDATE ON payouts_lostfinding
    FOR EACH ROW EXECUTE FUNCTION countersign_lostfinding_write();
CREATE TRIGGER lostfinding_delete BEFORE DELETE ON payouts_lostfinding
    FOR EACH ROW EXECUTE FUNCTION countersign_never('lost_findings_are_never_deleted');
CREATE TRIGGER lostfinding_truncate BEFORE TRUNCATE ON payouts_lostfinding
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('lost_findings_are_never_deleted');
