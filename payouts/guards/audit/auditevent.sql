CREATE FUNCTION countersign_audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := clock_timestamp();  -- nobody dates an event but the database
    RETURN NEW;
END $$;

CREATE TRIGGER audit_is_dated_by_the_database BEFORE INSERT ON payouts_auditevent
    FOR EACH ROW EXECUTE FUNCTION countersign_audit_insert();
CREATE TRIGGER audit_rows_are_only_added BEFORE UPDATE OR DELETE ON payouts_auditevent
    FOR EACH ROW EXECUTE FUNCTION countersign_never('audit_rows_are_only_added');
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON payouts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('audit_is_never_emptied');
