"""The sign-in form itself: what its fields tell browsers, and what it says of what is missing."""

import re

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.models import AuditEvent
from tests.props.cast import person_with
from tests.props.pages.visits import browser, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> User:
    """An approver with an authenticator."""
    return person_with("ada", Role.APPROVER)


def test_the_field_for_a_recovery_code_can_be_typed_into_on_a_phone() -> None:
    assert 'inputmode="numeric"' in browser().get("/login/").content.decode()
    page = browser().get("/login/?recovery=1").content.decode()
    assert "Recovery code" in page
    assert 'inputmode="numeric"' not in page


@pytest.mark.parametrize("name", ["x" * 151, "a\x00b", "İ" * 150, ""])
def test_odd_names_are_answered_calmly(ada: User, name: str) -> None:
    assert sign_in(browser(), ada, username=name).status_code == 422


def test_the_fields_tell_password_keepers_what_they_are() -> None:
    page = browser().get("/login/").content.decode()
    for kind in ("username", "current-password", "one-time-code"):
        assert f'autocomplete="{kind}"' in page
    assert page.count("autofocus") == 1


def test_a_missing_field_is_described_and_focused(ada: User) -> None:
    page = sign_in(browser(), ada, password="").content.decode()
    field = re.search(r"<input[^>]*name=\"password\"[^>]*>", page)
    assert field is not None
    assert 'aria-describedby="id_password_error"' in field[0]
    assert "autofocus" in field[0]
    assert 'id="id_password_error"' in page
    assert AuditEvent.objects.filter(event=Event.SIGN_IN_FAILED).count() == 0
