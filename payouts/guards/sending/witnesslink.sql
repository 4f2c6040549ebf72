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
    RETURN NEW;
END $$;

CREATE TRIGGER witness_link_update BEFORE UPDATE ON payouts_witnesslink
    FOR EACH ROW EXECUTE FUNCTION countersign_witness_link_update();
CREATE TRIGGER witness_link_delete BEFORE DELETE ON payouts_witnesslink
    FOR EACH ROW EXECUTE FUNCTION countersign_never('the_witness_is_never_forgotten');
CREATE TRIGGER witness_link_truncate BEFORE TRUNCATE ON payouts_witnesslink
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('the_witness_is_never_forgotten');
