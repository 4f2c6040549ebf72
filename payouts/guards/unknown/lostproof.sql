-- A text as canonical JSON writes it: printable ASCII, everything else escaped (payouts/domain/canonical.py).
CREATE FUNCTION countersign_canonical_text(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE written text := '';
DECLARE letter text;
DECLARE code integer;
BEGIN
    FOR place IN 1 .. length(said) LOOP
        letter := substr(said, place, 1);
        code := ascii(letter);
        written := written || CASE
            WHEN letter IN ('"', '\') THEN '\' || letter
            WHEN code BETWEEN 32 AND 126 THEN letter
            WHEN code = 8 THEN '\b' WHEN code = 9 THEN '\t' WHEN code = 10 THEN '\n'
            WHEN code = 12 THEN '\f' WHEN code = 13 THEN '\r'
            WHEN code < 65536 THEN '\u' || lpad(to_hex(code), 4, '0')
            ELSE '\u' || to_hex(55296 + (code - 65536) / 1024) || '\u' || to_hex(56320 + (code - 65536) % 1024) END;
    END LOOP;
    RETURN '"' || written || '"';
END $$;

-- The digest of the order that these details make, as payouts/domain/withdrawals/order.py makes it.
CREATE FUNCTION countersign_order_digest(proof payouts_lostproof, its payouts_lostcall, account payouts_account)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN encode(sha256(convert_to(
        '{"account":' || countersign_canonical_text(account.name)
        || ',"address":' || countersign_canonical_text(proof.address)
        || ',"amount":' || countersign_canonical_text(trim_scale(proof.amount)::text)
        || ',"area_code":' || countersign_canonical_text(proof.area_code)
        || ',"coin":' || countersign_canonical_text(proof.coin)
        || ',"customer":' || countersign_canonical_text(proof.customer)
        || ',"host":' || countersign_canonical_text(proof.host)
        || ',"kind":' || countersign_canonical_text(proof.kind)
        || ',"provider":' || countersign_canonical_text(account.provider)
        || ',"reference":' || countersign_canonical_text(its.reference)
        || ',"remark":' || countersign_canonical_text(proof.remark) || '}', 'UTF8')), 'hex');
END $$;

CREATE FUNCTION countersign_lostproof_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its payouts_lostcall%ROWTYPE;
DECLARE account payouts_account%ROWTYPE;
BEGIN
    SELECT * INTO its FROM payouts_lostcall WHERE id = NEW.call_id;
    SELECT * INTO account FROM payouts_account WHERE id = its.account_id;
    IF countersign_order_digest(NEW, its, account) <> its.digest THEN
        PERFORM countersign_object('a_proof_has_the_digest_of_what_was_sent', 'This is not what was sent.');
    END IF;
    IF NEW.record_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payouts_providerrecord WHERE id = NEW.record_id
            AND (account_id, upper(coin), amount) = (its.account_id, upper(NEW.coin), NEW.amount)
            AND created_at BETWEEN its.called_at - interval '10 seconds' AND its.called_at + interval '16 minutes'
    ) THEN
        PERFORM countersign_object('a_proof_is_of_its_own_record', 'The record is of another payment.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lostproof_insert BEFORE INSERT ON payouts_lostproof
    FOR EACH ROW EXECUTE FUNCTION countersign_lostproof_insert();
CREATE TRIGGER lostproof_change BEFORE UPDATE OR DELETE ON payouts_lostproof
    FOR EACH ROW EXECUTE FUNCTION countersign_never('a_proof_never_changes');
CREATE TRIGGER lostproof_truncate BEFORE TRUNCATE ON payouts_lostproof
    FOR EACH STATEMENT EXECUTE FUNCTION countersign_never('a_proof_never_changes');
