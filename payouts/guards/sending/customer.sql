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

CREATE FUNCTION countersign_customers_may_be_one(own text, theirs text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN own = theirs OR '' IN (own, theirs);
END $$;

-- Whether one may be the other's customer; both are withdrawals of neighbours.
CREATE FUNCTION countersign_may_be_one(one uuid, its_account bigint, other uuid, others_account bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN countersign_customers_may_be_one(
        countersign_customer(one, its_account), countersign_customer(other, others_account));
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

-- Whether anything at all of the account's provider is known by that id: most ids are nobody's, and then nobody is judged.
CREATE FUNCTION countersign_is_known_at_all(account bigint, told text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE accounts bigint[] := account || ARRAY(SELECT countersign_neighbours(account));
BEGIN
    RETURN EXISTS (SELECT FROM payouts_providerrecord WHERE account_id = ANY (accounts) AND record_id = told)
        OR EXISTS (SELECT FROM payouts_withdrawal WHERE provider_id = told AND provider_id <> ''
                   AND account_id = ANY (accounts))
        OR EXISTS (SELECT FROM payouts_lostcall WHERE lower(found_as) = lower(told) AND found_as <> ''
                   AND account_id = ANY (accounts))
        OR EXISTS (SELECT FROM payouts_lostcall WHERE provider_id_given = told AND provider_id_given <> ''
                   AND account_id = ANY (accounts));
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

-- Whether it is known by its transaction alone; two ids are two payments.
CREATE FUNCTION countersign_has_no_id(other payouts_withdrawal) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN other.provider_id = '' AND NOT EXISTS (SELECT FROM payouts_providerrecord WHERE withdrawal_id = other.id);
END $$;

-- A withdrawal takes a record of that id for its own, and with it the transaction that it tells, unless the provider has
-- answered with this very id: that is more than a transaction that people wrote down for another payment.
CREATE FUNCTION countersign_claim_record(asked uuid, account bigint, told text, tx text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE it payouts_withdrawal%ROWTYPE;
DECLARE own text = countersign_customer(asked, account);
DECLARE spelled text[] = '{}';
BEGIN
    PERFORM countersign_hold_record(account, told);
    SELECT * INTO it FROM payouts_withdrawal WHERE id = asked;
    IF it.provider_id <> told THEN
        spelled := countersign_transactions(account, told) || countersign_spellings(tx);
    END IF;
    IF EXISTS (SELECT FROM countersign_lost_calls_paid_as(account, own, told, spelled, it.recipient_key) AS lost
               WHERE lost.withdrawal_id IS DISTINCT FROM asked) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of what a lost call paid.');
    END IF;
    IF EXISTS (SELECT FROM payouts_withdrawal AS other WHERE tx_id <> '' AND tx_id = ANY (spelled)
               AND recipient_key = it.recipient_key AND id <> asked AND countersign_has_no_id(other)
               AND (account_id = account OR account_id IN (SELECT countersign_neighbours(account))
                    AND countersign_customers_may_be_one(own, countersign_customer(other.id, other.account_id)))) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'Its transaction is how another withdrawal was paid.');
    END IF;
    IF countersign_is_of_another_account(account, told, asked) THEN
        PERFORM countersign_object('a_record_is_claimed_once', 'It tells of a payment of another account.');
    END IF;
END $$;
