"""My security: every change takes a fresh code, is told, and ends what it should."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.models import Authenticator
from payouts.workflow.people import second_factor
from tests.props.cast import PASSWORD, code_of, person_with
from tests.props.pages.visits import browser, code_of_secret, codes_on, is_in, sign_in, signed_in, wrong_code
from tests.props.trail import told

pytestmark = pytest.mark.django_db

NEW = "another horse, another battery"


@pytest.fixture
def ada(db: None) -> User:
    """An approver with an authenticator."""
    return person_with("ada", Role.APPROVER)


@pytest.fixture
def client(ada: User) -> Client:
    """Her browser."""
    return signed_in(ada)


def change_password(client: Client, ada: User, **typed: str) -> Any:
    """Fill the password form rightly, but for what `typed` says."""
    facts = {"current": PASSWORD, "new": NEW, "again": NEW}
    if "code" not in typed:
        facts["code"] = code_of(ada)
    return client.post("/security/password/", facts | typed)


def test_the_page_shows_factor_codes_and_sessions(ada: User, client: Client) -> None:
    signed_in(ada)
    second_factor.renew_recovery_codes(code_of(ada), by=ada)
    page = client.get("/security/").content.decode()
    assert "10 left" in page
    assert "in 2 browsers" in page
    assert f"{Authenticator.objects.get().created_at:%Y}" in page


def test_signing_out_everywhere_else_leaves_this_browser_in(ada: User, client: Client) -> None:
    other = signed_in(ada)
    with told() as events:
        client.post("/security/sessions/end/")
    assert [(event.event, event.facts) for event in events] == [(Event.SESSIONS_ENDED, {"count": 1})]
    assert is_in(client)
    assert not is_in(other)


def test_a_password_changes_with_the_current_one_and_a_fresh_code(ada: User, client: Client) -> None:
    other = signed_in(ada)
    before = client.session.session_key
    with told() as events:
        assert change_password(client, ada)["Location"] == "/security/"
    assert [(event.event, event.actor) for event in events] == [(Event.PASSWORD_CHANGED, ada)]
    assert is_in(client)
    assert client.session.session_key != before
    assert not is_in(other)
    assert sign_in(browser(), ada, password=NEW).status_code == 302
    assert sign_in(browser(), ada).status_code == 422
    assert "Your password was changed." in mail.outbox[0].body
    assert NEW not in mail.outbox[0].body


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "wrong"}, "not your current password"),
        ({"code": "12345"}, "That code is wrong"),
        ({"code": ""}, "required"),
        ({"again": "something else"}, "not the same"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": "qwerty123456", "again": "qwerty123456"}, "too common"),
    ],
)
def test_a_password_does_not_change_when(ada: User, client: Client, typed: dict[str, str], said: str) -> None:
    answer = change_password(client, ada, **typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert NEW not in answer.content.decode()
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_a_typing_error_does_not_use_up_the_code(ada: User, client: Client) -> None:
    code = code_of(ada)
    change_password(client, ada, code=code, current="wrong")
    assert change_password(client, ada, code=code).status_code == 302


def test_guesses_at_the_current_password_are_throttled_and_told(ada: User, client: Client) -> None:
    with told() as events:
        statuses = [change_password(client, ada, current="wrong", code="12345").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert [event.event for event in events] == [Event.PASSWORD_WRONG] * 5


def test_the_code_that_signed_in_changes_nothing(ada: User) -> None:
    client, code = browser(), code_of(ada)
    sign_in(client, ada, code=code)
    assert change_password(client, ada, code=code).status_code == 422
    for url in ("/security/recovery-codes/", "/security/authenticator/"):
        assert client.post(url, {"code": code}).status_code == 422


def test_new_recovery_codes_replace_the_old_ones(ada: User, client: Client) -> None:
    old = second_factor.renew_recovery_codes(code_of(ada), by=ada)
    before = client.session.session_key
    with told() as events:
        answer = client.post("/security/recovery-codes/", {"code": code_of(ada)})
    new = codes_on(answer)
    assert len(new) == 10
    assert [event.event for event in events] == [Event.RECOVERY_CODES_ISSUED]
    assert client.session.session_key != before
    assert len(mail.outbox) == 1
    assert not any(code in mail.outbox[0].body for code in new)
    assert sign_in(browser(), ada, code=old[0]).status_code == 422
    assert sign_in(browser(), ada, code=new[0]).status_code == 302


def test_a_recovery_code_makes_no_new_recovery_codes(ada: User, client: Client) -> None:
    codes = second_factor.renew_recovery_codes(code_of(ada), by=ada)
    assert client.post("/security/recovery-codes/", {"code": codes[0]}).status_code == 422


def test_the_old_authenticator_works_until_the_new_one_has_shown_a_code(ada: User, client: Client) -> None:
    old = Authenticator.objects.get()
    assert client.post("/security/authenticator/", {"code": code_of(ada)})["Location"] == (
        "/security/authenticator/new/"
    )
    page = client.get("/security/authenticator/new/")
    assert second_factor.of(ada) == old
    assert client.get("/enrol/qr.svg").status_code == 200
    with told() as events:
        answer = client.post("/security/authenticator/new/", {"code": code_of_secret(page)})
    assert len(codes_on(answer)) == 10
    assert [event.event for event in events] == [Event.SECOND_FACTOR_CHANGED, Event.RECOVERY_CODES_ISSUED]
    assert not Authenticator.objects.filter(pk=old.pk).exists()
    assert Authenticator.objects.filter(user=ada).count() == 1
    assert is_in(client)


def test_changing_the_authenticator_ends_other_sessions_and_renews_this_one(ada: User, client: Client) -> None:
    codes = second_factor.renew_recovery_codes(code_of(ada), by=ada)
    other = browser()
    sign_in(other, ada, code=codes[0])
    keys = [client.session.session_key]
    client.post("/security/authenticator/", {"code": code_of(ada)})
    keys.append(client.session.session_key)
    page = client.get("/security/authenticator/new/")
    client.post("/security/authenticator/new/", {"code": code_of_secret(page)})
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert not is_in(other)
    assert is_in(client)
    assert {message.subject for message in mail.outbox} == {
        "Countersign: recovery code used",
        "Countersign: second factor set up",
    }


def test_the_second_step_cannot_be_had_without_the_first(ada: User, client: Client) -> None:
    assert client.get("/security/authenticator/new/")["Location"] == "/security/authenticator/"
    answer = client.post("/security/authenticator/new/", {"code": code_of(ada)})
    assert answer["Location"] == "/security/authenticator/"
    assert client.post("/enrol/begin/")["Location"] == "/security/"
    assert client.post("/security/authenticator/", {"code": wrong_code(ada)}).status_code == 422
    assert Authenticator.objects.filter(user=ada).count() == 1


def test_a_lost_authenticator_is_replaced_with_a_recovery_code(ada: User, client: Client) -> None:
    codes = second_factor.renew_recovery_codes(code_of(ada), by=ada)
    rescue = browser()
    sign_in(rescue, ada, code=codes[0])
    assert rescue.post("/security/authenticator/", {"code": codes[0]}).status_code == 422
    assert rescue.post("/security/authenticator/", {"code": codes[1]}).status_code == 302
    page = rescue.get("/security/authenticator/new/")
    assert rescue.post("/security/authenticator/new/", {"code": code_of_secret(page)}).status_code == 200
    assert is_in(rescue)


def test_a_notice_that_cannot_be_sent_stops_nothing(ada: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("backoffice.doors.notices.send_mail", fail)
    assert change_password(client, ada).status_code == 302
