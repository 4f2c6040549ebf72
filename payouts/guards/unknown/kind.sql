-- Resolutions as proposals.

CREATE FUNCTION countersign_resolution_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'confirm_resolution', ARRAY['Approvers'], 1);
    PERFORM countersign_require_first(proposed);
    PERFORM countersign_require_raiser_excluded(proposed);
END $$;

CREATE FUNCTION countersign_resolution_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE said payouts_resolution%ROWTYPE;
BEGIN
    SELECT * INTO said FROM payouts_resolution WHERE proposal_id = proposal.id;
    IF said.id IS NULL OR given.approver_id = said.proposed_by_id THEN
        PERFORM countersign_object('resolution_is_confirmed_by_another_person', 'Somebody else has to confirm it.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_resolutionline AS line JOIN payouts_withdrawal AS asked
               ON asked.id = line.withdrawal_id
               WHERE line.resolution_id = said.id AND asked.requested_by_id = given.approver_id) THEN
        PERFORM countersign_object('nobody_resolves_their_own_request', 'One of the withdrawals is theirs.');
    END IF;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'verdict', said.verdict, 'where_looked', said.where_looked, 'looked_at', countersign_moment(said.looked_at),
        'note', said.note, 'evidence', (SELECT sha256 FROM payouts_evidence WHERE id = said.evidence_id),
        'lines', (SELECT jsonb_agg(jsonb_build_array(replace(withdrawal_id::text, '-', ''), found_as)
                                   ORDER BY withdrawal_id)
                  FROM payouts_resolutionline WHERE resolution_id = said.id)));
END $$;
