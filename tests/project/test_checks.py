"""Start-up checks: each finds its fault, says what to do about it, and repeats no secret; a fault stops every start."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
import pytest
from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.core.checks.registry import registry
from django.core.management import call_command

from payouts import checks

ROOT = Path(__file__).resolve().parents[2]
REAL = {"treasury": "zoomex://canary-key:canary-secret@openapi.zoomex.com"}
TWO_NAMES = {"treasury": REAL["treasury"], "backup": f"{REAL['treasury']}?timeout=5"}
LOCAL = {"treasury": "zoomex+http://canary-key:canary-secret@127.0.0.1:9"}

# check -> what is wrong -> the id that says so
SERVER = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db.internal", "PORT": ""}}
FAULTS: list[tuple[Any, dict[str, Any], str]] = [
    (checks.secrets_are_set, {"SECRET_KEY": ""}, "payouts.E001"),
    (checks.secrets_are_set, {"SECRET_KEY": "canary-short"}, "payouts.E001"),
    (checks.secrets_are_set, {"SECOND_FACTOR_KEY": ""}, "payouts.E002"),
    (checks.secrets_are_set, {"SECOND_FACTOR_KEY": "canary-" + "x" * 24}, "payouts.E002"),
    (checks.database_is_postgresql, {"DATABASES": {}}, "payouts.E003"),
    (checks.database_is_postgresql, {"DATABASES": {"default": {"ENGINE": "sqlite3"}}}, "payouts.E003"),
    (checks.approvals_are_required, {"APPROVALS_REQUIRED": 0}, "payouts.E004"),
    (checks.approvals_are_required, {"APPROVALS_REQUIRED": -1}, "payouts.E004"),
    (checks.approvals_are_required, {"APPROVALS_REQUIRED": 1}, "payouts.W001"),
    (checks.approvals_expire, {"APPROVE_WITHIN": timedelta(0)}, "payouts.E012"),
    (checks.approvals_expire, {"APPROVE_WITHIN": timedelta(hours=-1)}, "payouts.E012"),
    (checks.approvals_expire, {"SEND_WITHIN": timedelta(0)}, "payouts.E013"),
    (checks.approvals_expire, {"SEND_WITHIN": timedelta(minutes=4)}, "payouts.E013"),
    (checks.nothing_is_called_unpaid_too_soon, {"NOT_PAID_AFTER": timedelta(0)}, "payouts.E015"),
    (checks.looks_are_apart, {"LOOK_AGAIN_AFTER": timedelta(seconds=60)}, "payouts.E014"),
    (checks.accounts_are_readable, {"PROVIDER_ACCOUNT_SECRETS": {"treasury": "canary"}}, "payouts.E005"),
    (
        checks.accounts_are_readable,
        {"PROVIDER_ACCOUNT_SECRETS": {"treasury": "zoomex+http://canary-key:canary-secret@openapi.zoomex.com"}},
        "payouts.E005",
    ),
    (checks.accounts_are_readable, {"PROVIDER_ACCOUNT_FAULTS": {"PROVIDER_ACCOUNT_X_FILE": "…"}}, "payouts.E005"),
    (checks.the_witness_lies_elsewhere, {"WITNESS_URL": "canary"}, "payouts.E016"),
    (checks.the_witness_lies_elsewhere, {"WITNESS_URL": "file:canary"}, "payouts.E016"),
    (
        checks.the_witness_lies_elsewhere,
        {"WITNESS_URL": "postgres://a:canary@db.internal/w", "DATABASES": SERVER, "PROVIDER_ACCOUNT_SECRETS": REAL},
        "payouts.E017",
    ),
    (checks.one_key_has_one_name, {"PROVIDER_ACCOUNT_SECRETS": TWO_NAMES}, "payouts.E020"),
    (checks.debug_stays_away_from_money, {"PROVIDER_ACCOUNT_SECRETS": REAL, "DEBUG": True}, "payouts.E006"),
    (checks.debug_stays_away_from_money, {"PROVIDER_ACCOUNT_SECRETS": REAL, "DEMO": True}, "payouts.E007"),
    (checks.plain_http_stays_local, {"HTTPS_ONLY": False, "ALLOWED_HOSTS": ["pay.example.com"]}, "payouts.E008"),
    (checks.plain_http_stays_local, {"HTTPS_ONLY": False, "ALLOWED_HOSTS": ["*"]}, "payouts.E008"),
    (checks.debug_stays_local, {"DEBUG": True, "ALLOWED_HOSTS": ["pay.example.com"]}, "payouts.E009"),
    (checks.debug_stays_local, {"DEBUG": True, "ALLOWED_HOSTS": [".localhost"]}, "payouts.E009"),
    (checks.hosts_are_named, {"ALLOWED_HOSTS": ["pay.example.com", "*"]}, "payouts.E010"),
    (checks.hosts_are_named, {"ALLOWED_HOSTS": [".example.com"]}, "payouts.E010"),
    (checks.links_lead_home, {"PROVIDER_ACCOUNT_SECRETS": REAL, "SITE_URL": ""}, "payouts.E011"),
    (checks.links_lead_home, {"PROVIDER_ACCOUNT_SECRETS": REAL, "SITE_URL": "http://pay.example.com"}, "payouts.E011"),
    (checks.links_lead_home, {"PROVIDER_ACCOUNT_SECRETS": REAL, "SITE_URL": "https://"}, "payouts.E011"),
]


Assign = Callable[[dict[str, Any]], None]


@pytest.fixture
def assign(monkeypatch: pytest.MonkeyPatch) -> Assign:
    """`assign(values)`: these settings for the test; without Django's signals, which object to DATABASES."""

    def assigned(values: dict[str, Any]) -> None:
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)

    return assigned


@pytest.mark.parametrize(("check", "wrong", "found"), FAULTS)
def test_a_fault_is_found_with_its_id_and_a_hint(check: Any, wrong: dict[str, Any], found: str, assign: Assign) -> None:
    assert check() == []
    assign(wrong)
    messages: list[CheckMessage] = check()
    assert [message.id for message in messages] == [found]
    assert messages[0].hint
    assert messages[0].is_serious() is (".E" in found)
    assert "canary" not in str(messages[0])


def test_two_faults_are_both_said(assign: Assign) -> None:
    assign({"SECRET_KEY": "", "SECOND_FACTOR_KEY": ""})
    assert [message.id for message in checks.secrets_are_set()] == ["payouts.E001", "payouts.E002"]
    assign({"PROVIDER_ACCOUNT_SECRETS": REAL, "DEBUG": True, "DEMO": True})
    assert [message.id for message in checks.debug_stays_away_from_money()] == ["payouts.E006", "payouts.E007"]


def test_the_demo_may_run_beside_its_own_simulators(assign: Assign) -> None:
    assign({"PROVIDER_ACCOUNT_SECRETS": LOCAL, "DEBUG": True, "DEMO": True, "HTTPS_ONLY": False})
    assign({"ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"]})
    assert [message for message in run_checks() if str(message.id).startswith("payouts.E")] == []


def test_a_witness_on_another_server_or_beside_the_simulators_is_fine(assign: Assign) -> None:
    assign({"WITNESS_URL": "postgres://a:b@db.internal/w", "DATABASES": SERVER, "PROVIDER_ACCOUNT_SECRETS": LOCAL})
    assert checks.the_witness_lies_elsewhere() == []
    assign({"PROVIDER_ACCOUNT_SECRETS": REAL})
    for elsewhere in ("postgres://a:b@db.other/w", "postgres://a:b@db.internal:5433/w", "file:/var/lib/witness"):
        assign({"WITNESS_URL": elsewhere})
        assert checks.the_witness_lies_elsewhere() == []


def test_one_key_under_two_names_is_told_by_the_names_of_both(settings: Any) -> None:
    settings.PROVIDER_ACCOUNT_SECRETS = TWO_NAMES | {"other": "zoomex://canary-key:another@openapi.zoomex.com"}
    (found,) = checks.one_key_has_one_name()
    assert found.msg == "PROVIDER_ACCOUNT_BACKUP and PROVIDER_ACCOUNT_TREASURY hold the same key: one key has one name."


def test_every_check_is_registered() -> None:
    ours = {check for check in registry.get_checks() if check.__module__ == "payouts.checks"}
    assert ours == {check for check, _, _ in FAULTS}


def test_the_suite_itself_starts_clean() -> None:
    assert [message.id for message in run_checks()] == []


# -- as operators meet them --


def production(tmp_path: Path, **changed: str | None) -> dict[str, str]:
    """The production example as an environment, changed; None leaves a variable out."""
    read: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(environ.Env, "ENVIRON", read)
        environ.Env.read_env(ROOT / ".env.example")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    kept["ENV_FILE"] = str(tmp_path / "none")  # a .env of this checkout would fill in what is left out
    return {name: value for name, value in (kept | read | changed).items() if value is not None}


def start(environment: dict[str, str], *command: str) -> tuple[int, str]:
    """How a start ended, and what it said."""
    ended = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


WEB = ("-c", "import backoffice.wsgi")
WORKER = ("manage.py", "worker")
UNFIT: list[tuple[dict[str, str | None], str]] = [
    ({"DEBUG": "on"}, "payouts.E006"),
    ({"APPROVALS_REQUIRED": "abc"}, "payouts.E004"),
    ({"APPROVE_WITHIN_HOURS": "soon"}, "payouts.E012"),
    ({"SEND_WITHIN_MINUTES": "99999999999999"}, "payouts.E013"),
    ({"LOOK_AGAIN_AFTER_SECONDS": "often"}, "payouts.E014"),
    ({"SECRET_KEY": None}, "payouts.E001"),
    ({"DATABASE_URL": None}, "payouts.E003"),
    ({"SITE_URL": None}, "payouts.E011"),
    ({"PROVIDER_ACCOUNT_TREASURY": None, "PROVIDER_ACCOUNT_TREASURY_FILE": "/no/such/file"}, "payouts.E005"),
]


@pytest.mark.parametrize("command", [WEB, WORKER], ids=["web", "worker"])
@pytest.mark.parametrize(("changed", "found"), UNFIT, ids=[found for _, found in UNFIT])
def test_nothing_starts_while_a_check_finds_an_error(
    command: tuple[str, ...], changed: dict[str, str | None], found: str, tmp_path: Path
) -> None:
    status, said = start(production(tmp_path, **changed), *command)
    assert status != 0
    assert f"({found})" in said
    assert "HINT" in said
    for secret in ("replace-me", "API_SECRET@", "ACCESS_KEY@", "password@"):
        assert secret not in said


def test_the_production_example_starts_and_is_clean(tmp_path: Path) -> None:
    environment = production(tmp_path)
    assert start(environment, *WEB)[0] == 0
    status, said = start(environment, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (status, "no issues" in said) == (0, True), said


def test_checking_is_part_of_every_command() -> None:
    call_command("check", fail_level="WARNING")
