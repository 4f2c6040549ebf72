-- Releases as proposals: nobody is excluded.

CREATE FUNCTION countersign_release_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'release', ARRAY['Approvers', 'Administrators'], 1);
    PERFORM countersign_require_first(proposed);
END $$;

CREATE FUNCTION countersign_release_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE pause payouts_pause%ROWTYPE;
BEGIN
    SELECT * INTO pause FROM payouts_pause WHERE proposal_id = proposal.id AND released_at IS NULL;
    IF pause.id IS NULL THEN
        PERFORM countersign_object('release_only_while_paused', 'It is not paused any more.');
    END IF;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'account', (SELECT name FROM payouts_account WHERE id = pause.account_id), 'cause', pause.cause,
        'code', pause.code, 'reason', pause.reason, 'begun_at', countersign_moment(pause.begun_at)));
END $$;
