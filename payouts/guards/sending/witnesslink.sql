CREATE FUNCTION countersign_witness_link_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.server_release_id IS NOT NULL THEN
        PERFORM countersign_object('the_first_server_needs_no_release', 'The first server is nobody''s to accept.');
    END IF;
    RETURN NEW;
END $$;

-- The first server that could be asked is remembered; another, once two people released just that difference.
CREATE FUNCTION countersign_witness_link_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- exchanged while all is paused for just that: two people release it
    IF (NEW.one, NEW.witness, NEW.place, NEW.founded_at) IS DISTINCT FROM
       (OLD.one, OLD.witness, OLD.place, OLD.founded_at)
       AND NOT EXISTS (
           SELECT 1 FROM payouts_pause WHERE cause = 'out_of_step' AND account_id IS NULL AND released_at IS NULL
               AND code = replace(NEW.witness::text, '-', '') AND NEW.witness <> OLD.witness
       ) THEN
        PERFORM countersign_object('a_witness_is_not_exchanged', 'Another witness needs two people.');
    END IF;
    IF (NEW.system_identifier, NEW.timeline, NEW.server_release_id) IS NOT DISTINCT FROM
       (OLD.system_identifier, OLD.timeline, OLD.server_release_id)
       OR OLD.system_identifier IS NULL AND NEW.server_release_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF NEW.system_identifier IS NULL
       OR NEW.server_release_id IS NULL
       OR NEW.server_release_id = OLD.server_release_id
       OR NEW.server_release_id IS DISTINCT FROM (
           SELECT CASE WHEN code <> replace(NEW.witness::text, '-', '') THEN proposal_id END  -- not of a move
           FROM payouts_pause WHERE cause = 'out_of_step' AND released_at IS NOT NULL
               ORDER BY released_at DESC LIMIT 1) THEN
        PERFORM countersign_object('another_server_needs_two_people', 'Two people accept another server, once.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER witness_link_insert BEFORE INSERT ON payouts_witnesslink
    FOR EACH ROW EXECUTE FUNCTION countersign_witness_link_insert();
CREATE TRIGGER witness_link_update BEFORE UPDATE ON payouts_witnesslink
    FOR EACH ROW EXECUTE FUNCTION countersign_witness_link_update();
CREATE TRIGGER witness_link_delete BEFORE DELETE ON payouts_witnesslink
    FOR EACH ROW EXECUTE FUNCTION countersign_never('the_witness_is_never_forgotten');
CREATE TRIGGER witness_link_truncate BEFORE TRUNCATE ON payouts_witnesslink
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('the_witness_is_never_forgotten');
