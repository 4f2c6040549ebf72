"""How sessions end: idle, old, and with the person's access or roles."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from backoffice.middleware import SIGNED_IN_AT
from payouts.audit import Event
from payouts.domain.roles import Act, Role
from payouts.models import PersonSession
from payouts.workflow import people
from tests.backoffice.visits import is_in, signed_in
from tests.cast import Cast, proof_of
from tests.trail import told

pytestmark = pytest.mark.django_db


def row_of(client: Client) -> PersonSession:
    """The session's row."""
    return PersonSession.objects.get(session_key=client.session.session_key)


def test_a_click_keeps_a_session_for_another_quarter_of_an_hour(cast: Cast) -> None:
    client = signed_in(cast.auditor)
    PersonSession.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    assert is_in(client)
    left = row_of(client).expire_date - timezone.now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_fifteen_minutes_without_a_click_end_a_session(cast: Cast) -> None:
    client = signed_in(cast.auditor)
    PersonSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/security/")["Location"].startswith("/login/")


@pytest.mark.parametrize(("age", "is_open"), [(timedelta(hours=11, minutes=59), True), (timedelta(hours=12), False)])
def test_twelve_hours_after_signing_in_a_session_ends_however_busy(cast: Cast, age: timedelta, is_open: bool) -> None:
    client = signed_in(cast.auditor)
    session = client.session
    session[SIGNED_IN_AT] = time.time() - age.total_seconds()
    session.save()
    with told() as events:
        assert is_in(client) is is_open
    assert [event.event for event in events] == ([] if is_open else [Event.SESSION_EXPIRED])
    assert PersonSession.objects.filter(person_id=cast.auditor.pk).exists() is is_open


def test_a_session_without_the_time_of_its_sign_in_ends(cast: Cast) -> None:
    client = signed_in(cast.auditor)
    session = client.session
    del session[SIGNED_IN_AT]
    session.save()
    assert not is_in(client)


def test_the_cookie_ends_with_the_browser_and_is_closed_to_scripts_and_other_sites(cast: Cast) -> None:
    cookie = signed_in(cast.auditor).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.key == "__Host-session"
    assert (cookie["max-age"], cookie["expires"], cookie["domain"]) == ("", "", "")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")


def test_a_deactivated_persons_next_click_is_refused(cast: Cast) -> None:
    client = signed_in(cast.auditor)
    proof = proof_of(cast.administrator, Act.MANAGE_PEOPLE, str(cast.auditor.pk))
    people.deactivate(cast.auditor, proof=proof, by=cast.administrator)
    assert client.get("/security/")["Location"].startswith("/login/")
    assert not PersonSession.objects.filter(person_id=cast.auditor.pk).exists()


def test_deactivation_alone_is_enough(cast: Cast) -> None:
    """Also when a session's row was written at the same instant."""
    client = signed_in(cast.auditor)
    User.objects.filter(pk=cast.auditor.pk).update(is_active=False)
    assert not is_in(client)


def test_a_change_of_roles_ends_the_persons_sessions_and_nobody_elses(cast: Cast) -> None:
    client, colleague = signed_in(cast.auditor), signed_in(cast.keeper)
    proof = proof_of(cast.administrator, Act.MANAGE_PEOPLE, str(cast.auditor.pk))
    people.change_roles(cast.auditor, roles=[Role.KEEPER], proof=proof, by=cast.administrator)
    assert not is_in(client)
    assert is_in(colleague)


def test_an_administrator_ends_a_persons_sessions(cast: Cast) -> None:
    client = signed_in(cast.auditor)
    assert people.end_sessions(cast.auditor, by=cast.administrator) == 1
    assert not is_in(client)


def test_a_session_that_was_ended_does_not_come_back(cast: Cast) -> None:
    """A request that was under way when it ended saves nothing."""
    client = signed_in(cast.auditor)
    kept = client.session
    kept.load()
    people.end_sessions(cast.auditor, by=cast.auditor)
    from django.contrib.sessions.backends.base import UpdateError

    with pytest.raises(UpdateError):
        kept.save()
    assert not is_in(client)
