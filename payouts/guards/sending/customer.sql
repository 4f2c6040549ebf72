-- Accounts whose customer at the provider is or may be the same: domain.sending.customers.may_be_one, once more.
-- What one of them has under way, or has taken for its own, is not free for the others. Whoever asks holds a lock that the
-- others take as well: after the account's row and the withdrawal's, one for its equals, or records by their ids.

CREATE FUNCTION countersign_neighbours(whose bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT other.id FROM payouts_account AS own JOIN payouts_account AS other
        ON other.id <> own.id AND other.provider = own.provider
        WHERE own.id = whose;
END $$;

-- Whose a withdrawal is: its account's customer; not said, where that was called for another one than it is now.
CREATE FUNCTION countersign_customer(asked uuid, its_account bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN EXISTS (SELECT FROM payouts_submission
                                     WHERE withdrawal_id = asked AND claimed_at < its.customer_since)
                        THEN '' ELSE its.customer END
            FROM payouts_account AS its WHERE its.id = its_account);
END $$;

-- Whether one may be the other's customer; both are withdrawals of neighbours.
CREATE FUNCTION countersign_may_be_one(one uuid, its_account bigint, other uuid, others_account bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE own text = countersign_customer(one, its_account);
DECLARE theirs text = countersign_customer(other, others_account);
BEGIN
    RETURN own = theirs OR '' IN (own, theirs);
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

-- Whether a record of that id, as the account lists it, is another account's withdrawal's; `asked` is whose it would be, if any's.
CREATE FUNCTION countersign_is_of_another_account(account bigint, told text, asked uuid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM payouts_providerrecord AS tied WHERE record_id = told AND withdrawal_id IS NOT NULL
                   AND account_id IN (SELECT countersign_neighbours(account))
                   AND countersign_may_be_one(asked, account, tied.withdrawal_id, tied.account_id))
        OR EXISTS (SELECT FROM payouts_withdrawal AS other WHERE provider_id = told AND provider_id <> ''
                   AND account_id IN (SELECT countersign_neighbours(account))
                   AND countersign_may_be_one(asked, account, other.id, other.account_id));
END $$;

CREATE FUNCTION countersign_claim_record(asked uuid, account bigint, told text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF told <> '' AND EXISTS (
        SELECT FROM payouts_lostcall AS lost WHERE (verdict, found_as) = ('paid', told)
            AND (lost.account_id = account OR lost.account_id IN (SELECT countersign_neighbours(account))
                 AND countersign_may_be_one(asked, account, lost.withdrawal_id, lost.account_id))
    ) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of what a lost call paid.');
    END IF;
    IF NOT EXISTS (SELECT FROM countersign_neighbours(account)) THEN
        RETURN;
    END IF;
    PERFORM countersign_hold_record(account, told);
    IF countersign_is_of_another_account(account, told, asked) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of a payment of another account.');
    END IF;
END $$;
