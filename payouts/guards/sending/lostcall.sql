CREATE FUNCTION countersign_lost_call_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM payouts_pause
                   WHERE id = NEW.pause_id AND cause = 'out_of_step' AND released_at IS NULL AND account_id IS NULL) THEN
        PERFORM countersign_object('a_lost_call_pauses_everything', 'Calls are written as lost while all is paused.');
    END IF;
    IF NEW.withdrawal_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payouts_withdrawal WHERE id = NEW.withdrawal_id AND account_id = NEW.account_id
            AND digest = NEW.digest AND replace(id::text, '-', '') = NEW.reference
    ) THEN
        PERFORM countersign_object('a_lost_call_is_of_its_own_order', 'The withdrawal is not what was sent.');
    END IF;
    IF NEW.decided_id IS NOT NULL THEN
        PERFORM countersign_object('two_people_decide_a_lost_call', 'A lost call starts undecided.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_submission WHERE id = NEW.id) THEN
        PERFORM countersign_object('what_has_a_row_is_not_lost', 'This call has its row.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_lost_call_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.account_id, NEW.serial, NEW.reference, NEW.digest, NEW.called_at, NEW.found_at, NEW.pause_id,
        NEW.withdrawal_id)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.serial, OLD.reference, OLD.digest, OLD.called_at, OLD.found_at, OLD.pause_id,
        OLD.withdrawal_id)
       OR OLD.outcome <> '' AND (NEW.outcome, NEW.code, NEW.provider_id_given, NEW.http_status, NEW.raw_answer)
       IS DISTINCT FROM
       (OLD.outcome, OLD.code, OLD.provider_id_given, OLD.http_status, OLD.raw_answer) THEN
        PERFORM countersign_object('what_was_lost_never_changes', 'A lost call only ever gets its answer, once.');
    END IF;
    IF NEW.outcome = 'not_executed' AND OLD.outcome <> 'not_executed'
       AND (NEW.code = '' OR OLD.decided_id IS NOT NULL) THEN
        PERFORM countersign_object('what_never_left_was_answered_so', 'No answer says so, or two people have decided it.');
    END IF;
    IF (NEW.verdict, NEW.found_as, NEW.decided_id) IS DISTINCT FROM (OLD.verdict, OLD.found_as, OLD.decided_id) THEN
        PERFORM countersign_decide_lost_call(OLD, NEW);
    END IF;
    RETURN NEW;
END $$;

-- By one carried finding of just that, once; and as no payment that is known as another one's.
CREATE FUNCTION countersign_decide_lost_call(was payouts_lostcall, its payouts_lostcall) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF was.decided_id IS NOT NULL THEN
        PERFORM countersign_object('what_became_of_a_lost_call_is_said_once', 'Two people have decided it.');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM payouts_lostfinding AS said JOIN payouts_proposal ON payouts_proposal.id = said.proposal_id
            WHERE said.proposal_id = its.decided_id AND payouts_proposal.state = 'carried'
              AND (said.call_id, said.verdict, said.found_as) = (its.id, its.verdict, its.found_as)
    ) THEN
        PERFORM countersign_object('two_people_decide_a_lost_call', 'No two people have found just that.');
    END IF;
    IF its.verdict = 'paid' THEN
        PERFORM countersign_claim_for_lost_call(its);
    END IF;
END $$;

-- Whether another withdrawal than the lost call's own may be of its customer.
CREATE FUNCTION countersign_is_beside(its payouts_lostcall, other uuid, others_account bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN other IS DISTINCT FROM its.withdrawal_id AND (
        others_account = its.account_id OR others_account IN (SELECT countersign_neighbours(its.account_id))
        AND countersign_customers_may_be_one(countersign_lost_customer(its), countersign_customer(other, others_account)));
END $$;

CREATE FUNCTION countersign_claim_for_lost_call(its payouts_lostcall) RETURNS void LANGUAGE plpgsql AS $$
DECLARE spelled text[] = countersign_transactions(its.account_id, its.found_as);
DECLARE told text = CASE WHEN countersign_transaction(its.found_as) IS NULL THEN its.found_as ELSE '' END;
DECLARE payee text = (SELECT recipient_key FROM payouts_withdrawal WHERE id = its.withdrawal_id);
BEGIN
    PERFORM countersign_hold_record(its.account_id, its.found_as);
    IF EXISTS (SELECT FROM payouts_providerrecord WHERE record_id = its.found_as AND withdrawal_id IS NOT NULL
               AND countersign_is_beside(its, withdrawal_id, account_id))
       OR EXISTS (SELECT FROM payouts_withdrawal WHERE provider_id <> '' AND provider_id = its.found_as
                  AND countersign_is_beside(its, id, account_id))
       OR cardinality(spelled) > 0 AND EXISTS (
              SELECT FROM payouts_withdrawal AS other WHERE (payee IS NULL OR recipient_key = payee)
                  AND (tx_id <> '' AND lower(tx_id) = ANY (spelled) OR id IN (
                      SELECT withdrawal_id FROM payouts_providerrecord WHERE tx_id <> '' AND lower(tx_id) = ANY (spelled)))
                  AND (told = '' OR countersign_has_no_id(other))
                  AND countersign_is_beside(its, other.id, other.account_id))
       OR EXISTS (SELECT FROM countersign_lost_calls_paid_as(
                      its.account_id, countersign_lost_customer(its), told,
                      CASE told WHEN '' THEN spelled || countersign_records_of(its.account_id, spelled) ELSE spelled END,
                      payee) AS other
                  WHERE other.reference <> its.reference) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of another payment.');
    END IF;
END $$;

CREATE TRIGGER lost_call_insert BEFORE INSERT ON payouts_lostcall
    FOR EACH ROW EXECUTE FUNCTION countersign_lost_call_insert();
CREATE TRIGGER lost_call_update BEFORE UPDATE ON payouts_lostcall
    FOR EACH ROW EXECUTE FUNCTION countersign_lost_call_update();
CREATE TRIGGER lost_call_delete BEFORE DELETE ON payouts_lostcall
    FOR EACH ROW EXECUTE FUNCTION countersign_never('lost_calls_are_never_deleted');
CREATE TRIGGER lost_call_truncate BEFORE TRUNCATE ON payouts_lostcall
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('lost_calls_are_never_deleted');
