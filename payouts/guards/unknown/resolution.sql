CREATE FUNCTION countersign_resolution_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_proposal(NEW.proposal_id, 'resolution', NEW.id::text, NEW.proposed_by_id, 'open');
    RETURN NEW;
END $$;

CREATE TRIGGER resolution_insert BEFORE INSERT ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_resolution_insert();
CREATE TRIGGER resolution_update BEFORE UPDATE ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_never('what_was_proposed_never_changes');
CREATE TRIGGER resolution_delete BEFORE DELETE ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER resolution_truncate BEFORE TRUNCATE ON payouts_resolution
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
