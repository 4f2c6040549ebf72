"""Start-up checks that ask the server: each finds its fault beside real accounts, with a hint, and stops a worker."""

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from payouts import database_checks
from payouts.database_checks import Facts, ask, faults, the_server_keeps_what_was_committed
from payouts.management.commands import worker
from tests.props.rows.pooler import losing_notifications

REAL = {"treasury": "zoomex://canary-key:canary-secret@openapi.zoomex.com"}
LOCAL = {"treasury": "zoomex+http://canary-key:canary-secret@127.0.0.1:9"}
RIGHT = Facts(
    flushes=True,
    waits_for_the_flush=True,
    writes_full_pages=True,
    standbys=0,
    waits_for_standbys=False,
    tells_its_names=True,
    hears=True,
)
FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"flushes": False}, "payouts.E021", "fsync is off"),
    ({"waits_for_the_flush": False}, "payouts.E022", "synchronous_commit is off"),
    ({"hears": False}, "payouts.E023", "notification does not arrive"),
    ({"writes_full_pages": False}, "payouts.W010", "full_page_writes is off"),
    ({"standbys": 1}, "payouts.W011", "synchronous_standby_names is empty"),
    ({"tells_its_names": False}, "payouts.W012", "system identifier"),
]


@pytest.mark.parametrize(("changes", "found", "said"), FAULTS)
def test_a_fault_of_the_server_is_found_with_its_id_and_a_hint(changes: Any, found: str, said: str) -> None:
    (message,) = faults(replace(RIGHT, **changes))
    assert message.id == found
    assert said in message.msg
    assert message.hint
    assert message.is_serious() is (".E" in found)


def test_a_pooler_is_named_where_notifications_are_lost() -> None:
    (message,) = faults(replace(RIGHT, hears=False))
    assert "PgBouncer in transaction mode" in str(message.hint)


def test_what_is_right_is_not_said() -> None:
    assert faults(RIGHT) == []
    assert faults(replace(RIGHT, standbys=2, waits_for_standbys=True)) == []


# -- asked of the real server --


@pytest.mark.django_db
@pytest.mark.parametrize(("word", "waits"), [("off", False), ("on", True), ("local", True), ("remote_apply", True)])
def test_the_session_is_asked_whether_it_waits_for_the_flush(word: str, waits: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL synchronous_commit = {word}")
    assert ask().waits_for_the_flush is waits


@pytest.mark.django_db
def test_the_server_is_asked_for_its_own_settings() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on'")
        flushes, writes_full_pages = cursor.fetchone()
    found = ask()
    assert (found.flushes, found.writes_full_pages) == (flushes, writes_full_pages)
    assert (found.standbys, found.waits_for_standbys, found.tells_its_names, found.hears) == (0, False, True, True)


@pytest.mark.django_db
def test_a_pooler_that_loses_notifications_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with losing_notifications(connection) as through:
        monkeypatch.setattr(database_checks, "connection", through)
        monkeypatch.setattr(database_checks, "_SECONDS_TO_HEAR", 0.2)
        assert not ask().hears


@pytest.mark.django_db
def test_a_database_that_cannot_be_reached_is_said_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PROVIDER_ACCOUNT_SECRETS", REAL)
    nowhere = connection.copy()
    nowhere.settings_dict["PASSWORD"] = "canary"
    nowhere.settings_dict["OPTIONS"]["host"] = "/dev/null/nowhere"
    nowhere.settings_dict["HOST"] = "/dev/null/nowhere"
    monkeypatch.setattr(database_checks, "connection", nowhere)
    (message,) = the_server_keeps_what_was_committed(databases=["default"])
    assert message.id == "payouts.E024"
    assert "canary" not in str(message)


# -- when it is asked --


@pytest.mark.parametrize(
    ("accounts", "databases", "found"),
    [(REAL, ["default"], ["payouts.E021"]), (REAL, None, []), (LOCAL, ["default"], [])],
)
def test_the_server_is_asked_beside_real_accounts_where_a_database_is_named(
    accounts: dict[str, str], databases: list[str] | None, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PROVIDER_ACCOUNT_SECRETS", accounts)
    monkeypatch.setattr(database_checks, "ask", lambda: replace(RIGHT, flushes=False))
    messages = run_checks(tags=[Tags.database], databases=databases)
    assert [message.id for message in messages] == found


def test_no_server_is_asked_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PROVIDER_ACCOUNT_SECRETS", REAL)
    monkeypatch.setattr(settings, "DATABASES", {})
    assert the_server_keeps_what_was_committed(databases=["default"]) == []


@pytest.mark.parametrize("command", [["worker"], ["check", "--database", "default"]])
def test_a_worker_does_not_start_and_a_check_fails_while_the_server_loses_what_was_committed(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PROVIDER_ACCOUNT_SECRETS", REAL)
    monkeypatch.setattr(database_checks, "ask", lambda: replace(RIGHT, flushes=False))
    monkeypatch.setattr(worker, "_work", pytest.fail)
    monkeypatch.setattr(worker, "threading", None)
    with pytest.raises(SystemCheckError, match=r"payouts\.E021"):
        call_command(*command)  # which skips the checks that every command has; the worker's own are not to be skipped


def test_it_is_registered() -> None:
    assert the_server_keeps_what_was_committed in registry.get_checks()
