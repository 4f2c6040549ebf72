"""Second factors whose stored form is worthless without the key from the environment."""

import base64
import hashlib
import hmac
import secrets

from django.conf import settings
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

# RFC 6238's usual terms, which authenticator apps know; a row that says others accepts nothing.
# A drift is not learnt: with one, a code that somebody saw long ago would be fresh.
DIGITS, STEP, START, TOLERANCE, DRIFT = 6, 30, 0, 1, 0


def _keyed(purpose: str, text: str) -> bytes:
    key = settings.SECOND_FACTOR_KEY.encode()
    return hmac.digest(key, f"{purpose}:{text}".encode(), hashlib.sha256)


class Authenticator(TOTPDevice):  # type: ignore[misc]  # it has no types
    """An authenticator app (RFC 6238). The column holds a random seed; the app's key is derived from it and the person.

    A copy of the database alone therefore makes no codes, and a seed that is copied to another person's row makes none
    of the first one's.
    """

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The 20 bytes shared with the app: HMAC-SHA-256 of person and stored seed, cut to RFC 4226's length."""
        return _keyed("totp", f"{self.user_id}:{self.key}")[:20]

    def verify_token(self, token: str) -> bool:
        """Accept a code once, by the terms that every app has; whatever else the row says."""
        terms = (self.digits, self.step, self.t0, self.tolerance, self.drift)
        return terms == (DIGITS, STEP, START, TOLERANCE, DRIFT) and bool(super().verify_token(token))

    @property
    def base32_key(self) -> str:
        """The key as people type it into an app."""
        return base64.b32encode(self.bin_key).decode()


class RecoveryDevice(StaticDevice):  # type: ignore[misc]  # it has no types
    """Recovery codes, stored as keyed fingerprints; each works once."""

    class Meta:
        proxy = True

    def issue(self, count: int = 10) -> list[str]:
        """Replace all codes; the returned texts exist nowhere else and are shown once."""
        codes = [_readable_code() for _ in range(count)]
        self.token_set.all().delete()
        for code in codes:
            self.token_set.create(token=_fingerprint(self.user_id, code))
        return codes

    def verify_token(self, token: str) -> bool:
        """Accept a code once, however its groups were typed."""
        return bool(super().verify_token(_fingerprint(self.user_id, token)))


def _readable_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()  # 80 bits, 16 characters
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def _fingerprint(person: int, code: str) -> str:
    plain = "".join(code.split()).replace("-", "").lower()
    return _keyed("recovery", f"{person}:{plain}").hex()[:16]  # the column's length; 64 bits of a keyed digest
