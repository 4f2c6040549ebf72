-- One spelling of the two or three that a transaction has: domain.days.lost.plain_hash, once more.
CREATE FUNCTION countersign_plain_hash(tx_id text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN regexp_replace(lower(tx_id), '^0x', '');
END $$;

-- Whether the record is known to be a payment of a lost call, of its account or of another one whose customer is or may be
-- the same: by the id that was given or found; by a transaction where no other record of the account tells of that.
CREATE FUNCTION countersign_is_of_lost_call(it payouts_providerrecord) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE chain text = countersign_plain_hash(it.tx_id);
BEGIN
    RETURN EXISTS (
        SELECT FROM payouts_lostcall AS lost
            WHERE (lost.account_id = it.account_id OR lost.account_id IN (SELECT countersign_neighbours(it.account_id))
                   AND countersign_may_be_one(NULL, it.account_id, NULL, lost.account_id))
              AND (lost.outcome = 'accepted' AND lost.verdict <> 'not_paid' AND lost.provider_id_given = it.record_id
                   OR lost.verdict = 'paid' AND lost.found_as = it.record_id
                   OR lost.verdict = 'paid' AND chain <> '' AND countersign_plain_hash(lost.found_as) = chain
                      AND NOT EXISTS (SELECT FROM payouts_providerrecord AS beside
                                      WHERE beside.account_id = it.account_id AND beside.id <> it.id
                                        AND countersign_plain_hash(beside.tx_id) = chain)));
END $$;

CREATE FUNCTION countersign_orphan_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.closed_at IS NOT NULL THEN
            PERFORM countersign_object('an_orphan_starts_open', 'An orphan starts open.');
        END IF;
        IF NEW.kind = 'record_without_withdrawal' AND EXISTS (
            SELECT FROM payouts_providerrecord AS it WHERE it.id = NEW.record_id AND (it.withdrawal_id IS NOT NULL
                OR countersign_is_of_another_account(it.account_id, it.record_id))
        ) THEN
            PERFORM countersign_object('what_is_somebodys_is_no_orphan', 'The record is known to be of a withdrawal.');
        END IF;
        IF NEW.kind = 'record_without_withdrawal' AND EXISTS (
            SELECT FROM payouts_providerrecord AS it WHERE it.id = NEW.record_id AND countersign_is_of_lost_call(it)
        ) THEN
            PERFORM countersign_object('what_a_lost_call_paid_is_no_orphan', 'It is known to be of a lost call.');
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
