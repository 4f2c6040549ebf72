-- Changes of an account's identity as proposals: raised by a command, so nobody is excluded, and two people decide.

CREATE FUNCTION countersign_identity_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'accept_identity', ARRAY['Administrators'], 2);
    PERFORM countersign_require_first(proposed);
END $$;

CREATE FUNCTION countersign_identity_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE change payouts_identitychange%ROWTYPE;
DECLARE its payouts_account%ROWTYPE;
BEGIN
    SELECT * INTO change FROM payouts_identitychange WHERE proposal_id = proposal.id AND accepted_at IS NULL;
    IF change.id IS NULL THEN
        PERFORM countersign_object('a_change_is_accepted_once', 'It was accepted already.');
    END IF;
    -- what it was comes from the account, so that nobody accepts a change of something else than there is
    SELECT * INTO its FROM payouts_account WHERE id = change.account_id FOR SHARE;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'account', its.name, 'provider', its.provider, 'host_before', its.host, 'customer_before', its.customer,
        'key_before', its.key_fingerprint, 'host', change.host, 'customer', change.customer,
        'key', change.key_fingerprint, 'same_customer', change.same_customer));
END $$;
