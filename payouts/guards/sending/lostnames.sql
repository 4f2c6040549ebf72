-- As what lost calls are known: by the provider's id or the transaction that two people found, and by the id that the
-- provider answered, unless two people found that it was not paid. workflow.unknown.claimed, once more.

-- A transaction in the one spelling by which two are compared; NULL for what is none.
CREATE FUNCTION countersign_transaction(told text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN told ~ '^(0x)?[0-9A-Fa-f]{64}$' THEN replace(lower(told), '0x', '') END;
END $$;

-- The two spellings of a transaction, in small letters; none of what is none.
CREATE FUNCTION countersign_spellings(told text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE plain text = countersign_transaction(told);
BEGIN
    RETURN CASE WHEN plain IS NULL THEN '{}' ELSE ARRAY[plain, '0x' || plain] END;
END $$;

-- The transactions of a payment that is known so: it is one itself, or kept records of that id tell one. As they are spelled.
CREATE FUNCTION countersign_transactions(account bigint, told text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN countersign_spellings(told) || ARRAY(
        SELECT unnest(countersign_spellings(tx_id)) FROM payouts_providerrecord WHERE record_id = told
            AND (account_id = account OR account_id IN (SELECT countersign_neighbours(account))));
END $$;

-- The ids of the kept records that tell one of these transactions.
CREATE FUNCTION countersign_records_of(account bigint, spelled text[]) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT record_id::text FROM payouts_providerrecord WHERE tx_id <> '' AND lower(tx_id) = ANY (spelled)
        AND (account_id = account OR account_id IN (SELECT countersign_neighbours(account))));
END $$;

-- Whose a lost call is: its account's customer; not said, where it was made for another one than that is now.
CREATE FUNCTION countersign_lost_customer(lost payouts_lostcall) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE WHEN lost.called_at < its.customer_since THEN '' ELSE its.customer END
            FROM payouts_account AS its WHERE its.id = lost.account_id);
END $$;

CREATE FUNCTION countersign_is_known_as(lost payouts_lostcall, told text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN told <> '' AND lost.outcome <> 'not_executed'
        AND NOT EXISTS (SELECT FROM payouts_submission WHERE id = lost.id)
        AND (lost.verdict = 'paid'
             AND coalesce(countersign_transaction(lost.found_as), lost.found_as) = coalesce(countersign_transaction(told), told)
             OR lost.verdict <> 'not_paid' AND lost.provider_id_given = told);
END $$;

-- Lost calls that are or may be of this customer, and are known as `told`; or as one of `others`, with the same payee.
-- A transaction may pay several, each of them once. Whom a call paid whose withdrawal is gone may be anybody.
CREATE FUNCTION countersign_lost_calls_paid_as(account bigint, own text, told text, others text[], payee text)
RETURNS SETOF payouts_lostcall LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT lost.* FROM payouts_lostcall AS lost
        LEFT JOIN payouts_withdrawal AS its ON its.id = lost.withdrawal_id
        WHERE (lost.found_as <> '' AND lower(lost.found_as) = ANY (lower(told) || others)
               OR lost.provider_id_given <> '' AND lost.provider_id_given = ANY (told || others))
          AND (lost.account_id = account OR lost.account_id IN (SELECT countersign_neighbours(account))
               AND countersign_customers_may_be_one(own, countersign_lost_customer(lost)))
          AND (countersign_is_known_as(lost, told)
               OR (payee IS NULL OR its.id IS NULL OR its.recipient_key = payee)
               AND EXISTS (SELECT FROM unnest(others) AS other WHERE countersign_is_known_as(lost, other)));
END $$;
