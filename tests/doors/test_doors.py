"""Every address of the site, by every visitor who may not see it: a new one without a guard fails here."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from payouts.domain.people.roles import Role
from payouts.models import AuditEvent, Authenticator
from tests.props.cast import person_with
from tests.props.pages.site_map import addresses
from tests.props.pages.visits import browser, signed_in

pytestmark = pytest.mark.django_db

# What anybody may open, each for a reason.
PUBLIC = {
    "/login/": "the way in",
    "/logout/": "the way out, by POST",
    "/password/": "whoever forgot it",
    "/password/sent/": "what everybody is told who asked",
    "/password/1/1/": "guarded by its token",
    "/password/set/": "says to sign in",
}
# What a person without a second factor may open besides.
ENROLMENT = {"/enrol/", "/enrol/begin/"}


def half_way_in() -> Client:
    """Somebody with an authenticator, whose session has not proved it."""
    user = person_with("half", Role.ADMINISTRATOR, *Role, enrolled=False)
    client = signed_in(user)
    Authenticator.objects.create(user=user, name="app", confirmed=True)
    return client


def newcomer() -> Client:
    """Somebody with every role, a password, and no second factor yet."""
    return signed_in(person_with("newcomer", *Role, enrolled=False))


def outsider() -> Client:
    """Somebody without a role, signed in completely."""
    return signed_in(person_with("outsider"))


def superuser() -> Client:
    """Django's flag, and no role."""
    return signed_in(person_with("superuser"))


def deactivated() -> Client:
    """Somebody with every role who was deactivated a moment ago."""
    client = signed_in(person_with("gone", *Role))
    User.objects.filter(username="gone").update(is_active=False)
    return client


VISITORS: dict[Callable[[], Client], tuple[int, str]] = {
    browser: (302, "/login/"),
    half_way_in: (302, "/login/"),
    newcomer: (302, "/enrol/"),
    outsider: (403, ""),
    superuser: (403, ""),
    deactivated: (302, "/login/"),
}


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda visitor: visitor.__name__)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_but_the_public_ones_answers(visitor: Callable[[], Client], method: str) -> None:
    client = visitor()
    open_to_them = set(PUBLIC) | (ENROLMENT if visitor is newcomer else set())
    wrong = []
    for path in sorted(set(addresses()) - open_to_them):
        answer = getattr(client, method)(path)
        status, place = VISITORS[visitor]
        if answer.status_code != status or not answer.get("Location", "").startswith(place):
            wrong.append((path, answer.status_code, answer.get("Location")))
    assert wrong == []


def test_the_site_has_as_many_addresses_as_it_should() -> None:
    """So that the tests above cannot pass because nothing was found."""
    found = set(addresses())
    assert set(PUBLIC) <= found
    assert found >= ENROLMENT
    assert len(found) > 20


@pytest.mark.parametrize("name", ["password_change_done", "autocomplete", "view_on_site"])
def test_djangos_own_pages_that_go_round_the_doors_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{name}")


def test_no_device_can_be_managed_for_a_colleague() -> None:
    assert not [path for path in addresses() if "otp" in path or "device" in path]


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}


@pytest.mark.parametrize("path", [*PUBLIC, "/", "/enrol/", "/no/such/page/", "/static/backoffice/countersign.css"])
def test_every_answer_carries_the_headers_that_protect_it(path: str) -> None:
    answer = browser().get(path)
    assert answer.getvalue() is not None  # read to its end, where a file is closed
    assert {name: answer.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "data:" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PUBLIC, "/enrol/", "/security/", "/"])
def test_no_page_is_kept_by_a_cache(path: str) -> None:
    for client in (browser(), newcomer(), signed_in(person_with("ada", *Role))):
        if path != "/logout/":
            assert "no-store" in client.get(path)["Cache-Control"]


def test_every_cookie_is_bound_to_this_host_and_closed_to_scripts() -> None:
    client = signed_in(person_with("ada", Role.APPROVER))
    client.get("/security/password/")
    assert len(client.cookies) >= 3
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (
            True,
            True,
            "Lax",
            "/",
        )
        assert cookie["domain"] == ""


DOOR_PAGES = ("/login/", "/password/", "/password/sent/", "/password/set/", "/password/1/1/")
OWN_PAGES = (
    "/security/",
    "/security/password/",
    "/security/recovery-codes/",
    "/security/authenticator/",
)


def test_no_page_at_the_doors_holds_an_inline_script_or_style() -> None:
    ada, new = signed_in(person_with("ada", Role.APPROVER)), newcomer()
    new.post("/enrol/begin/")
    pages = [browser().get(path) for path in DOOR_PAGES]
    pages += [ada.get(path) for path in OWN_PAGES] + [new.get("/enrol/"), outsider().get("/")]
    for page in pages:
        text = page.content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:|src=\"data:", text)


def test_plain_http_is_sent_to_https() -> None:
    answer = Client().get("/login/")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/login/")


def test_a_get_writes_nothing_to_the_trail_for_somebody_on_their_way_in() -> None:
    client = newcomer()
    before = AuditEvent.objects.count()
    for path in addresses():
        client.get(path)
    assert AuditEvent.objects.count() == before
    assert not Authenticator.objects.exists()
