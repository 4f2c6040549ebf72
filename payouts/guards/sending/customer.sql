-- Accounts whose customer at the provider is or may be the same: domain.sending.customers.may_be_one, once more.
-- What one of them has under way, or has taken for its own, is not free for the others. Whoever asks holds a lock that the
-- others take as well: after the account's row and the withdrawal's, one for its equals, or records by their ids.

CREATE FUNCTION countersign_rivals(whose bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT other.id FROM payouts_account AS own JOIN payouts_account AS other
        ON other.id <> own.id AND other.provider = own.provider
           AND (other.customer = own.customer OR '' IN (other.customer, own.customer))
        WHERE own.id = whose;
END $$;

CREATE FUNCTION countersign_hold(what text, which jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('countersign ' || what || ' ' || which::text, 0));
    RETURN true;
END $$;

CREATE FUNCTION countersign_hold_equals(provider text, recipient text, coin text, amount numeric) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN countersign_hold('equals', jsonb_build_array(provider, recipient, coin, trim_scale(amount)));
END $$;

CREATE FUNCTION countersign_hold_record(account bigint, told text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN countersign_hold('record', jsonb_build_array((SELECT provider FROM payouts_account WHERE id = account), told));
END $$;

CREATE FUNCTION countersign_claim_record(account bigint, told text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF told <> '' AND EXISTS (
        SELECT FROM payouts_lostcall WHERE (verdict, found_as) = ('paid', told)
            AND (account_id = account OR account_id IN (SELECT countersign_rivals(account)))
    ) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of what a lost call paid.');
    END IF;
    IF NOT EXISTS (SELECT FROM countersign_rivals(account)) THEN
        RETURN;
    END IF;
    PERFORM countersign_hold_record(account, told);
    IF EXISTS (SELECT FROM payouts_providerrecord WHERE record_id = told AND withdrawal_id IS NOT NULL
               AND account_id IN (SELECT countersign_rivals(account)))
       OR EXISTS (SELECT FROM payouts_withdrawal WHERE provider_id = told AND provider_id <> ''
                  AND account_id IN (SELECT countersign_rivals(account))) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of a payment of another account.');
    END IF;
END $$;
