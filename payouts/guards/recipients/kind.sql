-- Address-book entries as proposals.

CREATE FUNCTION countersign_address_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'activate_address', ARRAY['Address keepers'], 1);
    PERFORM countersign_require_first(proposed);
    PERFORM countersign_require_raiser_excluded(proposed);
END $$;

CREATE FUNCTION countersign_address_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE entry payouts_address%ROWTYPE;
DECLARE account payouts_account%ROWTYPE;
BEGIN
    SELECT * INTO entry FROM payouts_address WHERE proposal_id = proposal.id FOR SHARE;
    IF given.approver_id = entry.proposed_by_id THEN
        PERFORM countersign_object('address_is_activated_by_another_person', 'Somebody else has to activate it.');
    END IF;
    IF entry.status IS DISTINCT FROM 'proposed' THEN
        PERFORM countersign_object('activation_only_while_proposed', 'It is not a proposal any more.');
    END IF;
    SELECT * INTO account FROM payouts_account WHERE id = entry.account_id;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'account', account.name, 'provider', account.provider, 'recipient_kind', entry.kind,
        'area_code', entry.area_code, 'address', entry.address, 'label', entry.label, 'owner', entry.owner,
        'coins', ARRAY(SELECT coin FROM unnest(entry.coins) AS coin ORDER BY coin COLLATE "C"),
        'fingerprint', entry.fingerprint));
END $$;
