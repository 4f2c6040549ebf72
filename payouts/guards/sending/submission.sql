CREATE FUNCTION countersign_resend(again payouts_submission, asked payouts_withdrawal) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE first payouts_submission%ROWTYPE;
BEGIN
    SELECT * INTO first FROM payouts_submission
        WHERE withdrawal_id = asked.id AND outcome = 'unknown' AND NOT is_resend;
    IF asked.status <> 'unknown' OR first IS NULL THEN
        PERFORM countersign_object('only_the_unknown_is_resent', 'Its outcome is not unknown.');
    END IF;
    IF (again.body, again.reference, again.digest) IS DISTINCT FROM (first.body, first.reference, first.digest) THEN
        PERFORM countersign_object('a_resend_repeats_the_first_call', 'These are not the fields of the first call.');
    END IF;
    IF NOT (SELECT resend_allowed FROM payouts_account WHERE id = asked.account_id) THEN
        PERFORM countersign_object('a_resend_needs_the_providers_promise', 'This provider may pay twice.');
    END IF;
    IF (SELECT coalesce(max(looked_at) - min(looked_at), interval '0') FROM payouts_look
        WHERE withdrawal_id = asked.id AND result = 'absent'  -- of the time of that call, and taken after it
          AND first.claimed_at BETWEEN since AND least(until, looked_at)) < interval '1 minute'
       OR (SELECT result FROM payouts_look WHERE withdrawal_id = asked.id ORDER BY id DESC LIMIT 1) <> 'absent' THEN
        PERFORM countersign_object('a_resend_follows_two_looks', 'It was not looked for twice.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_resolutionline JOIN payouts_resolution AS said ON said.id = resolution_id
               JOIN payouts_proposal AS decided ON decided.id = said.proposal_id
               WHERE withdrawal_id = asked.id AND decided.state IN ('open', 'carried')) THEN
        PERFORM countersign_object('nothing_is_resent_that_people_decide', 'People are deciding what became of it.');
    END IF;
    PERFORM countersign_hold_people(asked.proposal_id);
    IF NOT countersign_is_stood_behind(asked.proposal_id) THEN
        PERFORM countersign_object('what_is_resent_is_stood_behind', 'Too few people stand behind it by now.');
    END IF;
    IF asked.stopped_because <> '' THEN
        PERFORM countersign_object('what_is_stopped_is_not_sent', 'It was stopped.');
    END IF;
    IF asked.expires_at < clock_timestamp() - interval '5 seconds' THEN
        PERFORM countersign_object('nothing_expired_is_sent', 'Its time ran out.');
    END IF;
    IF NOT EXISTS (SELECT 1 FROM payouts_address WHERE id = asked.address_id AND status = 'active') THEN
        PERFORM countersign_object('nothing_is_sent_to_an_inactive_address', 'The address is not active.');
    END IF;
END $$;

-- What was told to the witness and lost here: as the lost call says, unknown, while everything is paused.
CREATE FUNCTION countersign_lost_submission(again payouts_submission) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (again.outcome, again.provider_id_given) IS DISTINCT FROM ('unknown', '') OR NOT EXISTS (
        SELECT 1 FROM payouts_lostcall WHERE id = again.id AND withdrawal_id = again.withdrawal_id
            AND (account_id, serial, reference, digest) = (again.account_id, again.serial, again.reference, again.digest)
    ) THEN
        PERFORM countersign_object('submission_is_of_what_was_approved', 'This is not what was approved.');
    END IF;
END $$;

CREATE FUNCTION countersign_submission_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    IF NEW.outcome = 'unknown' AND EXISTS (SELECT 1 FROM payouts_lostcall WHERE id = NEW.id) THEN
        PERFORM countersign_lost_submission(NEW);
        RETURN NEW;
    END IF;
    -- held, so that nothing is decided about it until this call is there to be seen
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR NO KEY UPDATE;
    IF (NEW.outcome, NEW.account_id, NEW.digest, NEW.reference) IS DISTINCT FROM
       ('open', asked.account_id, asked.digest, replace(asked.id::text, '-', '')) THEN
        PERFORM countersign_object('submission_is_of_what_was_approved', 'This is not what was approved.');
    END IF;
    IF NEW.key_fingerprint IS DISTINCT FROM (SELECT key_fingerprint FROM payouts_account WHERE id = NEW.account_id) THEN
        PERFORM countersign_object('a_call_is_signed_with_the_accounts_key', 'This key is another account''s.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_submission AS earlier JOIN payouts_account AS its ON its.id = earlier.account_id
               WHERE earlier.withdrawal_id = asked.id AND earlier.claimed_at < its.customer_since) THEN
        PERFORM countersign_object('all_calls_are_of_one_customer', 'The account became another customer''s.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_pause
               WHERE released_at IS NULL AND (account_id = NEW.account_id OR account_id IS NULL)) THEN
        PERFORM countersign_object('nothing_is_sent_while_paused', 'The account is paused.');
    END IF;
    IF NEW.serial <> 1 + greatest(
        (SELECT coalesce(max(serial), 0) FROM payouts_submission WHERE account_id = NEW.account_id),
        (SELECT coalesce(max(serial), 0) FROM payouts_lostcall WHERE account_id = NEW.account_id)
    ) THEN
        PERFORM countersign_object('a_call_takes_the_next_number', 'Calls of an account are counted without a gap.');
    END IF;
    IF NEW.is_resend THEN
        PERFORM countersign_resend(NEW, asked);
    ELSIF asked.status <> 'submitting' THEN
        PERFORM countersign_object('submission_only_while_submitting', 'The withdrawal was not claimed.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_submission_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.serial, NEW.withdrawal_id, NEW.account_id, NEW.number, NEW.is_resend, NEW.reference, NEW.body, NEW.digest,
        NEW.claimed_at, NEW.key_fingerprint)
       IS DISTINCT FROM
       (OLD.id, OLD.serial, OLD.withdrawal_id, OLD.account_id, OLD.number, OLD.is_resend, OLD.reference, OLD.body, OLD.digest,
        OLD.claimed_at, OLD.key_fingerprint) THEN
        PERFORM countersign_object('what_was_sent_never_changes', 'What was sent never changes.');
    END IF;
    IF OLD.outcome <> 'open' THEN
        PERFORM countersign_object('an_answer_is_recorded_once', 'This call was closed already.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_worker_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_object(
        'a_worker_is_found_gone_once', 'A call begins with a worker that is there, and one that is gone stays gone.');
    RETURN NULL;
END $$;

CREATE TRIGGER submission_insert BEFORE INSERT ON payouts_submission
    FOR EACH ROW EXECUTE FUNCTION countersign_submission_insert();
CREATE TRIGGER submission_update BEFORE UPDATE ON payouts_submission
    FOR EACH ROW EXECUTE FUNCTION countersign_submission_update();
CREATE TRIGGER submission_delete BEFORE DELETE ON payouts_submission
    FOR EACH ROW EXECUTE FUNCTION countersign_never('submissions_are_never_deleted');
CREATE TRIGGER submission_truncate BEFORE TRUNCATE ON payouts_submission
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('submissions_are_never_deleted');
CREATE TRIGGER submission_begins_with_a_worker BEFORE INSERT ON payouts_submission
    FOR EACH ROW WHEN (NEW.worker_gone_at IS NOT NULL) EXECUTE FUNCTION countersign_worker_gone();
CREATE TRIGGER submission_worker_stays_gone BEFORE UPDATE ON payouts_submission
    FOR EACH ROW WHEN (OLD.worker_gone_at IS NOT NULL AND NEW.worker_gone_at IS DISTINCT FROM OLD.worker_gone_at)
    EXECUTE FUNCTION countersign_worker_gone();
