"""Second factors whose stored form is worthless without the key from the environment."""

import base64
import hashlib
import hmac
import secrets

from django.conf import settings
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice


def _keyed(purpose: str, text: str) -> bytes:
    key = settings.SECOND_FACTOR_KEY.encode()
    return hmac.digest(key, f"{purpose}:{text}".encode(), hashlib.sha256)


class Authenticator(TOTPDevice):  # type: ignore[misc]  # it has no types
    """An authenticator app (RFC 6238). The column holds a random seed; the app's key is derived from it.

    A copy of the database alone therefore makes no codes.
    """

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The 20 bytes shared with the app: HMAC-SHA-256 of the stored seed, cut to RFC 4226's length."""
        return _keyed("totp", self.key)[:20]

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
            self.token_set.create(token=_fingerprint(code))
        return codes

    def verify_token(self, token: str) -> bool:
        """Accept a code once, however its groups were typed."""
        return bool(super().verify_token(_fingerprint(token)))


def _readable_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()  # 80 bits, 16 characters
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def _fingerprint(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").lower()
    return _keyed("recovery", plain).hex()[:16]  # the column's length; 64 bits of a keyed digest
