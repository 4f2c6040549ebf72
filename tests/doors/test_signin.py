"""Signing in: three things in one step, one answer for everything that is wrong."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.models import Authenticator, PersonSession
from payouts.workflow.people import second_factor
from tests.props.cast import PASSWORD, Cast, code_of, person_with
from tests.props.pages.visits import browser, is_in, sign_in, signed_in, wrong_code
from tests.props.trail import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> User:
    """An approver with an authenticator."""
    return person_with("ada", Role.APPROVER)


def errors_of(page: Any) -> list[str]:
    """Everything that the page objects to."""
    return re.findall(r'class="errorlist[^"]*"[^>]*>(.*?)</ul>', page.content.decode(), flags=re.DOTALL)


def test_name_password_and_code_open_the_desk_in_one_step(ada: User) -> None:
    client = browser()
    with told() as events:
        answer = sign_in(client, ada)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(client)
    assert [(event.event, event.actor, event.ip) for event in events] == [(Event.SIGNED_IN, ada, "198.51.100.7")]


def test_every_wrong_answer_reads_the_same(ada: User) -> None:
    person_with("gone", Role.APPROVER)
    User.objects.filter(username="gone").update(is_active=False)
    attempts = [
        {"username": "nobody"},
        {"password": "wrong password"},
        {"code": wrong_code(ada)},
        {"code": ""},
        {"code": "abcd-efgh-2345-6789"},
        {"username": "gone"},
    ]
    pages = []
    for attempt in attempts:
        answer = sign_in(browser(), ada, **attempt)
        typed = str(attempt.get("username", "ada"))
        text = answer.content.decode().replace(f'value="{typed}"', 'value="…"')
        pages.append((answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)))
    assert len(set(pages)) == 1
    assert pages[0][0] == 422
    assert "Check all three" in pages[0][1]


def test_a_name_that_nobody_has_costs_as_much_as_a_wrong_password(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = []
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append("one")
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    sign_in(browser(), ada, username="somebody", password="wrong")  # the address has its door from now on
    for name in ("ada", "nobody"):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            sign_in(browser(), ada, username=name, password="wrong", code="123456")
        costs.append((len(hashed), len(queries)))
    assert costs[0] == costs[1]
    assert costs[0][0] == 1


@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_a_password_never_comes_back_in_the_page(ada: User, username: str) -> None:
    for code in ("", wrong_code(ada)):
        answer = sign_in(browser(), ada, username=username, code=code)
        assert PASSWORD not in answer.content.decode()


def test_a_failure_is_told_once_with_the_name_that_was_tried(ada: User) -> None:
    with told() as events:
        sign_in(browser(), ada, username="eve\n\N{RIGHT-TO-LEFT OVERRIDE}x", code="")
    assert [(event.event, event.actor, event.facts["name"]) for event in events] == [
        (Event.SIGN_IN_FAILED, None, "eve\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}x")
    ]


def test_a_wrong_code_after_a_right_password_is_told_as_that(ada: User) -> None:
    with told() as events:
        sign_in(browser(), ada, code=wrong_code(ada))
    assert [event.event for event in events] == [Event.CODE_WRONG, Event.SIGN_IN_FAILED]
    assert (events[1].facts["why"], events[1].subject_id) == ("code", str(ada.pk))


def test_a_code_signs_in_once(ada: User) -> None:
    code = code_of(ada)
    assert sign_in(browser(), ada, code=code).status_code == 302
    assert sign_in(browser(), ada, code=code).status_code == 422


def test_a_code_is_taken_with_the_space_that_the_app_shows(ada: User) -> None:
    code = code_of(ada)
    assert sign_in(browser(), ada, code=f" {code[:3]} {code[3:]} ").status_code == 302


def test_a_colleagues_code_does_not_sign_in(cast: Cast) -> None:
    code = code_of(cast.second_approver)
    assert sign_in(browser(), cast.first_approver, code=code).status_code == 422


def test_somebody_who_was_deactivated_cannot_sign_in(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert sign_in(browser(), ada).status_code == 422


def test_the_page_that_was_asked_for_comes_next(ada: User) -> None:
    client = browser()
    asked = client.get("/security/?x=1")
    assert asked["Location"] == "/login/?next=/security/%3Fx%3D1"
    answer = client.post(
        asked["Location"], {"username": "ada", "password": PASSWORD, "code": code_of(ada), "next": "/security/"}
    )
    assert answer["Location"] == "/security/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"])
def test_a_next_page_on_another_site_is_left_out(ada: User, elsewhere: str) -> None:
    assert sign_in(browser(), ada, next=elsewhere)["Location"] == "/"


def test_every_sign_in_makes_a_new_session(ada: User) -> None:
    client = browser()
    client.get("/password/")
    keys = set()
    for _ in range(2):
        sign_in(client, ada)
        keys.add(client.cookies[settings.SESSION_COOKIE_NAME].value)
        assert is_in(client)
    assert len(keys) == 2
    assert PersonSession.objects.filter(person_id=ada.pk).count() == 1


def test_a_session_id_that_was_planted_is_not_kept(ada: User) -> None:
    client = browser()
    client.cookies[settings.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    sign_in(client, ada)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != "planted0planted0planted0planted0"


def test_a_password_alone_leads_to_enrolment_and_nowhere_else() -> None:
    newcomer = person_with("newcomer", Role.APPROVER, enrolled=False)
    client = browser()
    with told() as events:
        assert sign_in(client, newcomer, next="/security/")["Location"] == "/enrol/"
    assert events[0].facts["second_factor"] == "none yet"
    assert client.get("/")["Location"] == "/enrol/"
    assert settings.KNOWN_DEVICE_COOKIE_NAME not in client.cookies


def test_an_authenticator_that_was_not_confirmed_does_not_count() -> None:
    newcomer = person_with("newcomer", Role.APPROVER)
    Authenticator.objects.update(confirmed=False)
    client = browser()
    assert sign_in(client, newcomer, code=code_of(newcomer))["Location"] == "/enrol/"
    assert client.get("/")["Location"] == "/enrol/"


def test_a_recovery_code_signs_in_once_and_says_how_many_remain(ada: User) -> None:
    codes = second_factor.renew_recovery_codes(code_of(ada), by=ada)
    client = browser()
    with told() as events:
        sign_in(client, ada, code=codes[0].upper().replace("-", " "))
    assert [event.event for event in events] == [Event.RECOVERY_CODE_USED, Event.SIGNED_IN]
    assert events[0].facts == {"left": 9}
    assert "9 remain" in client.get("/security/").content.decode()
    assert sign_in(browser(), ada, code=codes[0]).status_code == 422
    assert sign_in(browser(), ada, code=codes[1].replace("-", "")).status_code == 302


def test_a_colleagues_recovery_code_does_not_sign_in(cast: Cast) -> None:
    codes = second_factor.renew_recovery_codes(code_of(cast.keeper), by=cast.keeper)
    second_factor.renew_recovery_codes(code_of(cast.auditor), by=cast.auditor)
    assert sign_in(browser(), cast.auditor, code=codes[0]).status_code == 422


def test_people_without_a_role_are_told_whom_to_ask(cast: Cast) -> None:
    client = signed_in(cast.outsider)
    with told() as events:
        answer = client.get("/")
    assert answer.status_code == 403
    assert "no role" in answer.content.decode()
    assert cast.administrator.get_full_name() in answer.content.decode()
    assert [(event.event, event.facts["path"]) for event in events] == [(Event.ACCESS_DENIED, "/")]


def test_a_superuser_without_a_role_is_a_person_without_a_role(cast: Cast) -> None:
    assert signed_in(cast.superuser).get("/").status_code == 403


def test_signing_out_takes_a_post(ada: User) -> None:
    client = signed_in(ada)
    assert client.get("/logout/").status_code == 405
    assert is_in(client)
    with told() as events:
        assert client.post("/logout/")["Location"] == "/login/"
    assert [event.event for event in events] == [Event.SIGNED_OUT]
    assert not is_in(client)
    assert not PersonSession.objects.filter(person_id=ada.pk).exists()


def test_signing_in_takes_the_forms_token(ada: User) -> None:
    strict = browser(enforce_csrf_checks=True)
    strict.get("/login/")
    assert sign_in(strict, ada).status_code == 403


def test_whoever_is_in_is_sent_to_the_desk(ada: User) -> None:
    client = signed_in(ada)
    assert client.get("/login/")["Location"] == "/"
