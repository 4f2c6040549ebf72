CREATE UNIQUE INDEX IF NOT EXISTS one_confirmed_authenticator_per_person ON otp_totp_totpdevice (user_id) WHERE confirmed;
