"""Setting up a first authenticator: the secret for one browser only, the recovery codes shown once."""

import re
from datetime import timedelta
from typing import Any

import pytest
import segno
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.models import Authenticator, RecoveryDevice
from payouts.workflow.people import second_factor
from tests.props.cast import code_of, person_with
from tests.props.pages.visits import browser, code_of_secret, codes_on, is_in, sign_in, signed_in
from tests.props.trail import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer(db: None) -> User:
    """An approver who has a password and nothing else yet."""
    return person_with("newcomer", Role.APPROVER, enrolled=False)


@pytest.fixture
def client(newcomer: User) -> Client:
    """Their browser, after the password."""
    return signed_in(newcomer)


def begun(client: Client) -> Any:
    """The page with the secret."""
    assert client.post("/enrol/begin/")["Location"] == "/enrol/"
    return client.get("/enrol/")


def finish(client: Client, page: Any) -> Any:
    """Enter the code that the app shows."""
    return client.post("/enrol/", {"code": code_of_secret(page)})


def test_the_secret_the_code_and_the_recovery_codes_open_the_desk(newcomer: User, client: Client) -> None:
    page = begun(client)
    assert not is_in(client)
    before = client.session.session_key
    with told() as events:
        answer = finish(client, page)
    assert len(codes_on(answer)) == 10
    assert is_in(client)
    assert client.session.session_key != before
    assert [event.event for event in events] == [Event.SECOND_FACTOR_ENROLLED, Event.RECOVERY_CODES_ISSUED]
    assert settings.KNOWN_DEVICE_COOKIE_NAME in client.cookies
    assert [message.to for message in mail.outbox] == [["newcomer@example.com"]]
    assert sign_in(browser(), newcomer).status_code == 302


def test_the_recovery_codes_are_shown_once_and_work(newcomer: User, client: Client) -> None:
    answer = finish(client, begun(client))
    codes = codes_on(answer)
    assert "no-store" in answer["Cache-Control"]
    for url in ("/security/", "/enrol/", "/security/recovery-codes/"):
        assert not codes_on(client.get(url, follow=True))
    assert not any(code in str(client.session.items()) + str(mail.outbox[0].body) for code in codes)
    assert sign_in(browser(), newcomer, code=codes[3]).status_code == 302


def test_a_look_at_the_page_starts_nothing(client: Client) -> None:
    client.get("/enrol/")
    assert client.get("/enrol/begin/").status_code == 405
    assert not Authenticator.objects.exists()


def test_the_qr_code_says_what_the_app_needs(newcomer: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = segno.make

    def make(text: str, **options: Any) -> Any:
        drawn.append(text)
        return real(text, **options)

    monkeypatch.setattr(segno, "make", make)
    begun(client)
    answer = client.get("/enrol/qr.svg")
    secret = Authenticator.objects.get().base32_key
    assert answer["Content-Type"] == "image/svg+xml"
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.startswith(b"<?xml") or answer.content.startswith(b"<svg")
    assert b"style" not in answer.content
    assert drawn == [
        f"otpauth://totp/Countersign%3Anewcomer?secret={secret}&algorithm=SHA1&digits=6&period=30&issuer=Countersign"
    ]


def test_the_secret_is_grouped_for_typing_and_is_not_what_the_table_holds(client: Client) -> None:
    page = begun(client).content.decode()
    device = Authenticator.objects.get()
    groups = re.search(r'<code class="secret">([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})</code>', page)
    assert groups is not None
    assert groups[1].replace(" ", "") == device.base32_key
    assert device.key not in page
    assert bytes.fromhex(device.key) != device.bin_key


def test_the_secret_is_shown_in_the_browser_that_began_and_in_no_other(newcomer: User, client: Client) -> None:
    begun(client)
    other = signed_in(newcomer)
    assert "secret" not in other.get("/enrol/").content.decode()
    assert other.get("/enrol/qr.svg")["Location"] == "/enrol/"
    assert browser().get("/enrol/qr.svg")["Location"].startswith("/login/")


def test_beginning_elsewhere_makes_the_first_secret_worthless(newcomer: User, client: Client) -> None:
    page = begun(client)
    begun(signed_in(newcomer))
    assert client.post("/enrol/", {"code": code_of_secret(page)})["Location"] == "/enrol/"
    assert second_factor.of(newcomer) is None


def test_a_thief_of_the_password_cannot_replace_what_was_enrolled_meanwhile(newcomer: User, client: Client) -> None:
    thief = signed_in(newcomer)
    thief_page = begun(thief)
    page = begun(client)
    finish(client, page)
    enrolled = second_factor.of(newcomer)
    for answer in (finish(thief, thief_page), thief.post("/enrol/begin/"), thief.get("/enrol/")):
        assert answer["Location"].startswith("/login/")
    assert second_factor.of(newcomer) == enrolled


def test_the_workflow_refuses_a_second_first_authenticator(newcomer: User) -> None:
    device = second_factor.begin(by=newcomer)
    second_factor.confirm(device.pk, code_of(newcomer), by=newcomer, keep="")
    with pytest.raises(second_factor.EnrolledAlready):
        second_factor.begin(by=newcomer)
    assert Authenticator.objects.filter(user=newcomer).count() == 1


def test_a_wrong_first_code_is_said_and_confirms_nothing(newcomer: User, client: Client) -> None:
    begun(client)
    answer = client.post("/enrol/", {"code": "12345"})
    assert answer.status_code == 422
    assert "That code is wrong" in answer.content.decode()
    assert second_factor.of(newcomer) is None
    assert not RecoveryDevice.objects.exists()


def test_guesses_at_the_first_code_are_throttled(client: Client) -> None:
    begun(client)
    assert [client.post("/enrol/", {"code": "12345"}).status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_set_up_runs_out_after_ten_minutes(newcomer: User, client: Client) -> None:
    page = begun(client)
    Authenticator.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    assert client.get("/enrol/qr.svg")["Location"] == "/enrol/"
    assert finish(client, page)["Location"] == "/enrol/"
    assert "expired" in client.get("/enrol/").content.decode()
    assert second_factor.of(newcomer) is None


def test_the_qr_code_is_gone_once_the_authenticator_counts(client: Client) -> None:
    finish(client, begun(client))
    assert client.get("/enrol/qr.svg")["Location"] == "/security/"
    assert client.get("/enrol/")["Location"] == "/security/"


def test_a_colleagues_pending_authenticator_cannot_be_confirmed(newcomer: User) -> None:
    other = person_with("other", Role.APPROVER, enrolled=False)
    device = second_factor.begin(by=newcomer)
    with pytest.raises(second_factor.NothingPending):
        second_factor.confirm(device.pk, code_of(newcomer), by=other, keep="")


def test_enrolling_ends_the_persons_other_sessions(newcomer: User, client: Client) -> None:
    other = signed_in(newcomer)
    finish(client, begun(client))
    assert other.get("/enrol/")["Location"].startswith("/login/")
    assert is_in(client)
