"""Secrets stay hidden: not in a page, a log line, the trail, an e-mail, a table, or the page for a fault (S20)."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from backoffice.logs import JsonFormatter
from payouts.models import Account, Address, AuditEvent, Authenticator, PersonSession, Submission, Withdrawal
from payouts.worker import dispatch
from payouts.workflow.people import second_factor
from tests.conftest import SignIn
from tests.props.cast import PASSWORD, Cast, code_of, raised
from tests.props.pages.crawl import crawl, tables
from tests.props.pages.pages import act_on
from tests.props.pages.visits import browser, wrong_code
from tests.props.pages.visits import sign_in as fill_in

pytestmark = pytest.mark.django_db


def derived_keys() -> list[str]:
    """What authenticator apps hold, which the database must not."""
    return [spelt for device in Authenticator.objects.all() for spelt in (device.base32_key, device.bin_key.hex())]


def canaries() -> list[str]:
    """Everything that must not turn up anywhere."""
    found = [settings.SECRET_KEY, settings.SECOND_FACTOR_KEY, PASSWORD, *derived_keys()]
    return [
        *found,
        "canary-api-key",
        "canary-api-secret",
        "canary-access-key",
        settings.DATABASES["default"]["PASSWORD"],
    ]


def leaks(text: str, secrets: list[str]) -> list[str]:
    """The secrets that a text holds."""
    return [secret for secret in secrets if secret and secret.lower() in text.lower()]


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Every log line of the test, as production writes it, but from DEBUG on."""
    written = StringIO()
    writer = logging.StreamHandler(written)
    writer.setFormatter(JsonFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(writer)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(writer)
    root.setLevel(before)


def test_no_page_holds_a_secret(scene: Cast, everybody: User, sign_in: SignIn) -> None:
    secrets = canaries() + [device.key for device in Authenticator.objects.all()]
    secrets += second_factor.renew_recovery_codes(code_of(everybody), by=everybody)
    for user in (everybody, scene.requester, scene.auditor, scene.administrator, scene.outsider):
        for url, page in crawl(sign_in(user)).items():
            assert leaks(page, secrets) == [], url


def test_what_a_working_day_leaves_holds_no_secret(cast: Cast, payee: Address, log: StringIO) -> None:
    """Signing in rightly and wrongly, approving, sending, changing a factor: logs, trail, e-mail and every table."""
    it, user = raised(cast, payee), cast.first_approver
    typed = ["wrong-password-canary", wrong_code(user)]
    fill_in(browser(), user, password=typed[0])
    fill_in(browser(), user, code=typed[1])
    codes = second_factor.renew_recovery_codes(code_of(user), by=user)
    for approver in (user, cast.second_approver):
        client = browser()
        assert fill_in(client, approver).status_code == 302
        form = {"code": code_of(approver), "digest": it.proposal.digest}
        assert client.post(act_on(it, "approve"), form).status_code == 302
        typed.append(form["code"])
    dispatch.drain("treasury", stop=lambda: False)
    assert Submission.objects.get().outcome == "not_executed"
    browser().post("/password/", {"email": user.email})

    secrets = canaries() + codes + [code.replace("-", "") for code in codes] + typed[:1]
    assert '"logger": "payouts.worker.dispatch"' in log.getvalue()
    assert leaks(log.getvalue(), secrets) == []
    assert leaks(str(list(AuditEvent.objects.values_list("facts", "actor_name", "subject_id"))), secrets + typed) == []
    assert leaks(str([message.message() for message in mail.outbox]), secrets) == []
    dump = "\n".join(row for rows in tables().values() for row in rows)
    dump += str([session.get_decoded() for session in PersonSession.objects.all()])
    assert user.username in dump
    assert leaks(dump, secrets) == []


def test_the_page_for_a_fault_shows_nothing_of_it(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    answer = broken(sign_in(cast.requester), monkeypatch)
    assert answer == (500, [])
    assert "RuntimeError" in log.getvalue()
    assert leaks(log.getvalue(), canaries()) == []


def test_even_the_debug_page_keeps_secrets_to_itself(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    client = sign_in(cast.requester)
    settings.DEBUG = True
    status, leaked = broken(client, monkeypatch)
    assert (status, [secret for secret in leaked if secret != PASSWORD]) == (500, [])


def test_what_a_development_server_puts_beside_a_request_stays_hidden(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """It copies the process's environment, with the secrets within URLs."""
    client = sign_in(cast.requester)
    settings.DEBUG = True
    names = ("PROVIDER_ACCOUNT_TREASURY", "DATABASE_URL", "EMAIL_URL")
    client.defaults |= dict.fromkeys(names, "scheme://canary-api-key:canary-api-secret@host")
    assert broken(client, monkeypatch) == (500, [])


def broken(client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[str]]:
    """The answer of a page that fails with a secret in its message, and what it leaks."""

    def fail(*_: object) -> None:
        raise RuntimeError("something broke")

    monkeypatch.setattr("payouts.admin.shell.desk.desk", fail)
    client.raise_request_exception = False
    answer = client.get("/")
    text = answer.content.decode()
    assert ("Traceback" in text) is settings.DEBUG
    return answer.status_code, leaks(text, canaries())


def test_no_row_holds_an_accounts_credentials(treasury: Account) -> None:
    assert {field.name for field in Account._meta.fields} == {
        "id", "name", "provider", "customer", "kinds", "takes_remark", "can_look_up", "resend_allowed",
        "reviewed_until", "last_answer_at", "quiet_until", "quiet_because", "not_executed_in_a_row", "created_at",
        "host", "customer_since", "key_fingerprint",
    }  # fmt: skip
    assert treasury.name == "treasury"
    assert not Withdrawal.objects.exists()
