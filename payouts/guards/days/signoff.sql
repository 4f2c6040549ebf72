CREATE FUNCTION countersign_signoff_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proposal payouts_proposal%ROWTYPE;
BEGIN
    SELECT * INTO proposal FROM payouts_proposal WHERE id = NEW.proposal_id;
    PERFORM countersign_require_proposal(proposal.id, 'sign_off',
        NEW.account_id || ':' || to_char(NEW.day, 'YYYY-MM-DD'), proposal.raised_by_id, 'carried');
    PERFORM countersign_ask_again(proposal);
    RETURN NEW;
END $$;

CREATE TRIGGER signoff_insert BEFORE INSERT ON payouts_signoff
    FOR EACH ROW EXECUTE FUNCTION countersign_signoff_insert();
CREATE TRIGGER signoff_change BEFORE UPDATE OR DELETE ON payouts_signoff
    FOR EACH ROW EXECUTE FUNCTION countersign_never('sign_offs_never_change');
CREATE TRIGGER signoff_truncate BEFORE TRUNCATE ON payouts_signoff
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('sign_offs_never_change');
