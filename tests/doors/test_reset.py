"""Forgotten passwords and invitations: a link by e-mail, told to nobody, and no way round the second factor."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from payouts.admin.people.invitation import link_for, send_invitation
from payouts.audit import Event, Worker
from payouts.domain.people.roles import Role
from payouts.workflow.people import people
from tests.props.cast import person_with
from tests.props.pages.visits import browser, is_in, sign_in, signed_in
from tests.props.trail import told

pytestmark = pytest.mark.django_db

NEW = "another horse, another battery"


@pytest.fixture
def ada(db: None) -> User:
    """An approver with an authenticator."""
    return person_with("ada", Role.APPROVER)


def ask(client: Client, email: str = "ada@example.com") -> Any:
    return client.post("/password/", {"email": email})


def linked() -> str:
    """The path that the last e-mail links to."""
    found = re.search(r"https?://[^/\s]+(/password/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def choose(client: Client, path: str, password: str = NEW) -> Any:
    """Follow the link and choose a password."""
    form = client.get(path, follow=True)
    if form.status_code != 200:
        return form
    return client.post(form.redirect_chain[-1][0], {"new_password1": password, "new_password2": password})


def test_links_lead_to_the_sites_own_address_whatever_host_was_asked(ada: User, settings: Settings) -> None:
    settings.SITE_URL = "https://pay.example.com"
    ask(browser(), ada.email)
    assert "https://pay.example.com/password/" in mail.outbox[-1].body
    send_invitation(ada, request=RequestFactory().get("/", headers={"host": "localhost"}))
    assert mail.outbox[-1].body.count("https://pay.example.com/password/") == 2
    assert not [sent for sent in mail.outbox if "localhost" in sent.body or "testserver" in sent.body]


def test_without_a_setting_links_lead_to_the_host_that_was_asked(ada: User) -> None:
    ask(browser(), ada.email)
    assert "https://testserver/password/" in mail.outbox[-1].body


def test_a_link_sets_a_password_and_the_second_factor_stays(ada: User) -> None:
    old = signed_in(ada)
    client = browser()
    with told() as events:
        assert ask(client)["Location"] == "/password/sent/"
        assert choose(client, linked())["Location"] == "/password/set/"
    assert [(event.event, event.subject_id) for event in events] == [
        (Event.PASSWORD_RESET_ASKED, str(ada.pk)),
        (Event.PASSWORD_RESET, str(ada.pk)),
    ]
    assert SESSION_KEY not in client.session
    assert not is_in(old)
    assert sign_in(client, ada, password=NEW, code="").status_code == 422
    assert sign_in(client, ada, password=NEW).status_code == 302
    assert mail.outbox[-1].subject == "Countersign: password set"
    assert NEW not in str(mail.outbox[-1].body)


def test_a_link_works_once(ada: User) -> None:
    ask(browser())
    path = linked()
    choose(browser(), path)
    answer = browser().get(path)
    assert answer.status_code == 410
    assert "does not work any more" in answer.content.decode()


def test_a_link_of_another_person_does_not_fit(ada: User) -> None:
    eve = person_with("eve", Role.APPROVER)
    mine, hers = (link_for(user, base_url="https://testserver") for user in (eve, ada))
    forged = hers.rpartition("/")[0].rpartition("/")[0] + "/" + mine.rstrip("/").rpartition("/")[2] + "/"
    assert browser().get(forged.removeprefix("https://testserver")).status_code == 410


@pytest.mark.parametrize("path", ["/password/AA/bb-cc/", "/password/!!/x/", "/password/OTk5OTk5/set-password/"])
def test_a_made_up_link_is_refused_calmly(path: str) -> None:
    assert browser().get(path).status_code == 410
    assert browser().post(path, {"new_password1": NEW, "new_password2": NEW}).status_code == 410


def test_a_link_does_not_let_in_who_was_deactivated_since(ada: User) -> None:
    ask(browser())
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert choose(browser(), linked()).status_code == 410


def test_the_answer_does_not_tell_whether_the_address_exists(ada: User) -> None:
    answers = []
    for email in ("ada@example.com", "nobody@example.com"):
        answer = ask(browser(), email)
        answers.append((answer.status_code, answer["Location"], answer.content))
    assert answers[0] == answers[1]
    assert len(mail.outbox) == 1


def test_a_deactivated_person_gets_no_link(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    ask(browser())
    assert mail.outbox == []


def test_a_look_alike_address_gets_no_link(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(email="mike@example.org")
    ask(browser(), "m\N{LATIN SMALL LETTER DOTLESS I}ke@example.org")
    assert mail.outbox == []


def test_asking_is_throttled_by_address(ada: User) -> None:
    statuses = [ask(browser(), f"name{number}@example.com").status_code for number in range(7)]
    assert statuses == [302] * 6 + [429]
    assert ask(browser(ip="203.0.113.1")).status_code == 302


def test_a_weak_password_is_refused_with_a_reason(ada: User) -> None:
    ask(browser())
    answer = choose(browser(), linked(), "short")
    assert answer.status_code == 422
    assert "too short" in answer.content.decode()


def test_the_link_leaves_the_address_bar_before_the_form_is_shown(ada: User) -> None:
    ask(browser())
    path = linked()
    assert browser().get(path)["Location"] == path.rstrip("/").rpartition("/")[0] + "/set-password/"


def invited(roles: Iterable[Role] = (Role.KEEPER,)) -> User:
    """A person who was just added."""
    return people.add_person(
        "grace", full_name="Grace Hopper", email="grace@example.com", roles=roles, by=Worker("tests")
    )


def test_an_invited_person_chooses_a_password_and_enrols() -> None:
    user = invited()
    request = RequestFactory().get("/", secure=True)
    send_invitation(user, request=request)
    assert mail.outbox[0].to == ["grace@example.com"]
    assert "https://testserver/password/" in str(mail.outbox[0].body)
    client = browser()
    choose(client, linked_first())
    user.refresh_from_db()
    assert sign_in(client, user, password=NEW)["Location"] == "/enrol/"


def linked_first() -> str:
    """The path of the link in the first e-mail."""
    found = re.search(r"https://testserver(/password/\S+/\S+/)", str(mail.outbox[0].body))
    assert found is not None
    return found[1]


def test_a_run_out_invitation_is_replaced_by_asking_for_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator

    user = invited()
    path = link_for(user, base_url="")
    later = default_token_generator._now() + timedelta(minutes=61)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: later)
    assert browser().get(path).status_code == 410
    ask(browser(), "grace@example.com")
    assert choose(browser(), linked())["Location"] == "/password/set/"
