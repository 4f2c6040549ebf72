"""Guessing at the doors: it gets slow, then it ends; and it locks nobody else out."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from backoffice.doors.known_device import Door
from backoffice.doors.signin import NotAdmitted, admit
from payouts.audit import Event
from payouts.domain.people.roles import Act, Role
from payouts.models import AuditEvent, Throttle
from payouts.workflow.people import people, throttle
from tests.props.cast import PASSWORD, Cast, code_of, person_with
from tests.props.decisions import proof_of
from tests.props.pages.visits import browser, sign_in, signed_in, wrong_code
from tests.props.trail import told

pytestmark = pytest.mark.django_db

SHUT = "Ask an administrator"


@pytest.fixture
def ada(db: None) -> User:
    """An approver with an authenticator."""
    return person_with("ada", Role.APPROVER)


def waited() -> None:
    """Let every wait at the doors be over."""
    Throttle.objects.update(shut_until=timezone.now() - timedelta(seconds=1))


def test_the_sixth_wrong_attempt_in_a_row_has_to_wait_and_is_told_how_long(ada: User) -> None:
    client = browser()
    for _ in range(5):
        assert sign_in(client, ada, password="wrong").status_code == 422
    with told() as events:
        answer = sign_in(client, ada)
    assert answer.status_code == 429
    assert "Try again in 2 s" in answer.content.decode()
    assert [(event.event, event.facts["name"]) for event in events] == [(Event.SIGN_IN_THROTTLED, "ada")]
    waited()
    assert sign_in(client, ada).status_code == 302


def test_a_name_that_nobody_has_is_throttled_alike(ada: User) -> None:
    pages = []
    for name in ("ada", "nobody"):
        answers = [sign_in(browser(), ada, username=name, password="wrong").status_code for _ in range(6)]
        pages.append(answers)
    assert pages[0] == pages[1] == [422] * 5 + [429]


def test_capital_letters_are_no_way_round(ada: User) -> None:
    for name in ("ada", "Ada", "ADA", "aDa", "adA"):
        sign_in(browser(), ada, username=name, password="wrong")
    assert sign_in(browser(), ada).status_code == 429


def test_a_wrong_code_counts_as_a_wrong_password_does(ada: User) -> None:
    for _ in range(5):
        sign_in(browser(), ada, code=wrong_code(ada))
    assert sign_in(browser(), ada).status_code == 429


def test_a_thousand_wrong_codes_are_all_refused_and_the_right_person_gets_in_meanwhile(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a guesser who waits as long as told, and comes from many addresses, has a hundred guesses."""
    known = signed_in(ada)
    monkeypatch.setattr(throttle, "wait_after", lambda *_: timedelta(0))
    wrong = wrong_code(ada)
    outcomes: list[type[Exception]] = []
    for attempt in range(1000):
        stranger = Door("ada", "unknown-device", f"source:203.0.113.{attempt % 250}")
        with pytest.raises((NotAdmitted, throttle.Throttled)) as caught:
            admit("ada", PASSWORD, wrong, door=stranger)
        outcomes.append(caught.type)
        if attempt in (50, 500):
            assert sign_in(known, ada).status_code == 302
    assert outcomes == [NotAdmitted] * 100 + [throttle.Throttled] * 900
    assert AuditEvent.objects.filter(event=Event.CODE_WRONG).count() == 100
    assert sign_in(known, ada).status_code == 302
    shut = sign_in(browser(ip="192.0.2.1"), ada)
    assert (shut.status_code, SHUT in shut.content.decode()) == (429, True)


def test_an_administrator_opens_the_door_again(cast: Cast) -> None:
    Throttle.objects.create(door="password:auditor:unknown-device", failures=100, tried_at=timezone.now())
    assert sign_in(browser(), cast.auditor).status_code == 429
    proof = proof_of(cast.administrator, Act.MANAGE_PEOPLE, str(cast.auditor.pk))
    people.unblock(cast.auditor, proof=proof, by=cast.administrator)
    assert sign_in(browser(), cast.auditor).status_code == 302


def test_a_known_browser_is_one_persons(ada: User) -> None:
    """Bob's known browser is a stranger to Ada's account."""
    bob = person_with("bob", Role.APPROVER)
    bobs = signed_in(bob)
    for _ in range(5):
        sign_in(browser(), ada, password="wrong")
    assert sign_in(bobs, ada).status_code == 429


@pytest.mark.parametrize("spoil", [lambda cookie: cookie[:-1] + "x", lambda cookie: "ada", lambda cookie: ""])
def test_a_forged_cookie_makes_no_known_browser(ada: User, spoil: Callable[[str], str]) -> None:
    cookie = signed_in(ada).cookies[settings.KNOWN_DEVICE_COOKIE_NAME].value
    forger = browser()
    forger.cookies[settings.KNOWN_DEVICE_COOKIE_NAME] = spoil(cookie)
    for _ in range(5):
        sign_in(browser(), ada, password="wrong")
    assert sign_in(forger, ada).status_code == 429


def test_guesses_from_a_known_browser_are_throttled_as_well(ada: User) -> None:
    client = signed_in(ada)
    for _ in range(5):
        sign_in(client, ada, password="wrong")
    assert sign_in(client, ada).status_code == 429
    assert sign_in(browser(), ada).status_code == 302


def test_a_browser_stays_the_same_known_one(ada: User) -> None:
    client = signed_in(ada)
    sign_in(client, ada)
    doors = Throttle.objects.filter(door__startswith="password:ada:device:")
    assert doors.count() == 1


def test_one_address_that_tries_many_names_is_slowed_down(ada: User) -> None:
    statuses = [sign_in(browser(), ada, username=f"name{number}", password="wrong").status_code for number in range(62)]
    assert statuses == [422] * 61 + [429]
    assert sign_in(browser(), ada).status_code == 429
    assert sign_in(browser(ip="203.0.113.9"), ada).status_code == 302


def test_a_right_sign_in_does_not_excuse_the_wrong_ones_of_its_address(ada: User) -> None:
    for number in range(5):
        sign_in(browser(), ada, username=f"name{number}", password="wrong")
    signed_in(ada)
    assert Throttle.objects.get(door="source:198.51.100.7").failures == 5


def test_an_address_is_forgiven_after_a_quiet_hour() -> None:
    Throttle.objects.create(door="source:192.0.2.1", failures=500, tried_at=timezone.now() - timedelta(minutes=61))
    throttle.knock("source:192.0.2.1")
    assert Throttle.objects.get().failures == 1


def test_an_address_is_never_shut_for_good() -> None:
    door = Throttle.objects.create(door="source:192.0.2.1", failures=5000, tried_at=timezone.now())
    throttle.knock("source:192.0.2.1")
    door.refresh_from_db()
    assert door.shut_until is not None
    assert door.shut_until - timezone.now() <= throttle.LONGEST_SHUT


@pytest.mark.parametrize(
    ("ip", "door"),
    [
        ("2001:db8:1:2:3:4:5:6", "source:2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "source:192.0.2.1"),
        ("fe80::1%eth0", "source:fe80::/64"),
        ("not an address", "source:unknown"),
    ],
)
def test_a_customers_whole_network_is_one_source(ada: User, ip: str, door: str) -> None:
    sign_in(browser(ip=ip), ada, password="wrong")
    assert Throttle.objects.filter(door=door).exists()


def test_the_known_browser_cookie_is_closed_to_scripts_and_other_sites(ada: User) -> None:
    cookie = signed_in(ada).cookies[settings.KNOWN_DEVICE_COOKIE_NAME]
    assert cookie.key.startswith("__Host-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert cookie["domain"] == ""
    assert cookie["max-age"] == 365 * 24 * 60 * 60


def test_guesses_at_the_code_of_an_open_session_do_not_shut_the_way_in(ada: User) -> None:
    client = signed_in(ada)
    for _ in range(6):
        client.post("/security/recovery-codes/", {"code": wrong_code(ada)})
    assert client.post("/security/recovery-codes/", {"code": code_of(ada)}).status_code == 429
    assert sign_in(browser(), ada).status_code == 302
