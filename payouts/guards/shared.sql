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

-- A moment as canonical contents write it, whatever the session's own style and zone.
CREATE FUNCTION countersign_moment(at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"');
END $$;

-- The person is active and holds one of the roles now.
CREATE FUNCTION countersign_holds_role(who integer, roles text[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM auth_user JOIN auth_user_groups ON auth_user_groups.user_id = auth_user.id
            JOIN auth_group ON auth_group.id = auth_user_groups.group_id
            WHERE auth_user.id = who AND auth_user.is_active AND auth_group.name = ANY (roles)
    );
END $$;
