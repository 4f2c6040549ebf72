"""Browsers at the doors: what a test types into them, and what they show."""

import re
import time
from base64 import b32decode
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP

from payouts.models import Authenticator
from tests.props.cast import PASSWORD, code_of

ADDRESS = "198.51.100.7"


class Browser(Client):
    """Django's test client, speaking HTTPS."""

    def request(self, **request: Any) -> Any:
        return super().request(**(request | {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}))


def browser(ip: str = ADDRESS, **options: Any) -> Client:
    """A browser that has never been here."""
    return Browser(headers={"user-agent": "tests"}, REMOTE_ADDR=ip, **options)


def sign_in(client: Client, user: User, **typed: str) -> Any:
    """Fill the sign-in form as this person, rightly but for what `typed` says."""
    facts = {"username": user.get_username(), "password": PASSWORD}
    if "code" not in typed:
        facts["code"] = code_of(user) if Authenticator.objects.filter(user=user, confirmed=True) else ""
    return client.post("/login/", facts | typed)


def signed_in(user: User, ip: str = ADDRESS) -> Client:
    """A browser in which this person has signed in by the form."""
    client = browser(ip)
    assert sign_in(client, user).status_code == 302
    return client


def is_in(client: Client) -> bool:
    """Whether the browser sees the person's own page."""
    return bool(client.get("/security/").status_code == 200)


def wrong_code(user: User) -> str:
    """Six digits that the person's app does not show now."""
    right = {code_of(user, steps=steps) for steps in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def codes_on(page: Any) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", page.content.decode())


def code_of_secret(page: Any) -> str:
    """What an app shows now into which the secret on the page was typed."""
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.content.decode())
    assert found is not None
    totp = TOTP(b32decode(found[1].replace(" ", "")))
    totp.time = time.time()
    return f"{totp.token():06d}"
