CREATE FUNCTION countersign_pause_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE release payouts_proposal%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.released_at IS NOT NULL THEN
            PERFORM countersign_object('a_pause_starts_open', 'A pause starts open.');
        END IF;
        PERFORM countersign_require_proposal(NEW.proposal_id, 'release', NEW.id::text, NEW.begun_by_id, 'open');
        SELECT * INTO release FROM payouts_proposal WHERE id = NEW.proposal_id;
        IF NEW.cause = 'stop_code' AND NOT release.roles::text[] <@ ARRAY['Administrators']
           OR NEW.cause <> 'stop_code' AND release.needed < 2 THEN
            PERFORM countersign_object('release_needs_two_people', 'Two people release it, or one administrator.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.cause, NEW.code, NEW.reason, NEW.proposal_id, NEW.begun_by_id, NEW.begun_at)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.cause, OLD.code, OLD.reason, OLD.proposal_id, OLD.begun_by_id, OLD.begun_at)
       OR OLD.released_at IS NOT NULL THEN
        PERFORM countersign_object('what_was_paused_never_changes', 'A pause only ever ends, once.');
    END IF;
    IF NEW.released_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM payouts_proposal WHERE id = NEW.proposal_id AND state = 'carried') THEN
        PERFORM countersign_object('release_needs_enough_people', 'Too few people released it.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER pause_write BEFORE INSERT OR UPDATE ON payouts_pause
    FOR EACH ROW EXECUTE FUNCTION countersign_pause_write();
CREATE TRIGGER pause_delete BEFORE DELETE ON payouts_pause
    FOR EACH ROW EXECUTE FUNCTION countersign_never('pauses_are_never_deleted');
CREATE TRIGGER pause_truncate BEFORE TRUNCATE ON payouts_pause
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('pauses_are_never_deleted');
