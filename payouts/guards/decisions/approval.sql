-- What holds for a yes of every kind. What one kind asks besides, it says in countersign_<kind>_approved.
CREATE FUNCTION countersign_approval_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proposal payouts_proposal%ROWTYPE;
BEGIN
    SELECT * INTO proposal FROM payouts_proposal WHERE id = NEW.proposal_id FOR SHARE;
    IF NEW.digest <> proposal.digest THEN
        PERFORM countersign_object('approval_names_the_digest', 'This is not what was proposed.');
    END IF;
    PERFORM countersign_require_fresh_proof(NEW, proposal);
    EXECUTE format('SELECT %I($1, $2)', 'countersign_' || proposal.kind || '_approved') USING proposal, NEW;
    IF proposal.state <> 'open' THEN
        PERFORM countersign_object('approval_only_while_open', 'It was decided already.');
    END IF;
    IF proposal.open_until < clock_timestamp() - interval '5 seconds' THEN  -- the rule was asked a moment before
        PERFORM countersign_object('approval_comes_in_time', 'Its time to be decided is over.');
    END IF;
    IF NEW.approver_id = ANY (proposal.excluded) THEN
        PERFORM countersign_object('approver_is_not_excluded', 'This person may not decide it.');
    END IF;
    PERFORM 1 FROM auth_user WHERE id = NEW.approver_id FOR SHARE;  -- who is being deactivated decides no more
    IF NOT countersign_holds_role(NEW.approver_id, proposal.roles::text[]) THEN
        PERFORM countersign_object('approver_holds_the_role', 'Only active people with the role approve.');
    END IF;
    -- on which day somebody took part, and under which authority, is not theirs to say
    NEW.approved_at := clock_timestamp();
    NEW.authority := countersign_authority(NEW.approver_id);
    RETURN NEW;
END $$;

-- Of the same person, for the act that the proposal asks for, on this digest among others, within two minutes by the
-- database's clock: a proof from the future would be fresh for ever.
CREATE FUNCTION countersign_require_fresh_proof(given payouts_approval, proposal payouts_proposal) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = given.proof_id;
    IF (proof.person_id, proof.act) IS DISTINCT FROM (given.approver_id, proposal.act)
       OR NOT given.digest = ANY (proof.digests) THEN
        PERFORM countersign_object('approval_carries_its_own_proof', 'The proof of presence is not for this approval.');
    END IF;
    IF NOT proof.proved_at BETWEEN clock_timestamp() - interval '2 minutes'
                               AND clock_timestamp() + interval '2 minutes' THEN
        PERFORM countersign_object(
            'approval_carries_a_fresh_proof', 'The proof of presence is too old, or of a time to come.');
    END IF;
END $$;

-- A yes counts as long as it is to what was raised, and its giver's authority is unbroken since. That of `but` never does.
CREATE FUNCTION countersign_standing(of_proposal payouts_proposal, but integer DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT count(DISTINCT approver_id) FROM payouts_approval
            WHERE proposal_id = of_proposal.id AND digest = of_proposal.digest
              AND (approver_id = ANY (of_proposal.excluded)) IS NOT TRUE AND approver_id IS DISTINCT FROM but
              AND authority = countersign_authority(approver_id)
              AND countersign_holds_role(approver_id, of_proposal.roles::text[]));
END $$;

-- Whoever raised it and whoever said yes: they keep what they hold until the transaction ends. In one order, against
-- deadlocks, and before anything is counted.
CREATE FUNCTION countersign_hold_people(of_proposal uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM auth_user WHERE id IN (
        SELECT approver_id FROM payouts_approval WHERE proposal_id = of_proposal
        UNION SELECT raised_by_id FROM payouts_proposal WHERE id = of_proposal
    ) ORDER BY id FOR SHARE;
    RETURN true;
END $$;

CREATE TRIGGER approval_insert BEFORE INSERT ON payouts_approval
    FOR EACH ROW EXECUTE FUNCTION countersign_approval_insert();
CREATE TRIGGER approval_change BEFORE UPDATE OR DELETE ON payouts_approval
    FOR EACH ROW EXECUTE FUNCTION countersign_never('approvals_never_change');
CREATE TRIGGER approval_truncate BEFORE TRUNCATE ON payouts_approval
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('approvals_never_change');
