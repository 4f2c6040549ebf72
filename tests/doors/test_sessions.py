"""How sessions end: idle, old, and with the person's access or roles."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.test import Client
from django.utils import timezone

from backoffice.doors.middleware import SIGNED_IN_AT
from payouts.audit import Event
from payouts.domain.people.roles import Act, Role
from payouts.models import PersonSession
from payouts.models.people.session import SessionStore
from payouts.workflow.people import people
from tests.props.cast import Cast
from tests.props.decisions import proof_of
from tests.props.pages.pages import strict, words
from tests.props.pages.visits import browser, is_in, signed_in
from tests.props.trail import told

pytestmark = pytest.mark.django_db


def row_of(client: Client) -> PersonSession:
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
    with pytest.raises(UpdateError):
        kept.save()
    assert not is_in(client)


# -- renewed at a step-up: for ten seconds the old id leads to the new one --


def renewed(user: User) -> tuple[Client, SessionStore, SessionStore]:
    """A browser with its old id, a request that was under way with it, and the session as it was renewed meanwhile."""
    client = signed_in(user)
    key = client.session.session_key
    under_way, stepping_up = SessionStore(key), SessionStore(key)
    under_way.load()
    assert SIGNED_IN_AT in under_way
    stepping_up["note"] = "kept"
    stepping_up.renew()
    assert stepping_up.session_key != key
    return client, under_way, stepping_up


def cookie_of(client: Client) -> str:
    """The session id that the browser holds."""
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_the_old_id_works_for_ten_seconds_and_hands_out_the_new_one(cast: Cast) -> None:
    client, under_way, session = renewed(cast.auditor)
    old = PersonSession.objects.get(session_key=under_way.session_key)
    assert timedelta(seconds=8) < old.expire_date - timezone.now() <= timedelta(seconds=10)
    assert (old.session_data, old.person_id) == ("", cast.auditor.pk)
    assert is_in(client)
    assert cookie_of(client) == session.session_key
    assert client.session["note"] == "kept"
    assert PersonSession.objects.get(session_key=old.session_key).expire_date == old.expire_date


def test_an_old_id_leads_on_over_two_renewals(cast: Cast) -> None:
    client, _, session = renewed(cast.auditor)
    session.renew()
    assert is_in(client)
    assert cookie_of(client) == session.session_key


def test_after_ten_seconds_the_old_id_is_nobody(cast: Cast) -> None:
    client, under_way, session = renewed(cast.auditor)
    ended = timezone.now() - timedelta(seconds=1)
    PersonSession.objects.filter(session_key=under_way.session_key).update(expire_date=ended)
    assert not is_in(client)
    assert PersonSession.objects.filter(session_key=session.session_key).exists()


def test_a_request_that_was_under_way_takes_the_new_id_and_writes_nothing(cast: Cast) -> None:
    _, under_way, session = renewed(cast.auditor)
    under_way["note"] = "of yesterday"
    rows = list(PersonSession.objects.order_by("pk").values_list())
    under_way.save()
    assert under_way.session_key == session.session_key
    assert list(PersonSession.objects.order_by("pk").values_list()) == rows


def test_of_two_step_ups_at_once_one_renews_and_the_other_follows(cast: Cast) -> None:
    _, under_way, session = renewed(cast.auditor)
    under_way.renew()
    assert under_way.session_key == session.session_key
    assert PersonSession.open_ones(cast.auditor.pk) == 1


def test_ending_a_persons_sessions_ends_old_ids_as_well(cast: Cast) -> None:
    client, under_way, session = renewed(cast.auditor)
    assert people.end_sessions(cast.auditor, by=cast.administrator) == 1
    assert not PersonSession.objects.filter(person_id=cast.auditor.pk).exists()
    for ended in (under_way, session):
        with pytest.raises(UpdateError):
            ended.save()
        with pytest.raises(SessionInterrupted):
            ended.renew()
    assert not is_in(client)


def test_signing_out_with_the_old_id_signs_out(cast: Cast) -> None:
    _, under_way, session = renewed(cast.auditor)
    under_way.flush()
    assert not PersonSession.objects.filter(person_id=cast.auditor.pk).exists()
    with pytest.raises(UpdateError):
        session.save()


def test_signing_in_leaves_no_way_from_the_id_before(cast: Cast) -> None:
    session = SessionStore()
    session.create()
    before = session.session_key
    session.cycle_key()
    assert not PersonSession.objects.filter(session_key=before).exists()


def test_a_request_whose_session_was_ended_under_way_is_answered_in_plain_words(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(cast.auditor)
    under_way = SessionStore.save

    def ended(session: SessionStore, must_create: bool = False) -> None:
        PersonSession.end_all(cast.auditor.pk)
        under_way(session, must_create)

    monkeypatch.setattr(SessionStore, "save", ended)
    answer = client.get("/security/")
    assert answer.status_code == 400
    assert "you were signed out while the request was under way" in words(answer)


# -- what a cookie can spell --


@pytest.mark.parametrize("value", [r'"aaaaaaaaaaaa\000bbbbbb"', r'"aaaaaaaaaaaa\351bbbbbb"', "aaaaaaaa-bbbbbbbb"])
@pytest.mark.parametrize("name", ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "KNOWN_DEVICE_COOKIE_NAME"])
def test_a_cookie_that_nobody_made_is_no_cookie(name: str, value: str, cast: Cast) -> None:
    cookie = f"{getattr(settings, name)}={value}"
    typed = {"username": "auditor", "password": "wrong", "code": "123456"}
    assert browser().get("/login/", headers={"cookie": cookie}).status_code == 200
    assert browser().post("/login/", typed, headers={"cookie": cookie}).status_code == 422
    assert strict(browser()).post("/login/", typed, headers={"cookie": cookie}).status_code == 403
