-- Whether the person asked, approved, resolved, uploaded or explained anything of the day; as workflow.day.took_part.
CREATE FUNCTION countersign_took_part(who integer, of_account bigint, of_day date) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE opening timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
DECLARE closing timestamptz := (of_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM payouts_withdrawal
            WHERE account_id = of_account AND requested_by_id = who
              AND requested_at >= opening AND requested_at < closing
    ) OR EXISTS (
        SELECT 1 FROM payouts_approval AS yes JOIN payouts_withdrawal AS asked ON asked.id = yes.withdrawal_id
            WHERE asked.account_id = of_account AND yes.approver_id = who
              AND yes.approved_at >= opening AND yes.approved_at < closing
    ) OR EXISTS (
        SELECT 1 FROM payouts_submission AS call JOIN payouts_withdrawal AS asked ON asked.id = call.withdrawal_id
            LEFT JOIN payouts_approval AS yes ON yes.withdrawal_id = asked.id
            LEFT JOIN payouts_resolutionline AS line ON line.withdrawal_id = asked.id
            LEFT JOIN payouts_resolution AS said ON said.id = line.resolution_id
            WHERE call.account_id = of_account AND call.claimed_at >= opening AND call.claimed_at < closing
              AND call.outcome <> 'not_executed' AND NOT call.is_resend
              AND who IN (asked.requested_by_id, yes.approver_id, said.proposed_by_id, said.decided_by_id)
    ) OR EXISTS (
        SELECT 1 FROM payouts_resolution AS said JOIN payouts_resolutionline AS line ON line.resolution_id = said.id
            JOIN payouts_withdrawal AS asked ON asked.id = line.withdrawal_id
            WHERE asked.account_id = of_account
              AND (said.proposed_by_id = who AND said.proposed_at >= opening AND said.proposed_at < closing
                   OR said.decided_by_id = who AND said.decided_at >= opening AND said.decided_at < closing)
    ) OR EXISTS (
        SELECT 1 FROM payouts_statement
            WHERE account_id = of_account AND added_by_id = who AND since < closing AND until >= opening
    ) OR EXISTS (
        SELECT 1 FROM payouts_orphan WHERE account_id = of_account AND day = of_day AND closed_by_id = who
    );
END $$;

CREATE FUNCTION countersign_sign_off_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    IF NEW.digest <> encode(sha256(convert_to(NEW.statement, 'UTF8')), 'hex') THEN
        PERFORM countersign_object('what_is_signed_is_the_statement', 'The digest is of another statement.');
    END IF;
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject) IS DISTINCT FROM (NEW.signed_by_id, 'sign_off', NEW.digest) THEN
        PERFORM countersign_object('sign_off_carries_its_own_proof', 'The proof of presence is not for this day.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('sign_off_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    IF NEW.day >= (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        PERFORM countersign_object('a_day_is_signed_when_it_is_over', 'The day is not over.');
    END IF;
    IF countersign_took_part(NEW.signed_by_id, NEW.account_id, NEW.day) THEN
        PERFORM countersign_object('signed_by_neither_maker_nor_checker', 'They took part in that day.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_orphan
               WHERE account_id = NEW.account_id AND day = NEW.day AND closed_at IS NULL) THEN
        PERFORM countersign_object('orphans_are_explained_before_signing', 'Something has no partner.');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.signed_by_id AND auth_user.is_active
              AND auth_group.name IN ('Approvers', 'Auditors')
    ) THEN
        PERFORM countersign_object('signer_holds_the_role', 'Only active approvers and auditors sign.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER sign_off_insert BEFORE INSERT ON payouts_signoff
    FOR EACH ROW EXECUTE FUNCTION countersign_sign_off_insert();
CREATE TRIGGER sign_off_change BEFORE UPDATE OR DELETE ON payouts_signoff
    FOR EACH ROW EXECUTE FUNCTION countersign_never('sign_offs_never_change');
CREATE TRIGGER sign_off_truncate BEFORE TRUNCATE ON payouts_signoff
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('sign_offs_never_change');
