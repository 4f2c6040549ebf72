"""Inviting a person on the page: with a fresh code, by administrators, and what is wrong said at its field."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from payouts.audit import Event
from tests.conftest import SignIn
from tests.props.cast import Cast, code_of
from tests.props.pages.pages import page_of, strict, words
from tests.props.pages.visits import wrong_code
from tests.props.trail import told

pytestmark = pytest.mark.django_db

URL = "/auth/user/invite/"
FORM = {"username": "grace", "full_name": "Grace Hopper", "email": "grace@example.com", "roles": ["Approvers"]}


@pytest.fixture
def client(cast: Cast, sign_in: SignIn) -> Client:
    """An administrator's browser."""
    return sign_in(cast.administrator)


def invite(client: Client, cast: Cast, **typed: Any) -> Any:
    """Send the form, filled rightly but for what `typed` says."""
    return client.post(URL, FORM | {"code": code_of(cast.administrator)} | typed)


def test_a_person_is_invited_and_gets_a_link(cast: Cast, client: Client) -> None:
    with told() as events:
        answer = invite(client, cast)
    grace = User.objects.get(username="grace")
    assert (answer.status_code, answer["Location"]) == (302, page_of(grace))
    assert not grace.has_usable_password()
    assert [group.name for group in grace.groups.all()] == ["Approvers"]
    assert (grace.is_superuser, [event.event for event in events]) == (False, [Event.PERSON_ADDED])
    assert [message.to for message in mail.outbox] == [["grace@example.com"]]
    assert "A link was sent to grace@example.com" in words(client.get(page_of(grace)))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "keeper"}, "username"),
        ({"username": "Keeper"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"email": "nobody"}, "email"),
        ({"email": "KEEPER@example.com"}, "email"),
        ({"roles": []}, "roles"),
        ({"roles": ["Superusers"]}, "roles"),
        ({"full_name": ""}, "full_name"),
        ({"code": ""}, "code"),
        ({"code": "12345"}, "code"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed: dict[str, Any], field: str, cast: Cast, client: Client) -> None:
    before = User.objects.count()
    answer = invite(client, cast, **typed)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert form.errors.keys() == {field}
    assert str(form.errors[field][0]) in words(answer)
    assert {name: form[name].value() for name in FORM} == FORM | {k: v for k, v in typed.items() if k in FORM}
    assert (User.objects.count(), mail.outbox) == (before, [])


def test_a_wrong_code_invites_nobody(cast: Cast, client: Client) -> None:
    answer = invite(client, cast, code=wrong_code(cast.administrator))
    assert answer.status_code == 422
    assert "That code is wrong" in words(answer)
    assert not User.objects.filter(username="grace").exists()


def test_a_double_click_invites_once(cast: Cast, client: Client) -> None:
    form = FORM | {"code": code_of(cast.administrator)}
    assert [client.post(URL, form).status_code for _ in range(2)] == [302, 422]
    assert User.objects.filter(username="grace").count() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("name", ["requester", "first_approver", "keeper", "auditor", "outsider", "superuser"])
def test_nobody_but_administrators_invites(name: str, cast: Cast, sign_in: SignIn) -> None:
    user = getattr(cast, name)
    client = sign_in(user)
    for answer in (client.get(URL), client.post(URL, FORM | {"code": code_of(user)})):
        assert answer.status_code == 403
    assert not User.objects.filter(username="grace").exists()


def test_inviting_needs_the_pages_own_token(cast: Cast, client: Client) -> None:
    assert invite(strict(client), cast).status_code == 403
    assert not User.objects.filter(username="grace").exists()
