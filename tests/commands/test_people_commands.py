"""The command line's two acts on people."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.models import person
from payouts.workflow.people import second_factor
from tests.props.cast import code_of, person_with
from tests.props.pages.visits import browser, sign_in, signed_in
from tests.props.trail import told

pytestmark = pytest.mark.django_db

ROOT = {"email": "root@example.com", "full_name": "Ada Lovelace", "role": ["Administrators"]}


def run(name: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_first_administrator_is_added_and_gets_a_link() -> None:
    with told() as events:
        printed = run("add_person", "root", **ROOT, base_url="https://payouts.example.com/")
    user = User.objects.get(username="root")
    assert person(user).roles == {Role.ADMINISTRATOR}
    assert (user.get_full_name(), user.has_usable_password()) == ("Ada Lovelace", False)
    assert [(event.event, event.actor_name) for event in events] == [(Event.PERSON_ADDED, "command line")]
    link = printed.split()[-1]
    assert link.startswith("https://payouts.example.com/password/")
    assert browser().get(link.removeprefix("https://payouts.example.com")).status_code == 302


def test_the_link_leads_to_the_sites_own_address(settings: Settings) -> None:
    settings.SITE_URL = "https://pay.example.com"
    assert run("add_person", "root", **ROOT).split()[-1].startswith("https://pay.example.com/password/")


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"email": "ada@example.com"}])
def test_a_person_who_cannot_be_added_is_said(wrong: dict[str, str]) -> None:
    person_with("ada")
    with pytest.raises(CommandError):
        run("add_person", "root", **(ROOT | wrong))
    assert not User.objects.filter(username="root").exists()


def test_a_lost_second_factor_is_reset_and_the_person_enrols_anew() -> None:
    ada = person_with("ada", Role.APPROVER)
    codes = second_factor.renew_recovery_codes(code_of(ada), by=ada)
    client = signed_in(ada)
    with told() as events:
        printed = run("reset_second_factor", "ada", reason="Phone lost, called back by Grace")
    assert [(event.event, event.actor_name, event.facts["why"]) for event in events] == [
        (Event.SECOND_FACTOR_RESET, "command line", "Phone lost, called back by Grace")
    ]
    assert "Two people" in printed
    assert mail.outbox[0].to == ["ada@example.com"]
    assert client.get("/")["Location"].startswith("/login/")
    assert sign_in(browser(), ada, code=codes[0])["Location"] == "/enrol/"
    assert second_factor.recovery_codes_left(ada) == 0


@pytest.mark.parametrize(("name", "reason"), [("nobody", "A good reason"), ("ada", " ")])
def test_a_reset_needs_a_person_and_a_reason(name: str, reason: str) -> None:
    person_with("ada")
    with told() as events, pytest.raises(CommandError):
        run("reset_second_factor", name, reason=reason)
    assert events == []
