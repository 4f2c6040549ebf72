CREATE FUNCTION countersign_approval_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE current text;
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    SELECT status INTO current FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR SHARE;
    IF current <> 'awaiting_approval' THEN
        PERFORM countersign_object('approval_only_while_awaiting', 'It is not awaiting approval any more.');
    END IF;
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject) IS DISTINCT FROM (NEW.approver_id, 'approve', NEW.digest) THEN
        PERFORM countersign_object('approval_carries_its_own_proof', 'The proof of presence is not for this approval.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('approval_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    IF NEW.approver_id <> NEW.requester_id AND NOT EXISTS (  -- the requester has a rule of their own, on the table
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.approver_id AND auth_user.is_active AND auth_group.name = 'Approvers'
    ) THEN
        PERFORM countersign_object('approver_holds_the_role', 'Only active approvers approve.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approval_insert BEFORE INSERT ON payouts_approval
    FOR EACH ROW EXECUTE FUNCTION countersign_approval_insert();
CREATE TRIGGER approval_change BEFORE UPDATE OR DELETE ON payouts_approval
    FOR EACH ROW EXECUTE FUNCTION countersign_never('approvals_never_change');
CREATE TRIGGER approval_truncate BEFORE TRUNCATE ON payouts_approval
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('approvals_never_change');

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'withdrawal_terms') THEN
        ALTER TABLE payouts_withdrawal ADD CONSTRAINT withdrawal_terms UNIQUE (id, requested_by_id, digest);
        ALTER TABLE payouts_approval ADD CONSTRAINT approval_names_the_requester_and_the_digest
            FOREIGN KEY (withdrawal_id, requester_id, digest)
            REFERENCES payouts_withdrawal (id, requested_by_id, digest);
    END IF;
END $$;
