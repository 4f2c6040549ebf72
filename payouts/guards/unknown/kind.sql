-- Resolutions as proposals, and findings about lost calls.

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

CREATE FUNCTION countersign_lost_call_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'confirm_lost_call', ARRAY['Approvers'], 1);
    PERFORM countersign_require_first(proposed);
    PERFORM countersign_require_raiser_excluded(proposed);
END $$;

CREATE FUNCTION countersign_lost_call_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE said payouts_lostfinding%ROWTYPE;
DECLARE its payouts_lostcall%ROWTYPE;
BEGIN
    SELECT * INTO said FROM payouts_lostfinding WHERE proposal_id = proposal.id;
    IF said.id IS NULL OR given.approver_id = said.proposed_by_id THEN
        PERFORM countersign_object('lost_finding_is_confirmed_by_another_person', 'Somebody else has to confirm it.');
    END IF;
    SELECT * INTO its FROM payouts_lostcall WHERE id = said.call_id FOR SHARE;
    PERFORM countersign_require_to_find_out(its, given.approver_id);
    IF EXISTS (
        SELECT FROM payouts_providerrecord AS record WHERE countersign_says_otherwise(record, its, said) AND id IN (
            SELECT record_id FROM payouts_lostproof WHERE call_id = its.id
            UNION SELECT id FROM payouts_providerrecord WHERE account_id = its.account_id AND record_id = ANY (
                ARRAY[said.found_as, CASE its.outcome WHEN 'accepted' THEN its.provider_id_given END]))
    ) THEN
        PERFORM countersign_object('nobody_denies_what_is_proven', 'The provider''s own record says otherwise.');
    END IF;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'account', (SELECT name FROM payouts_account WHERE id = its.account_id), 'call', replace(its.id::text, '-', ''),
        'reference', its.reference, 'called_at', countersign_moment(its.called_at),
        'withdrawal', replace(its.withdrawal_id::text, '-', ''), 'verdict', said.verdict, 'found_as', said.found_as,
        'where_looked', said.where_looked, 'looked_at', countersign_moment(said.looked_at), 'note', said.note));
END $$;

-- "Paid" as a record that failed; or "not paid", where a record that is proven to be of what was sent, or has the id that
-- the provider answered, arrived or may still arrive. A record that is known to be another payment's says nothing.
CREATE FUNCTION countersign_says_otherwise(record payouts_providerrecord, its payouts_lostcall, said payouts_lostfinding)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF said.verdict = 'paid' THEN
        RETURN record.record_id = said.found_as AND record.status = 'failed';
    END IF;
    RETURN (record.withdrawal_id IS NULL OR record.withdrawal_id = its.withdrawal_id)
        AND (record.status = 'completed' OR record.status = 'pending' AND record.known
             AND record.created_at > clock_timestamp() - interval '1 day')
        AND NOT EXISTS (SELECT FROM payouts_lostcall AS other WHERE other.account_id = its.account_id AND other.id <> its.id
                        AND countersign_is_known_as(other, record.record_id))
        AND NOT countersign_is_known_elsewhere(its, record.record_id);
END $$;

-- A call that left, of a withdrawal that is over or gone, undecided; and the person did not ask for that withdrawal.
CREATE FUNCTION countersign_require_to_find_out(its payouts_lostcall, who integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = its.withdrawal_id FOR SHARE;
    IF its.outcome = 'not_executed' OR its.decided_id IS NOT NULL
       OR EXISTS (SELECT 1 FROM payouts_submission WHERE id = its.id)
       OR asked.status NOT IN ('completed', 'refused', 'failed', 'rejected', 'cancelled', 'expired') THEN
        PERFORM countersign_object('only_what_nobody_answers_for_is_found_out', 'There is nothing to find out of it.');
    END IF;
    IF asked.requested_by_id = who THEN
        PERFORM countersign_object('nobody_resolves_their_own_request', 'It was a call of their own request.');
    END IF;
END $$;

-- Whether an account that says that it is the same customer knows that record as one of its payments: what `are_one` asks.
CREATE FUNCTION countersign_is_known_elsewhere(its payouts_lostcall, told text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE own text = countersign_lost_customer(its);
BEGIN
    RETURN own <> '' AND EXISTS (
        SELECT FROM payouts_account AS other WHERE other.id IN (SELECT countersign_neighbours(its.account_id)) AND (
            EXISTS (SELECT FROM payouts_withdrawal AS it WHERE it.account_id = other.id AND it.provider_id = told
                    AND countersign_customer(it.id, other.id) = own)
            OR EXISTS (SELECT FROM payouts_providerrecord AS it WHERE it.account_id = other.id AND it.record_id = told
                       AND it.withdrawal_id IS NOT NULL AND countersign_customer(it.withdrawal_id, other.id) = own)
            OR EXISTS (SELECT FROM payouts_lostcall AS it WHERE it.account_id = other.id
                       AND countersign_is_known_as(it, told) AND countersign_lost_customer(it) = own)));
END $$;
