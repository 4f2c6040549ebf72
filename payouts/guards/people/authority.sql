-- A person's authority number; 0 where nothing was ever taken away.
CREATE FUNCTION countersign_authority(who integer) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT number FROM payouts_authority WHERE person_id = who), 0);
END $$;

CREATE FUNCTION countersign_end_authority(who integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM auth_user WHERE id = who FOR NO KEY UPDATE;  -- whoever counts what stands holds the same row
    INSERT INTO payouts_authority (person_id, number, ended_at) VALUES (who, 1, clock_timestamp())
        ON CONFLICT (person_id) DO UPDATE
        SET number = payouts_authority.number + 1, ended_at = clock_timestamp();
END $$;

CREATE FUNCTION countersign_person_deactivated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_end_authority(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION countersign_role_taken_away() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_end_authority(OLD.user_id);
    RETURN NULL;
END $$;

CREATE FUNCTION countersign_authority_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.number <> 1
       OR TG_OP = 'UPDATE' AND (NEW.person_id, NEW.number) IS DISTINCT FROM (OLD.person_id, OLD.number + 1) THEN
        PERFORM countersign_object('authority_only_grows', 'A person''s authority number grows by one at a time.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER person_deactivated AFTER UPDATE ON auth_user
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active) EXECUTE FUNCTION countersign_person_deactivated();
CREATE TRIGGER role_taken_away AFTER DELETE OR UPDATE ON auth_user_groups
    FOR EACH ROW EXECUTE FUNCTION countersign_role_taken_away();
CREATE TRIGGER roles_truncate BEFORE TRUNCATE ON auth_user_groups
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('roles_are_taken_away_one_by_one');
CREATE TRIGGER authority_change BEFORE INSERT OR UPDATE ON payouts_authority
    FOR EACH ROW EXECUTE FUNCTION countersign_authority_change();
CREATE TRIGGER authority_delete BEFORE DELETE ON payouts_authority
    FOR EACH ROW EXECUTE FUNCTION countersign_never('authority_numbers_are_never_deleted');
CREATE TRIGGER authority_truncate BEFORE TRUNCATE ON payouts_authority
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('authority_numbers_are_never_deleted');
