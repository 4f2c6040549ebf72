-- Who an account is changes by a change that two people carried, from what it was to what it is, and by each one once.
CREATE FUNCTION countersign_account_identity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE change payouts_identitychange%ROWTYPE;
BEGIN
    IF NEW.provider <> OLD.provider THEN
        PERFORM countersign_object('an_account_keeps_its_provider', 'Another provider is another account.');
    END IF;
    SELECT * INTO change FROM payouts_identitychange AS said
        WHERE said.account_id = NEW.id AND said.accepted_at IS NULL
          AND (said.host_before, said.customer_before, said.key_before)
              = (OLD.host, OLD.customer, OLD.key_fingerprint)
          AND (said.host, said.customer, said.key_fingerprint) = (NEW.host, NEW.customer, NEW.key_fingerprint)
          AND EXISTS (SELECT 1 FROM payouts_proposal WHERE id = said.proposal_id AND state = 'carried')
        LIMIT 1;
    IF change.id IS NULL THEN
        PERFORM countersign_object('an_identity_is_decided_by_two', 'Nobody decided that the account becomes this.');
    END IF;
    IF (NEW.customer_since IS DISTINCT FROM OLD.customer_since) = change.same_customer
       OR NEW.customer_since < clock_timestamp() - interval '5 seconds' AND NOT change.same_customer
       OR NEW.customer_since IS NULL AND NOT change.same_customer THEN
        PERFORM countersign_object('another_customer_begins_now', 'Since when it is another customer is another time.');
    END IF;
    IF (NOT change.same_customer OR (NEW.host, NEW.customer) <> (OLD.host, OLD.customer))
       AND EXISTS (SELECT FROM payouts_withdrawal WHERE account_id = NEW.id AND status IN ('awaiting_approval', 'approved')) THEN
        PERFORM countersign_object('what_is_open_ends_with_its_customer', 'A request names the old host or customer.');
    END IF;
    UPDATE payouts_identitychange SET accepted_at = clock_timestamp() WHERE id = change.id;
    RETURN NEW;
END $$;

CREATE TRIGGER account_identity BEFORE UPDATE ON payouts_account
    FOR EACH ROW WHEN ((NEW.provider, NEW.host, NEW.customer, NEW.key_fingerprint, NEW.customer_since)
                       IS DISTINCT FROM
                       (OLD.provider, OLD.host, OLD.customer, OLD.key_fingerprint, OLD.customer_since))
    EXECUTE FUNCTION countersign_account_identity();
