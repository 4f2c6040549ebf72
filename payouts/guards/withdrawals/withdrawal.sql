CREATE FUNCTION countersign_withdrawal_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry payouts_address%ROWTYPE;
DECLARE earlier text;
BEGIN
    IF NEW.status <> 'awaiting_approval' THEN
        PERFORM countersign_object('withdrawal_starts_awaiting_approval', 'A withdrawal starts awaiting approval.');
    END IF;
    PERFORM countersign_require_proposal(NEW.proposal_id, 'withdrawal', NEW.id::text, NEW.requested_by_id, 'open');
    PERFORM FROM payouts_account WHERE id = NEW.account_id FOR SHARE;  -- who that is does not change meanwhile
    SELECT * INTO entry FROM payouts_address WHERE id = NEW.address_id FOR SHARE;
    IF entry.status IS DISTINCT FROM 'active' THEN
        PERFORM countersign_object('withdrawal_needs_an_active_address', 'The address is not active.');
    END IF;
    IF entry.account_id <> NEW.account_id OR NOT NEW.coin = ANY (entry.coins)
       OR entry.recipient_key <> NEW.recipient_key THEN
        PERFORM countersign_object('withdrawal_fits_its_address', 'The address is not for this account and coin.');
    END IF;
    IF NEW.retry_of_id IS NOT NULL THEN
        SELECT status INTO earlier FROM payouts_withdrawal WHERE id = NEW.retry_of_id FOR SHARE;
        IF earlier NOT IN ('refused', 'failed', 'rejected', 'cancelled', 'expired') THEN
            PERFORM countersign_object('only_what_was_not_paid_is_retried', 'The one it names may have been paid.');
        END IF;
        IF EXISTS (SELECT 1 FROM payouts_lostcall AS lost WHERE withdrawal_id = NEW.retry_of_id AND outcome <> 'not_executed'
                   AND verdict <> 'not_paid' AND NOT EXISTS (SELECT 1 FROM payouts_submission WHERE id = lost.id)) THEN
            PERFORM countersign_object('what_has_a_lost_call_is_not_retried', 'A call of it was lost, and not found unpaid.');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_withdrawal_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE approvals bigint;
DECLARE proposal payouts_proposal%ROWTYPE;
BEGIN
    IF (NEW.id, NEW.account_id, NEW.address_id, NEW.coin, NEW.amount, NEW.remark, NEW.purpose, NEW.invoice_reference,
        NEW.requested_by_id, NEW.requested_at, NEW.proposal_id, NEW.digest, NEW.recipient_key, NEW.fingerprint,
        NEW.retry_of_id)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.address_id, OLD.coin, OLD.amount, OLD.remark, OLD.purpose, OLD.invoice_reference,
        OLD.requested_by_id, OLD.requested_at, OLD.proposal_id, OLD.digest, OLD.recipient_key, OLD.fingerprint,
        OLD.retry_of_id) THEN
        PERFORM countersign_object('what_was_asked_for_never_changes', 'What was asked for never changes.');
    END IF;
    IF OLD.provider_id <> '' AND NEW.provider_id <> OLD.provider_id THEN
        PERFORM countersign_object('a_provider_id_is_written_once', 'The provider''s id is written once.');
    END IF;
    IF NEW.expires_at <> OLD.expires_at AND NOT (OLD.status = 'awaiting_approval' AND NEW.status = 'approved')
       AND NOT (OLD.status = 'approved' AND NEW.status = 'awaiting_approval' AND NEW.expires_at =
                (SELECT open_until FROM payouts_proposal WHERE id = NEW.proposal_id)) THEN
        PERFORM countersign_object('approvals_are_not_prolonged', 'When an approval expires never changes.');
    END IF;
    IF OLD.status IN ('completed', 'refused', 'failed', 'rejected', 'cancelled', 'expired') AND NEW.status = OLD.status THEN
        PERFORM countersign_object('what_is_final_never_changes', 'It is over: nothing about it changes.');
    END IF;
    IF NEW.provider_id <> '' AND NEW.status NOT IN ('submitted', 'completed', 'failed') THEN
        PERFORM countersign_object('a_provider_id_means_accepted', 'Only what a provider accepted has its id.');
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'awaiting_approval>approved', 'awaiting_approval>rejected', 'awaiting_approval>cancelled',
        'awaiting_approval>expired', 'awaiting_approval>unknown', 'approved>unknown',
        'approved>submitting', 'approved>awaiting_approval', 'approved>rejected', 'approved>cancelled', 'approved>expired',
        'submitting>submitted', 'submitting>refused', 'submitting>unknown', 'submitting>approved',
        'unknown>submitted', 'unknown>completed', 'unknown>failed',
        'submitted>completed', 'submitted>failed'
    ]) THEN
        PERFORM countersign_object(
            'withdrawal_moves_as_declared', 'No move leads from ' || OLD.status || ' to ' || NEW.status || '.');
    END IF;
    IF OLD.status IN ('awaiting_approval', 'approved') AND NEW.status = 'unknown' AND NOT EXISTS (
        SELECT 1 FROM payouts_lostcall AS lost JOIN payouts_submission AS call ON call.id = lost.id
            WHERE call.withdrawal_id = NEW.id AND call.outcome = 'unknown'
    ) THEN
        PERFORM countersign_object('unknown_means_a_call', 'No call of it was found that was lost.');
    END IF;
    IF NEW.status IN ('approved', 'submitting') THEN
        SELECT * INTO proposal FROM payouts_proposal WHERE id = NEW.proposal_id;
        IF OLD.status = 'submitting' THEN  -- provably unsent: what stands is asked again when it is claimed
            SELECT count(DISTINCT approver_id) INTO approvals FROM payouts_approval
                WHERE proposal_id = proposal.id AND digest = proposal.digest AND approver_id <> NEW.requested_by_id;
        ELSE
            PERFORM countersign_hold_people(proposal.id);
            approvals := countersign_standing(proposal, NEW.requested_by_id);
            IF NOT countersign_raiser_stands(proposal, ARRAY['Requesters']) THEN
                PERFORM countersign_object('who_asked_may_still_ask', 'Whoever asked for it may not any more.');
            END IF;
        END IF;
        IF proposal.state <> 'carried' OR approvals < proposal.needed THEN
            PERFORM countersign_object('approved_means_enough_approvals', 'Too few people approved it.');
        END IF;
    END IF;
    IF NEW.status = 'awaiting_approval'
       AND NOT EXISTS (SELECT 1 FROM payouts_proposal WHERE id = NEW.proposal_id AND state = 'open') THEN
        PERFORM countersign_object('what_awaits_approval_is_open', 'Its proposal is decided.');
    END IF;
    IF OLD.status IN ('awaiting_approval', 'approved') AND NEW.status IN ('approved', 'submitting')
       AND OLD.expires_at < clock_timestamp() - interval '5 seconds' THEN  -- the rule was asked a moment before
        PERFORM countersign_object('nothing_expired_is_sent', 'Its time ran out.');
    END IF;
    IF NEW.status = 'submitting'
       AND NOT EXISTS (SELECT 1 FROM payouts_address WHERE id = NEW.address_id AND status = 'active') THEN
        PERFORM countersign_object('nothing_is_sent_to_an_inactive_address', 'The address is not active.');
    END IF;
    IF OLD.status = 'submitting' AND NOT EXISTS (
        SELECT 1 FROM payouts_submission AS last_call WHERE withdrawal_id = NEW.id
            AND number = (SELECT max(number) FROM payouts_submission WHERE withdrawal_id = NEW.id)
            AND provider_id_given = NEW.provider_id
            AND outcome = CASE NEW.status WHEN 'submitted' THEN 'accepted' WHEN 'refused' THEN 'refused'
                                          WHEN 'approved' THEN 'not_executed' ELSE 'unknown' END
    ) THEN
        PERFORM countersign_object('a_call_ends_by_its_answer', 'Its last call was not answered so.');
    END IF;
    IF OLD.status = 'unknown'
       AND EXISTS (SELECT 1 FROM payouts_submission WHERE withdrawal_id = NEW.id AND outcome = 'open') THEN
        PERFORM countersign_object('an_open_call_keeps_it_unknown', 'A call for it is under way.');
    END IF;
    IF OLD.status = 'unknown' AND NEW.status = 'submitted' AND NOT EXISTS (
        SELECT 1 FROM payouts_submission WHERE withdrawal_id = NEW.id AND outcome = 'accepted' AND is_resend
            AND provider_id_given = NEW.provider_id
    ) AND NOT EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND record_id = NEW.provider_id
            AND coin = NEW.coin AND amount = NEW.amount
    ) THEN
        PERFORM countersign_object('found_means_a_record_or_an_answer', 'Nothing shows that it was accepted.');
    END IF;
    IF NEW.status IN ('completed', 'failed') AND NOT EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND status = NEW.status
            AND coin = NEW.coin AND amount = NEW.amount AND NEW.provider_id IN ('', record_id)
    ) AND NOT EXISTS (
        SELECT 1 FROM payouts_resolutionline JOIN payouts_resolution AS said ON said.id = resolution_id
            JOIN payouts_proposal AS decided ON decided.id = said.proposal_id
            WHERE withdrawal_id = NEW.id AND decided.state = 'carried'
              AND verdict = CASE NEW.status WHEN 'completed' THEN 'paid' ELSE 'not_paid' END
    ) THEN
        PERFORM countersign_object('it_ends_by_evidence', 'No record and no two people say what became of it.');
    END IF;
    IF NEW.status IN ('completed', 'failed') AND EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND status NOT IN (NEW.status, 'pending')
            -- a record that was only found to fit may be of an equal payment made elsewhere: another may say "paid"
            AND (NEW.status = 'failed' OR EXISTS (
                SELECT 1 FROM payouts_submission WHERE withdrawal_id = NEW.id AND outcome = 'accepted'))
    ) THEN
        PERFORM countersign_object('nobody_contradicts_a_final_record', 'The provider''s record says otherwise.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_pending_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND status = 'pending' AND known
            AND created_at > clock_timestamp() - interval '1 day'
    ) THEN
        PERFORM countersign_object(
            'nothing_fails_while_its_record_is_pending', 'The provider''s record says that it is under way.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_equals_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM countersign_neighbours(NEW.account_id)) THEN
        RETURN NEW;
    END IF;
    PERFORM countersign_hold_equals(
        (SELECT provider FROM payouts_account WHERE id = NEW.account_id), NEW.recipient_key, NEW.coin, NEW.amount);
    IF EXISTS (SELECT FROM payouts_withdrawal AS other WHERE status IN ('submitting', 'unknown')
               AND (recipient_key, coin, amount) = (NEW.recipient_key, NEW.coin, NEW.amount)
               AND account_id IN (SELECT countersign_neighbours(NEW.account_id))
               AND countersign_may_be_one(NEW.id, NEW.account_id, other.id, other.account_id)) THEN
        PERFORM countersign_object('equals_wait_across_accounts', 'An equal payment is in flight in another account.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_withdrawal_claims_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_claim_record(NEW.id, NEW.account_id, NEW.provider_id);
    RETURN NEW;
END $$;

-- By people's word; by its own record it is that record's.
CREATE FUNCTION countersign_withdrawal_claims_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE spelled text[] = countersign_spellings(NEW.tx_id);
BEGIN
    IF NOT EXISTS (SELECT FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND tx_id = NEW.tx_id) AND EXISTS (
        SELECT FROM countersign_lost_calls_paid_as(
            NEW.account_id, countersign_customer(NEW.id, NEW.account_id), '',
            spelled || countersign_records_of(NEW.account_id, spelled), NEW.recipient_key) AS lost
        WHERE lost.withdrawal_id IS DISTINCT FROM NEW.id
    ) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of what a lost call paid.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER withdrawal_insert BEFORE INSERT ON payouts_withdrawal
    FOR EACH ROW EXECUTE FUNCTION countersign_withdrawal_insert();
CREATE TRIGGER withdrawal_update BEFORE UPDATE ON payouts_withdrawal
    FOR EACH ROW EXECUTE FUNCTION countersign_withdrawal_update();
CREATE TRIGGER withdrawal_delete BEFORE DELETE ON payouts_withdrawal
    FOR EACH ROW EXECUTE FUNCTION countersign_never('withdrawals_are_never_deleted');
CREATE TRIGGER withdrawal_truncate BEFORE TRUNCATE ON payouts_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('withdrawals_are_never_deleted');
CREATE TRIGGER withdrawal_waits_for_its_record BEFORE UPDATE ON payouts_withdrawal
    FOR EACH ROW WHEN (NEW.status = 'failed' AND OLD.status <> 'failed')
    EXECUTE FUNCTION countersign_pending_record();
CREATE TRIGGER withdrawal_waits_for_equals BEFORE UPDATE ON payouts_withdrawal
    FOR EACH ROW WHEN (NEW.status = 'submitting' AND OLD.status <> 'submitting')
    EXECUTE FUNCTION countersign_equals_wait();
CREATE TRIGGER withdrawal_claims_its_record BEFORE UPDATE ON payouts_withdrawal
    FOR EACH ROW WHEN (NEW.provider_id <> '' AND NEW.provider_id <> OLD.provider_id)
    EXECUTE FUNCTION countersign_withdrawal_claims_record();
CREATE TRIGGER withdrawal_claims_its_transaction BEFORE UPDATE ON payouts_withdrawal
    FOR EACH ROW WHEN (NEW.tx_id <> '' AND NEW.tx_id <> OLD.tx_id)
    EXECUTE FUNCTION countersign_withdrawal_claims_transaction();
