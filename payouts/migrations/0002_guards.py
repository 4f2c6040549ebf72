"""The database's own refusals: raw SQL and superusers run into the same rules as the pages.

Every refusal is a check_violation that carries its rule's name as the constraint. The lists of moves repeat
`domain.withdrawals.status`; tests/guards/test_guards.py compares the two.
"""

from django.db import migrations

OBJECT = """
CREATE FUNCTION countersign_object(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION countersign_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_object(TG_ARGV[0], TG_OP || ' on ' || TG_TABLE_NAME || ' is never allowed.');
    RETURN NULL;
END $$;
"""

AUDIT = """
CREATE FUNCTION countersign_audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := clock_timestamp();  -- nobody dates an event but the database
    RETURN NEW;
END $$;

CREATE TRIGGER audit_is_dated_by_the_database BEFORE INSERT ON payouts_auditevent
    FOR EACH ROW EXECUTE FUNCTION countersign_audit_insert();
CREATE TRIGGER audit_rows_are_only_added BEFORE UPDATE OR DELETE ON payouts_auditevent
    FOR EACH ROW EXECUTE FUNCTION countersign_never('audit_rows_are_only_added');
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON payouts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('audit_is_never_emptied');
"""

WITHDRAWAL = """
CREATE FUNCTION countersign_withdrawal_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry payouts_address%ROWTYPE;
BEGIN
    IF NEW.status <> 'awaiting_approval' THEN
        PERFORM countersign_object('withdrawal_starts_awaiting_approval', 'A withdrawal starts awaiting approval.');
    END IF;
    SELECT * INTO entry FROM payouts_address WHERE id = NEW.address_id FOR SHARE;
    IF entry.status IS DISTINCT FROM 'active' THEN
        PERFORM countersign_object('withdrawal_needs_an_active_address', 'The address is not active.');
    END IF;
    IF entry.account_id <> NEW.account_id OR NOT NEW.coin = ANY (entry.coins) THEN
        PERFORM countersign_object('withdrawal_fits_its_address', 'The address is not for this account and coin.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_withdrawal_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE approvals integer;
BEGIN
    IF (NEW.id, NEW.account_id, NEW.address_id, NEW.coin, NEW.amount, NEW.remark, NEW.purpose, NEW.invoice_reference,
        NEW.requested_by_id, NEW.requested_at, NEW.approvals_required, NEW.digest)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.address_id, OLD.coin, OLD.amount, OLD.remark, OLD.purpose, OLD.invoice_reference,
        OLD.requested_by_id, OLD.requested_at, OLD.approvals_required, OLD.digest) THEN
        PERFORM countersign_object('what_was_asked_for_never_changes', 'What was asked for never changes.');
    END IF;
    IF OLD.withdrawal_id <> '' AND NEW.withdrawal_id <> OLD.withdrawal_id THEN
        PERFORM countersign_object('a_provider_id_is_written_once', 'The provider''s id is written once.');
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
    IF NEW.status = 'submitting'
       AND NOT EXISTS (SELECT 1 FROM payouts_address WHERE id = NEW.address_id AND status = 'active') THEN
        PERFORM countersign_object('nothing_is_sent_to_an_inactive_address', 'The address is not active.');
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
"""

APPROVAL = """
ALTER TABLE payouts_withdrawal ADD CONSTRAINT withdrawal_terms UNIQUE (id, requested_by_id, digest);
ALTER TABLE payouts_approval ADD CONSTRAINT approval_names_the_requester_and_the_digest
    FOREIGN KEY (withdrawal_id, requester_id, digest) REFERENCES payouts_withdrawal (id, requested_by_id, digest);

CREATE FUNCTION countersign_approval_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE current text;
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    SELECT status INTO current FROM payouts_withdrawal WHERE id = NEW.withdrawal_id FOR SHARE;
    IF current <> 'awaiting_approval' THEN
        PERFORM countersign_object('approval_only_while_awaiting', 'It is not awaiting approval any more.');
    END IF;
    SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.proof_id;
    IF (proof.person_id, proof.act, proof.subject) IS DISTINCT FROM (NEW.approver_id, 'approve', NEW.digest) THEN
        PERFORM countersign_object('approval_carries_its_own_proof', 'The proof of presence is not for this approval.');
    END IF;
    IF proof.proved_at < clock_timestamp() - interval '2 minutes' THEN
        PERFORM countersign_object('approval_carries_a_fresh_proof', 'The proof of presence is too old.');
    END IF;
    IF NEW.approver_id <> NEW.requester_id AND NOT EXISTS (  -- the requester has a rule of their own, on the table
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = NEW.approver_id AND auth_user.is_active AND auth_group.name = 'Approvers'
    ) THEN
        PERFORM countersign_object('approver_holds_the_role', 'Only active approvers approve.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approval_insert BEFORE INSERT ON payouts_approval
    FOR EACH ROW EXECUTE FUNCTION countersign_approval_insert();
CREATE TRIGGER approval_change BEFORE UPDATE OR DELETE ON payouts_approval
    FOR EACH ROW EXECUTE FUNCTION countersign_never('approvals_never_change');
CREATE TRIGGER approval_truncate BEFORE TRUNCATE ON payouts_approval
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('approvals_never_change');
"""

SUBMISSION = """
CREATE FUNCTION countersign_submission_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked payouts_withdrawal%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM payouts_withdrawal WHERE id = NEW.withdrawal_id;
    IF (NEW.outcome, NEW.account_id, NEW.digest, NEW.reference) IS DISTINCT FROM
       ('open', asked.account_id, asked.digest, replace(asked.id::text, '-', '')) THEN
        PERFORM countersign_object('submission_is_of_what_was_approved', 'This is not what was approved.');
    END IF;
    IF asked.status <> 'submitting' THEN
        PERFORM countersign_object('submission_only_while_submitting', 'The withdrawal was not claimed.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION countersign_submission_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.withdrawal_id, NEW.account_id, NEW.number, NEW.reference, NEW.body, NEW.digest, NEW.claimed_at)
       IS DISTINCT FROM
       (OLD.withdrawal_id, OLD.account_id, OLD.number, OLD.reference, OLD.body, OLD.digest, OLD.claimed_at) THEN
        PERFORM countersign_object('what_was_sent_never_changes', 'What was sent never changes.');
    END IF;
    IF OLD.outcome <> 'open' THEN
        PERFORM countersign_object('an_answer_is_recorded_once', 'This call was closed already.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER submission_insert BEFORE INSERT ON payouts_submission
    FOR EACH ROW EXECUTE FUNCTION countersign_submission_insert();
CREATE TRIGGER submission_update BEFORE UPDATE ON payouts_submission
    FOR EACH ROW EXECUTE FUNCTION countersign_submission_update();
CREATE TRIGGER submission_delete BEFORE DELETE ON payouts_submission
    FOR EACH ROW EXECUTE FUNCTION countersign_never('submissions_are_never_deleted');
CREATE TRIGGER submission_truncate BEFORE TRUNCATE ON payouts_submission
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('submissions_are_never_deleted');
"""

ADDRESS = """
CREATE FUNCTION countersign_address_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE proof payouts_presenceproof%ROWTYPE;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'proposed' THEN
            PERFORM countersign_object('address_starts_as_a_proposal', 'An address starts as a proposal.');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.kind, NEW.area_code, NEW.address, NEW.recipient_key, NEW.coins, NEW.label,
        NEW.owner, NEW.proposed_by_id, NEW.proposed_at)
       IS DISTINCT FROM
       (OLD.id, OLD.account_id, OLD.kind, OLD.area_code, OLD.address, OLD.recipient_key, OLD.coins, OLD.label,
        OLD.owner, OLD.proposed_by_id, OLD.proposed_at) THEN
        PERFORM countersign_object('what_identifies_an_address_never_changes', 'A correction is a new entry.');
    END IF;
    IF NEW.status <> OLD.status AND NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'proposed>active', 'proposed>declined', 'active>revoked'
    ]) THEN
        PERFORM countersign_object(
            'address_moves_as_declared', 'No move leads from ' || OLD.status || ' to ' || NEW.status || '.');
    END IF;
    IF NEW.activated_by_id IS NOT NULL AND NEW.activation_proof_id IS NOT NULL THEN
        SELECT * INTO proof FROM payouts_presenceproof WHERE id = NEW.activation_proof_id;
        IF (proof.person_id, proof.act, proof.subject)
           IS DISTINCT FROM (NEW.activated_by_id, 'activate_address', NEW.id::text) THEN
            PERFORM countersign_object(
                'activation_carries_its_own_proof', 'The proof of presence is not for this activation.');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER address_write BEFORE INSERT OR UPDATE ON payouts_address
    FOR EACH ROW EXECUTE FUNCTION countersign_address_write();
CREATE TRIGGER address_delete BEFORE DELETE ON payouts_address
    FOR EACH ROW EXECUTE FUNCTION countersign_never('addresses_are_never_deleted');
CREATE TRIGGER address_truncate BEFORE TRUNCATE ON payouts_address
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('addresses_are_never_deleted');
"""

PROOF = """
CREATE FUNCTION countersign_proof_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.person_id, NEW.act, NEW.subject, NEW.device, NEW.proved_at)
       IS DISTINCT FROM (OLD.id, OLD.person_id, OLD.act, OLD.subject, OLD.device, OLD.proved_at) THEN
        PERFORM countersign_object('what_was_proved_never_changes', 'What a proof proves never changes.');
    END IF;
    IF OLD.used_at IS NOT NULL THEN
        PERFORM countersign_object('a_proof_is_used_once', 'This proof was used already.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proof_update BEFORE UPDATE ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_proof_update();
CREATE TRIGGER proof_delete BEFORE DELETE ON payouts_presenceproof
    FOR EACH ROW EXECUTE FUNCTION countersign_never('proofs_are_never_deleted');
CREATE TRIGGER proof_truncate BEFORE TRUNCATE ON payouts_presenceproof
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('proofs_are_never_deleted');
"""

AUTHENTICATOR = """
CREATE UNIQUE INDEX one_confirmed_authenticator_per_person ON otp_totp_totpdevice (user_id) WHERE confirmed;
"""


class Migration(migrations.Migration):
    """Triggers and the three-column foreign key."""

    dependencies = [
        ("payouts", "0001_tables"),
        ("otp_totp", "0003_add_timestamps"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (OBJECT, AUDIT, WITHDRAWAL, APPROVAL, SUBMISSION, ADDRESS, PROOF, AUTHENTICATOR)
    ]
