"""Fixtures that every test may ask for: the cast, the two accounts, and a database that can be emptied."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django_otp
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.commands import flush
from django.db.models import F
from django.test import Client

from payouts.models import Account, Address, Authenticator
from payouts.worker import accounts, witnessing
from tests.props import cast as props
from tests.props.cast import FAST_HASHER, Cast
from tests.props.pages.visits import browser
from tests.props.providers.doubles import ScriptedProvider
from tests.props.rows import emptying
from tests.props.witness.believing import BelievingWitness, in_step
from tests.props.worker import Plug

LONGEST = ("tests/machine/test_machine.py", "tests/boundaries/test_matrix.py")


def pytest_configure() -> None:
    """Cheap hashes, and static files straight from the source folders."""
    settings.PASSWORD_HASHERS = [FAST_HASHER]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the tests that commit, which pytest-django puts last, the longest begin first: at the end all are busy."""
    longest = [item for item in items if item.nodeid.startswith(LONGEST)]
    others = [item for item in items if not item.nodeid.startswith(LONGEST)]
    first = next((place for place, item in enumerate(others) if _commits(item)), len(others))
    items[:] = [*others[:first], *longest, *others[first:]]


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return marker is not None and bool(marker.kwargs.get("transaction"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which tests that commit leave as the migrations made it."""

    def go_back(self: flush.Command, **options: Any) -> None:
        emptying.go_back()

    with pytest.MonkeyPatch.context() as patches:  # for the session: a test's own ends before its flush
        patches.setattr(flush.Command, "handle", go_back)
        with django_db_blocker.unblock():
            emptying.keep()
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    return props.hire()


@pytest.fixture
def treasury(db: None) -> Account:
    """The Zoomex account."""
    return Account.objects.get(name="treasury")


@pytest.fixture
def merchant(db: None) -> Account:
    """The Swapspace account."""
    return Account.objects.get(name="merchant")


@pytest.fixture
def payee(cast: Cast, treasury: Account) -> Address:
    """An active UID of the Zoomex account."""
    return props.active_address(cast, treasury)


@pytest.fixture
def chain_payee(cast: Cast, merchant: Account) -> Address:
    """An active TRON address of the Swapspace account."""
    return props.active_address(cast, merchant)


class SignIn:
    """Makes browsers that are signed in, without walking through the login page."""

    def __call__(self, user: User, *, verified: bool = True) -> Client:
        """A client of this person; with the second factor proved unless told otherwise."""
        import time

        from backoffice.doors.middleware import SIGNED_IN_AT

        client = browser()
        client.force_login(user)
        session = client.session
        session[SIGNED_IN_AT] = time.time()
        if verified:
            session[django_otp.DEVICE_ID_SESSION_KEY] = Authenticator.objects.get(user=user).persistent_id
        session.save()
        return client


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """`sign_in(user)` is a client with that person's session."""
    return SignIn()


@pytest.fixture(autouse=True)
def _believing_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not about witnesses has one that knows what the rows say."""
    monkeypatch.setattr(witnessing, "witness", BelievingWitness)
    monkeypatch.setattr(witnessing, "_of_this_database", lambda by: in_step())


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """`plug(provider)` puts it in for every account."""

    def put_in(provider: ScriptedProvider) -> ScriptedProvider:
        monkeypatch.setattr(accounts, "client", lambda account_name: provider)
        return provider

    return put_in


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Sleeping moves the accounts' last answers into the past instead; how long was slept."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        past = timedelta(seconds=seconds)
        Account.objects.update(last_answer_at=F("last_answer_at") - past)

    monkeypatch.setattr("payouts.worker.dispatch.time.sleep", sleep)
    return slept
