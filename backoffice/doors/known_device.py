"""Browsers that a person has completely signed in with before, and the doors at which guesses are counted.

A known browser knocks at a door of its own, so that a stranger's guesses do not lock the person out. Its
cookie opens nothing by itself.
"""

import secrets
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from backoffice.doors.middleware import client_ip

_SALT = "countersign.known-device"
_FOR = 365 * 24 * 60 * 60
_LONGEST_NAME = 150
UNKNOWN = "unknown-device"


@dataclass(frozen=True)
class Door:
    """Where an attempt to sign in knocks: as which name, from which device, from which address."""

    name: str
    device: str
    source: str

    @property
    def password(self) -> str:
        """The throttle's name for guesses at this person's password from there."""
        return f"password:{self.name}:{self.device}"

    @property
    def is_known(self) -> bool:
        """Whether the person has signed in from this browser before."""
        return self.device != UNKNOWN


def door(request: HttpRequest, username: str) -> Door:
    """The doors at which this attempt is counted; a name that nobody has gets doors of the same kind."""
    name = username.lower()[:_LONGEST_NAME]
    nonce = _nonce(request, name)
    return Door(name, f"device:{nonce}" if nonce else UNKNOWN, source_door("source", request))


def source_door(kind: str, request: HttpRequest) -> str:
    """The door of the address that a request comes from; a whole /64 of IPv6, which one customer holds."""
    ip = client_ip(request)
    if ip is None:
        return f"{kind}:unknown"
    if isinstance(ip_address(ip), IPv6Address):
        ip = str(ip_network(f"{ip}/64", strict=False))
    return f"{kind}:{ip}"


def remember(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Make this browser known as the person's, for a year, after a complete sign-in."""
    name = username.lower()[:_LONGEST_NAME]
    nonce = _nonce(request, name) or secrets.token_hex(8)
    response.set_cookie(
        settings.KNOWN_DEVICE_COOKIE_NAME,
        signing.dumps({"name": name, "nonce": nonce}, salt=_SALT),
        max_age=_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _nonce(request: HttpRequest, name: str) -> str:
    """What tells this person's known browsers apart; empty for a browser that is not one of them."""
    try:
        known = signing.loads(request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=_FOR)
    except signing.BadSignature:
        return ""
    return str(known["nonce"]) if known["name"] == name else ""
