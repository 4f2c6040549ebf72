CREATE FUNCTION countersign_look_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.looked_at := clock_timestamp();  -- nobody dates a look but the database: a resend depends on it
    RETURN NEW;
END $$;

CREATE TRIGGER look_is_dated_by_the_database BEFORE INSERT ON payouts_look
    FOR EACH ROW EXECUTE FUNCTION countersign_look_insert();
CREATE TRIGGER look_change BEFORE UPDATE OR DELETE ON payouts_look
    FOR EACH ROW EXECUTE FUNCTION countersign_never('looks_never_change');
CREATE TRIGGER look_truncate BEFORE TRUNCATE ON payouts_look
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('looks_never_change');
