-- What every guard calls: a refusal is a check_violation that carries its rule's name as the constraint.

CREATE FUNCTION countersign_object(rule text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION countersign_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_object(TG_ARGV[0], TG_OP || ' on ' || TG_TABLE_NAME || ' is never allowed.');
    RETURN NULL;
END $$;
