CREATE UNIQUE INDEX IF NOT EXISTS one_confirmed_authenticator_per_person ON otp_totp_totpdevice (user_id) WHERE confirmed;

-- Whose it is, its seed, and the terms of its codes: as it was set up. Apps know no others.
CREATE FUNCTION countersign_authenticator_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.digits, NEW.step, NEW.t0, NEW.tolerance, NEW.drift) IS DISTINCT FROM (6, 30, 0, 1, 0)
       OR TG_OP = 'UPDATE' AND (NEW.user_id, NEW.key) IS DISTINCT FROM (OLD.user_id, OLD.key) THEN
        PERFORM countersign_object('a_second_factor_stays_as_it_was_set_up', 'Its person, seed or terms are others.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER authenticator_write BEFORE INSERT OR UPDATE ON otp_totp_totpdevice
    FOR EACH ROW EXECUTE FUNCTION countersign_authenticator_write();
