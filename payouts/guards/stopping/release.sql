CREATE FUNCTION countersign_release_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
DECLARE needed integer;
BEGIN
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject)
       IS DISTINCT FROM (NEW.person_id, 'release', NEW.pause_id::text) THEN
        PERFORM countersign_object('release_carries_its_own_proof', 'The proof of presence is not for this release.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('release_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    SELECT releases_needed INTO needed FROM payouts_pause WHERE id = NEW.pause_id AND released_at IS NULL;
    IF needed IS NULL THEN
        PERFORM countersign_object('release_only_while_paused', 'It is not paused any more.');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.person_id AND auth_user.is_active
              AND (auth_group.name = 'Administrators' OR auth_group.name = 'Approvers' AND needed = 2)
    ) THEN
        PERFORM countersign_object('releaser_holds_the_role', 'Only people with the right release a pause.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER release_insert BEFORE INSERT ON payouts_release
    FOR EACH ROW EXECUTE FUNCTION countersign_release_insert();
CREATE TRIGGER release_change BEFORE UPDATE OR DELETE ON payouts_release
    FOR EACH ROW EXECUTE FUNCTION countersign_never('releases_never_change');
CREATE TRIGGER release_truncate BEFORE TRUNCATE ON payouts_release
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('releases_never_change');
