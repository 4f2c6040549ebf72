CREATE FUNCTION countersign_line_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
DECLARE said payouts_resolution%ROWTYPE;
DECLARE proposal payouts_proposal%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.resolution_id, NEW.withdrawal_id, NEW.found_as) IS DISTINCT FROM
           (OLD.resolution_id, OLD.withdrawal_id, OLD.found_as) OR NOT OLD.is_open THEN
            PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
        END IF;
        IF (SELECT decided.state FROM payouts_resolution JOIN payouts_proposal AS decided ON decided.id = proposal_id
            WHERE payouts_resolution.id = NEW.resolution_id) = 'open' THEN
            PERFORM countersign_object('a_line_closes_with_its_resolution', 'Its resolution is not decided.');
        END IF;
        RETURN NEW;
    END IF;
    -- both held: no call begins and nobody decides until this line is there to be seen
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR NO KEY UPDATE;
    SELECT * INTO said FROM payouts_resolution WHERE id = NEW.resolution_id FOR SHARE;
    SELECT * INTO proposal FROM payouts_proposal WHERE id = said.proposal_id FOR SHARE;
    IF proposal.state <> 'open' OR NOT NEW.is_open THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
    END IF;
    IF asked.status NOT IN ('unknown', 'submitted') THEN
        PERFORM countersign_object('only_what_is_not_known_is_resolved', 'What became of it is known.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_submission WHERE withdrawal_id = asked.id AND outcome = 'open') THEN
        PERFORM countersign_object('nothing_is_resolved_during_a_call', 'A call for it is under way.');
    END IF;
    IF asked.requested_by_id = said.proposed_by_id THEN
        PERFORM countersign_object('nobody_resolves_their_own_request', 'One of the withdrawals is theirs.');
    END IF;
    IF said.verdict = 'paid' AND NEW.found_as = '' THEN
        PERFORM countersign_object('paid_names_what_was_found', 'Paid needs the provider''s id or a transaction.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_time_to_book() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said payouts_resolution%ROWTYPE;
BEGIN
    SELECT * INTO said FROM payouts_resolution WHERE id = NEW.resolution_id;
    IF said.verdict = 'not_paid' AND EXISTS (
        SELECT 1 FROM payouts_submission WHERE withdrawal_id = NEW.withdrawal_id
            AND claimed_at > least(said.looked_at, clock_timestamp()) - interval '1 minute'
    ) THEN
        PERFORM countersign_object(
            'not_paid_leaves_time_to_book', 'Somebody looked less than a minute after it was sent.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER line_write BEFORE INSERT OR UPDATE ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_line_write();
CREATE TRIGGER line_delete BEFORE DELETE ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER line_truncate BEFORE TRUNCATE ON payouts_resolutionline
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER line_time_to_book BEFORE INSERT ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_time_to_book();
