"""The database's own refusals for resends, pauses, expiry, evidence, resolutions, records and reviews.

As in 0002: each is a check_violation that carries its rule's name. Functions of 0002 that know more by now are
written here again, whole.
"""

from django.db import migrations

WITHDRAWAL = """
CREATE OR REPLACE FUNCTION countersign_withdrawal_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry payouts_address%ROWTYPE;
DECLARE earlier text;
BEGIN
    IF NEW.status <> 'awaiting_approval' THEN
        PERFORM countersign_object('withdrawal_starts_awaiting_approval', 'A withdrawal starts awaiting approval.');
    END IF;
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
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION countersign_withdrawal_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE approvals integer;
BEGIN
    IF (NEW.id, NEW.account_id, NEW.address_id, NEW.coin, NEW.amount, NEW.remark, NEW.purpose, NEW.invoice_reference,
        NEW.requested_by_id, NEW.requested_at, NEW.approvals_required, NEW.digest, NEW.recipient_key, NEW.fingerprint,
        NEW.retry_of_id)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.address_id, OLD.coin, OLD.amount, OLD.remark, OLD.purpose, OLD.invoice_reference,
        OLD.requested_by_id, OLD.requested_at, OLD.approvals_required, OLD.digest, OLD.recipient_key, OLD.fingerprint,
        OLD.retry_of_id) THEN
        PERFORM countersign_object('what_was_asked_for_never_changes', 'What was asked for never changes.');
    END IF;
    IF OLD.withdrawal_id <> '' AND NEW.withdrawal_id <> OLD.withdrawal_id THEN
        PERFORM countersign_object('a_provider_id_is_written_once', 'The provider''s id is written once.');
    END IF;
    IF NEW.expires_at <> OLD.expires_at AND NOT (OLD.status = 'awaiting_approval' AND NEW.status = 'approved') THEN
        PERFORM countersign_object('approvals_are_not_prolonged', 'When an approval expires never changes.');
    END IF;
    IF OLD.status IN ('completed', 'refused', 'failed', 'rejected', 'cancelled', 'expired') AND NEW.status = OLD.status THEN
        PERFORM countersign_object('what_is_final_never_changes', 'It is over: nothing about it changes.');
    END IF;
    IF NEW.withdrawal_id <> '' AND NEW.status NOT IN ('submitted', 'completed', 'failed') THEN
        PERFORM countersign_object('a_provider_id_means_accepted', 'Only what a provider accepted has its id.');
    END IF;
    IF NEW.status = OLD.status THEN
        RETURN NEW;
    END IF;
    IF NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'awaiting_approval>approved', 'awaiting_approval>rejected', 'awaiting_approval>cancelled',
        'awaiting_approval>expired',
        'approved>submitting', 'approved>rejected', 'approved>cancelled', 'approved>expired',
        'submitting>submitted', 'submitting>refused', 'submitting>unknown', 'submitting>approved',
        'unknown>submitted', 'unknown>completed', 'unknown>failed',
        'submitted>completed', 'submitted>failed'
    ]) THEN
        PERFORM countersign_object(
            'withdrawal_moves_as_declared', 'No move leads from ' || OLD.status || ' to ' || NEW.status || '.');
    END IF;
    IF NEW.status IN ('approved', 'submitting') THEN
        SELECT count(*) INTO approvals FROM payouts_approval
            WHERE withdrawal_id = NEW.id AND digest = NEW.digest AND approver_id <> NEW.requested_by_id;
        IF approvals < NEW.approvals_required THEN
            PERFORM countersign_object('approved_means_enough_approvals', 'Too few people approved it.');
        END IF;
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
            AND withdrawal_id_given = NEW.withdrawal_id
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
            AND withdrawal_id_given = NEW.withdrawal_id
    ) AND NOT EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND record_id = NEW.withdrawal_id
            AND coin = NEW.coin AND amount = NEW.amount
    ) THEN
        PERFORM countersign_object('found_means_a_record_or_an_answer', 'Nothing shows that it was accepted.');
    END IF;
    IF NEW.status IN ('completed', 'failed') AND NOT EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND status = NEW.status
            AND coin = NEW.coin AND amount = NEW.amount AND NEW.withdrawal_id IN ('', record_id)
    ) AND NOT EXISTS (
        SELECT 1 FROM payouts_resolutionline JOIN payouts_resolution ON payouts_resolution.id = resolution_id
            WHERE withdrawal_id = NEW.id AND state = 'confirmed'
              AND verdict = CASE NEW.status WHEN 'completed' THEN 'paid' ELSE 'not_paid' END
    ) THEN
        PERFORM countersign_object('it_ends_by_evidence', 'No record and no two people say what became of it.');
    END IF;
    IF NEW.status IN ('completed', 'failed') AND EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE withdrawal_id = NEW.id AND status NOT IN (NEW.status, 'pending')
    ) THEN
        PERFORM countersign_object('nobody_contradicts_a_final_record', 'The provider''s record says otherwise.');
    END IF;
    RETURN NEW;
END $$;
"""

SUBMISSION = """
CREATE OR REPLACE FUNCTION countersign_submission_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    -- held, so that nothing is decided about it until this call is there to be seen
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR NO KEY UPDATE;
    IF (NEW.outcome, NEW.account_id, NEW.digest, NEW.reference) IS DISTINCT FROM
       ('open', asked.account_id, asked.digest, replace(asked.id::text, '-', '')) THEN
        PERFORM countersign_object('submission_is_of_what_was_approved', 'This is not what was approved.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_pause
               WHERE released_at IS NULL AND (account_id = NEW.account_id OR account_id IS NULL)) THEN
        PERFORM countersign_object('nothing_is_sent_while_paused', 'The account is paused.');
    END IF;
    IF NEW.is_resend THEN
        PERFORM countersign_resend(NEW, asked);
    ELSIF asked.status <> 'submitting' THEN
        PERFORM countersign_object('submission_only_while_submitting', 'The withdrawal was not claimed.');
    END IF;
    RETURN NEW;
END $$;

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
    IF EXISTS (SELECT 1 FROM payouts_resolutionline JOIN payouts_resolution ON payouts_resolution.id = resolution_id
               WHERE withdrawal_id = asked.id AND state <> 'declined') THEN
        PERFORM countersign_object('nothing_is_resent_that_people_decide', 'People are deciding what became of it.');
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
"""

# What 0002 compares of a call, and whether it was a resend.
SENT = """
CREATE OR REPLACE FUNCTION countersign_submission_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.withdrawal_id, NEW.account_id, NEW.number, NEW.is_resend, NEW.reference, NEW.body, NEW.digest,
        NEW.claimed_at)
       IS DISTINCT FROM
       (OLD.withdrawal_id, OLD.account_id, OLD.number, OLD.is_resend, OLD.reference, OLD.body, OLD.digest,
        OLD.claimed_at) THEN
        PERFORM countersign_object('what_was_sent_never_changes', 'What was sent never changes.');
    END IF;
    IF OLD.outcome <> 'open' THEN
        PERFORM countersign_object('an_answer_is_recorded_once', 'This call was closed already.');
    END IF;
    RETURN NEW;
END $$;
"""

ADDRESS = """
CREATE FUNCTION countersign_address_fingerprint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_object('what_identifies_an_address_never_changes', 'A correction is a new entry.');
    RETURN NULL;
END $$;
CREATE TRIGGER address_fingerprint BEFORE UPDATE ON payouts_address
    FOR EACH ROW WHEN (NEW.fingerprint <> OLD.fingerprint) EXECUTE FUNCTION countersign_address_fingerprint();
"""

RECORD = """
CREATE FUNCTION countersign_record_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.account_id, NEW.record_id, NEW.coin, NEW.amount, NEW.address, NEW.created_at)
       IS DISTINCT FROM
       (OLD.account_id, OLD.record_id, OLD.coin, OLD.amount, OLD.address, OLD.created_at) THEN
        PERFORM countersign_object('what_a_record_says_never_changes', 'Whom a record paid what never changes.');
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.withdrawal_id IS NOT NULL AND NEW.withdrawal_id IS DISTINCT FROM OLD.withdrawal_id THEN
        PERFORM countersign_object('a_record_keeps_its_withdrawal', 'It belongs to another withdrawal.');
    END IF;
    IF NEW.withdrawal_id IS NULL OR TG_OP = 'UPDATE' AND NEW.withdrawal_id = OLD.withdrawal_id THEN
        RETURN NEW;
    END IF;
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id;
    IF asked.account_id <> NEW.account_id THEN
        PERFORM countersign_object('a_record_is_of_its_own_account', 'The withdrawal is of another account.');
    END IF;
    IF asked.status NOT IN ('submitting', 'unknown', 'submitted', 'completed', 'refused', 'failed') THEN
        PERFORM countersign_object('only_what_was_sent_has_a_record', 'The withdrawal was never sent.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER record_write BEFORE INSERT OR UPDATE ON payouts_providerrecord
    FOR EACH ROW EXECUTE FUNCTION countersign_record_write();
CREATE TRIGGER record_delete BEFORE DELETE ON payouts_providerrecord
    FOR EACH ROW EXECUTE FUNCTION countersign_never('records_are_never_deleted');
CREATE TRIGGER record_truncate BEFORE TRUNCATE ON payouts_providerrecord
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('records_are_never_deleted');

CREATE FUNCTION countersign_look_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.looked_at := clock_timestamp();  -- nobody dates a look but the database: a resend depends on it
    RETURN NEW;
END $$;
CREATE TRIGGER look_is_dated_by_the_database BEFORE INSERT ON payouts_look
    FOR EACH ROW EXECUTE FUNCTION countersign_look_insert();
CREATE TRIGGER look_change BEFORE UPDATE OR DELETE ON payouts_look
    FOR EACH ROW EXECUTE FUNCTION countersign_never('looks_never_change');
CREATE TRIGGER look_truncate BEFORE TRUNCATE ON payouts_look
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('looks_never_change');
"""

PAUSE = """
CREATE FUNCTION countersign_pause_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.released_at IS NOT NULL THEN
            PERFORM countersign_object('a_pause_starts_open', 'A pause starts open.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.cause, NEW.code, NEW.reason, NEW.releases_needed, NEW.begun_by_id, NEW.begun_at)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.cause, OLD.code, OLD.reason, OLD.releases_needed, OLD.begun_by_id, OLD.begun_at)
       OR OLD.released_at IS NOT NULL THEN
        PERFORM countersign_object('what_was_paused_never_changes', 'A pause only ever ends, once.');
    END IF;
    IF NEW.released_at IS NOT NULL
       AND (SELECT count(*) FROM payouts_release WHERE pause_id = NEW.id) < NEW.releases_needed THEN
        PERFORM countersign_object('release_needs_enough_people', 'Too few people released it.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER pause_write BEFORE INSERT OR UPDATE ON payouts_pause
    FOR EACH ROW EXECUTE FUNCTION countersign_pause_write();
CREATE TRIGGER pause_delete BEFORE DELETE ON payouts_pause
    FOR EACH ROW EXECUTE FUNCTION countersign_never('pauses_are_never_deleted');
CREATE TRIGGER pause_truncate BEFORE TRUNCATE ON payouts_pause
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('pauses_are_never_deleted');

CREATE FUNCTION countersign_release_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
DECLARE needed integer;
BEGIN
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject)
       IS DISTINCT FROM (NEW.person_id, 'release', NEW.pause_id::text) THEN
        PERFORM countersign_object('release_carries_its_own_proof', 'The proof of presence is not for this release.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('release_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    SELECT releases_needed INTO needed FROM payouts_pause WHERE id = NEW.pause_id AND released_at IS NULL;
    IF needed IS NULL THEN
        PERFORM countersign_object('release_only_while_paused', 'It is not paused any more.');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.person_id AND auth_user.is_active
              AND (auth_group.name = 'Administrators' OR auth_group.name = 'Approvers' AND needed = 2)
    ) THEN
        PERFORM countersign_object('releaser_holds_the_role', 'Only people with the right release a pause.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER release_insert BEFORE INSERT ON payouts_release
    FOR EACH ROW EXECUTE FUNCTION countersign_release_insert();
CREATE TRIGGER release_change BEFORE UPDATE OR DELETE ON payouts_release
    FOR EACH ROW EXECUTE FUNCTION countersign_never('releases_never_change');
CREATE TRIGGER release_truncate BEFORE TRUNCATE ON payouts_release
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('releases_never_change');
"""

RESOLUTION = """
CREATE FUNCTION countersign_resolution_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            PERFORM countersign_object('resolution_starts_as_a_proposal', 'A resolution starts as a proposal.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.verdict, NEW.where_looked, NEW.looked_at, NEW.note, NEW.evidence_id, NEW.proposed_by_id,
        NEW.proposed_at)
       IS DISTINCT FROM
       (OLD.id, OLD.verdict, OLD.where_looked, OLD.looked_at, OLD.note, OLD.evidence_id, OLD.proposed_by_id,
        OLD.proposed_at)
       OR OLD.state <> 'proposed' THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
    END IF;
    IF NEW.state = 'confirmed' THEN
        SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
        IF (proof.person_id, proof.act, proof.subject)
           IS DISTINCT FROM (NEW.decided_by_id, 'confirm_resolution', NEW.id::text) THEN
            PERFORM countersign_object(
                'confirmation_carries_its_own_proof', 'The proof of presence is not for this resolution.');
        END IF;
        IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
            PERFORM countersign_object('confirmation_carries_a_fresh_proof', 'The proof of presence is too old.');
        END IF;
        IF EXISTS (SELECT 1 FROM payouts_resolutionline AS line JOIN payouts_withdrawal AS asked
                   ON asked.id = line.withdrawal_id
                   WHERE line.resolution_id = NEW.id AND asked.requested_by_id = NEW.decided_by_id) THEN
            PERFORM countersign_object('nobody_resolves_their_own_request', 'One of the withdrawals is theirs.');
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
                JOIN auth_group ON auth_group.id = auth_user_groups.group_id
                WHERE auth_user.id = NEW.decided_by_id AND auth_user.is_active AND auth_group.name = 'Approvers'
        ) THEN
            PERFORM countersign_object('confirmer_holds_the_role', 'Only active approvers confirm.');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER resolution_write BEFORE INSERT OR UPDATE ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_resolution_write();
CREATE TRIGGER resolution_delete BEFORE DELETE ON payouts_resolution
    FOR EACH ROW EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER resolution_truncate BEFORE TRUNCATE ON payouts_resolution
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');

CREATE FUNCTION countersign_line_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
DECLARE said payouts_resolution%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.resolution_id, NEW.withdrawal_id, NEW.found_as) IS DISTINCT FROM
           (OLD.resolution_id, OLD.withdrawal_id, OLD.found_as) OR NOT OLD.is_open THEN
            PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
        END IF;
        IF EXISTS (SELECT 1 FROM payouts_resolution WHERE id = NEW.resolution_id AND state = 'proposed') THEN
            PERFORM countersign_object('a_line_closes_with_its_resolution', 'Its resolution is not decided.');
        END IF;
        RETURN NEW;
    END IF;
    -- both held: no call begins and nobody decides until this line is there to be seen
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR NO KEY UPDATE;
    SELECT * INTO said FROM payouts_resolution WHERE id = NEW.resolution_id FOR SHARE;
    IF said.state <> 'proposed' OR NOT NEW.is_open THEN
        PERFORM countersign_object('what_was_proposed_never_changes', 'A resolution is only ever decided, once.');
    END IF;
    IF asked.status NOT IN ('unknown', 'submitted') THEN
        PERFORM countersign_object('only_what_is_not_known_is_resolved', 'What became of it is known.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_submission WHERE withdrawal_id = asked.id AND outcome = 'open') THEN
        PERFORM countersign_object('nothing_is_resolved_during_a_call', 'A call for it is under way.');
    END IF;
    IF asked.requested_by_id = said.proposed_by_id THEN
        PERFORM countersign_object('nobody_resolves_their_own_request', 'One of the withdrawals is theirs.');
    END IF;
    IF said.verdict = 'paid' AND NEW.found_as = '' THEN
        PERFORM countersign_object('paid_names_what_was_found', 'Paid needs the provider''s id or a transaction.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER line_write BEFORE INSERT OR UPDATE ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_line_write();
CREATE TRIGGER line_delete BEFORE DELETE ON payouts_resolutionline
    FOR EACH ROW EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
CREATE TRIGGER line_truncate BEFORE TRUNCATE ON payouts_resolutionline
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('resolutions_are_never_deleted');
"""

REVIEW = """
CREATE FUNCTION countersign_evidence_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.size, NEW.sha256) IS DISTINCT FROM (length(NEW.content), encode(sha256(NEW.content), 'hex')) THEN
        PERFORM countersign_object('evidence_is_what_its_hash_says', 'The hash or the size is of another file.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_insert BEFORE INSERT ON payouts_evidence
    FOR EACH ROW EXECUTE FUNCTION countersign_evidence_insert();
CREATE TRIGGER evidence_change BEFORE UPDATE OR DELETE ON payouts_evidence
    FOR EACH ROW EXECUTE FUNCTION countersign_never('evidence_never_changes');
CREATE TRIGGER evidence_truncate BEFORE TRUNCATE ON payouts_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('evidence_never_changes');
CREATE TRIGGER statement_change BEFORE UPDATE OR DELETE ON payouts_statement
    FOR EACH ROW EXECUTE FUNCTION countersign_never('statements_never_change');
CREATE TRIGGER statement_truncate BEFORE TRUNCATE ON payouts_statement
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('statements_never_change');

CREATE FUNCTION countersign_orphan_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.closed_at IS NOT NULL THEN
            PERFORM countersign_object('an_orphan_starts_open', 'An orphan starts open.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.account_id, NEW.day, NEW.kind, NEW.record_id, NEW.withdrawal_id, NEW.what, NEW.found_at)
       IS DISTINCT FROM
       (OLD.account_id, OLD.day, OLD.kind, OLD.record_id, OLD.withdrawal_id, OLD.what, OLD.found_at)
       OR OLD.closed_at IS NOT NULL THEN
        PERFORM countersign_object('an_orphan_is_closed_once', 'What was found never changes.');
    END IF;
    IF NEW.closed_by_id = (SELECT requested_by_id FROM payouts_withdrawal WHERE id = NEW.withdrawal_id) THEN
        PERFORM countersign_object('nobody_explains_their_own_request', 'The withdrawal is theirs.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orphan_write BEFORE INSERT OR UPDATE ON payouts_orphan
    FOR EACH ROW EXECUTE FUNCTION countersign_orphan_write();
CREATE TRIGGER orphan_delete BEFORE DELETE ON payouts_orphan
    FOR EACH ROW EXECUTE FUNCTION countersign_never('orphans_are_never_deleted');
CREATE TRIGGER orphan_truncate BEFORE TRUNCATE ON payouts_orphan
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('orphans_are_never_deleted');

-- Whether the person asked, approved, resolved, uploaded or explained anything of the day; as workflow.day.took_part.
CREATE FUNCTION countersign_took_part(who integer, of_account bigint, of_day date) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE opening timestamptz := of_day::timestamp AT TIME ZONE 'UTC';
DECLARE closing timestamptz := (of_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM payouts_withdrawal
            WHERE account_id = of_account AND requested_by_id = who
              AND requested_at >= opening AND requested_at < closing
    ) OR EXISTS (
        SELECT 1 FROM payouts_approval AS yes JOIN payouts_withdrawal AS asked ON asked.id = yes.withdrawal_id
            WHERE asked.account_id = of_account AND yes.approver_id = who
              AND yes.approved_at >= opening AND yes.approved_at < closing
    ) OR EXISTS (
        SELECT 1 FROM payouts_submission AS call JOIN payouts_withdrawal AS asked ON asked.id = call.withdrawal_id
            LEFT JOIN payouts_approval AS yes ON yes.withdrawal_id = asked.id
            LEFT JOIN payouts_resolutionline AS line ON line.withdrawal_id = asked.id
            LEFT JOIN payouts_resolution AS said ON said.id = line.resolution_id
            WHERE call.account_id = of_account AND call.claimed_at >= opening AND call.claimed_at < closing
              AND call.outcome <> 'not_executed' AND NOT call.is_resend
              AND who IN (asked.requested_by_id, yes.approver_id, said.proposed_by_id, said.decided_by_id)
    ) OR EXISTS (
        SELECT 1 FROM payouts_resolution AS said JOIN payouts_resolutionline AS line ON line.resolution_id = said.id
            JOIN payouts_withdrawal AS asked ON asked.id = line.withdrawal_id
            WHERE asked.account_id = of_account
              AND (said.proposed_by_id = who AND said.proposed_at >= opening AND said.proposed_at < closing
                   OR said.decided_by_id = who AND said.decided_at >= opening AND said.decided_at < closing)
    ) OR EXISTS (
        SELECT 1 FROM payouts_statement
            WHERE account_id = of_account AND added_by_id = who AND since < closing AND until >= opening
    ) OR EXISTS (
        SELECT 1 FROM payouts_orphan WHERE account_id = of_account AND day = of_day AND closed_by_id = who
    );
END $$;

CREATE FUNCTION countersign_sign_off_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    IF NEW.digest <> encode(sha256(convert_to(NEW.statement, 'UTF8')), 'hex') THEN
        PERFORM countersign_object('what_is_signed_is_the_statement', 'The digest is of another statement.');
    END IF;
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject) IS DISTINCT FROM (NEW.signed_by_id, 'sign_off', NEW.digest) THEN
        PERFORM countersign_object('sign_off_carries_its_own_proof', 'The proof of presence is not for this day.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('sign_off_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    IF NEW.day >= (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        PERFORM countersign_object('a_day_is_signed_when_it_is_over', 'The day is not over.');
    END IF;
    IF countersign_took_part(NEW.signed_by_id, NEW.account_id, NEW.day) THEN
        PERFORM countersign_object('signed_by_neither_maker_nor_checker', 'They took part in that day.');
    END IF;
    IF EXISTS (SELECT 1 FROM payouts_orphan
               WHERE account_id = NEW.account_id AND day = NEW.day AND closed_at IS NULL) THEN
        PERFORM countersign_object('orphans_are_explained_before_signing', 'Something has no partner.');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.signed_by_id AND auth_user.is_active
              AND auth_group.name IN ('Approvers', 'Auditors')
    ) THEN
        PERFORM countersign_object('signer_holds_the_role', 'Only active approvers and auditors sign.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sign_off_insert BEFORE INSERT ON payouts_signoff
    FOR EACH ROW EXECUTE FUNCTION countersign_sign_off_insert();
CREATE TRIGGER sign_off_change BEFORE UPDATE OR DELETE ON payouts_signoff
    FOR EACH ROW EXECUTE FUNCTION countersign_never('sign_offs_never_change');
CREATE TRIGGER sign_off_truncate BEFORE TRUNCATE ON payouts_signoff
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('sign_offs_never_change');
"""


# Temporary tables are found before all others unless the path says otherwise: anybody could make one of the name of
# payouts_approval, and a guard would count what stands in there.
PATH = """
DO $$
DECLARE guard regprocedure;
BEGIN
    FOR guard IN SELECT oid FROM pg_proc
        WHERE proname LIKE 'countersign\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    """Triggers on the tables of 0003, and what older ones have to know of them."""

    dependencies = [("payouts", "0003_reconciliation")]
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (WITHDRAWAL, SUBMISSION, SENT, ADDRESS, RECORD, PAUSE, RESOLUTION, REVIEW, PATH)
    ]
