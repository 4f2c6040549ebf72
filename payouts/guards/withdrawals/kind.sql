-- Withdrawals as proposals.

CREATE FUNCTION countersign_withdrawal_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'approve', ARRAY['Approvers'], 1);
    PERFORM countersign_require_first(proposed);
    PERFORM countersign_require_raiser_excluded(proposed);
END $$;

-- What may leave is stood behind by whoever asked for it and by enough who approved it, now.
CREATE FUNCTION countersign_is_stood_behind(its_proposal uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE proposal payouts_proposal%ROWTYPE;
BEGIN
    SELECT * INTO proposal FROM payouts_proposal WHERE id = its_proposal;
    RETURN countersign_standing(proposal, proposal.raised_by_id) >= proposal.needed
        AND countersign_raiser_stands(proposal, ARRAY['Requesters']);
END $$;

CREATE FUNCTION countersign_withdrawal_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM payouts_withdrawal WHERE proposal_id = proposal.id FOR SHARE;
    IF given.approver_id = asked.requested_by_id THEN
        PERFORM countersign_object('approver_is_not_the_requester', 'Somebody else has to approve it.');
    END IF;
    IF asked.status IS DISTINCT FROM 'awaiting_approval' THEN
        PERFORM countersign_object('approval_only_while_awaiting', 'It is not awaiting approval any more.');
    END IF;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'order', asked.digest, 'purpose', asked.purpose, 'invoice_reference', asked.invoice_reference,
        'retry_of', replace(asked.retry_of_id::text, '-', '')));
END $$;
