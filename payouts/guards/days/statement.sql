CREATE TRIGGER statement_change BEFORE UPDATE OR DELETE ON payouts_statement
    FOR EACH ROW EXECUTE FUNCTION countersign_never('statements_never_change');
CREATE TRIGGER statement_truncate BEFORE TRUNCATE ON payouts_statement
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('statements_never_change');
