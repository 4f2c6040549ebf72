"""Alerts: a row in the trail; a line in the log and a mail once that is committed; and nothing private in them."""

import json
import logging
from contextlib import suppress
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.db import transaction

from backoffice.logs import JsonFormatter
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.models import Account, Address
from payouts.workflow import alert, pause
from payouts.workflow.alert import raise_alert
from tests.cast import Cast, approved
from tests.doubles import Crash
from tests.trail import told

pytestmark = pytest.mark.django_db

WORKER = Worker("worker test:1")


@pytest.fixture(autouse=True)
def _addressed(settings: Any) -> None:
    settings.ALERTS_TO = ["finance@example.com", "operations@example.com"]
    settings.SITE_URL = "https://pay.example.com"


def test_an_alert_is_in_the_trail_and_mailed_once_committed(
    treasury: Account, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with told() as events, django_capture_on_commit_callbacks(execute=True):
        raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="Account treasury: 700 ms ahead.", by=WORKER)
        assert mail.outbox == []
    (event,) = events
    assert (event.event, event.actor_name, event.subject_type) == (Event.ALERT_RAISED, WORKER.name, "account")
    assert event.facts == {"alert": "clock_wrong", "sentence": "Account treasury: 700 ms ahead."}
    (sent,) = mail.outbox
    assert sent.to == ["finance@example.com", "operations@example.com"]
    assert sent.subject == f"Countersign: {Alert.CLOCK_WRONG.label}"
    assert Alert.CLOCK_WRONG.sentence in sent.body
    assert "Account treasury: 700 ms ahead." in sent.body
    assert f"https://pay.example.com/payouts/account/{treasury.pk}/" in sent.body
    line = json.loads(JsonFormatter().format(next(each for each in caplog.records if each.message == "alert")))
    assert (line["level"], line["code"], line["about"]) == ("critical", "clock_wrong", f"account {treasury.pk}")


def test_what_is_rolled_back_was_never_an_alert(treasury: Account, django_capture_on_commit_callbacks: Any) -> None:
    with told() as events, django_capture_on_commit_callbacks(execute=True), suppress(Crash), transaction.atomic():
        raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="It is wrong.", by=WORKER)
        raise Crash
    assert (events, mail.outbox) == ([], [])


@pytest.mark.parametrize("failure", [SMTPServerDisconnected("canary"), OSError("canary"), TimeoutError()])
@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_away_stops_nothing(
    transactional_db: None,
    cast: Cast,
    treasury: Account,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise failure

    monkeypatch.setattr(alert, "send_mail", away)
    assert pause.pause_account(treasury.pk, reason="A payee looks wrong", by=cast.keeper).released_at is None
    assert "An alert could not be mailed" in caplog.text
    assert all("canary" not in JsonFormatter().format(record) for record in caplog.records)


def test_without_anybody_to_mail_it_is_still_in_the_trail_and_the_log(
    treasury: Account, settings: Any, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALERTS_TO = []
    with told() as events, django_capture_on_commit_callbacks(execute=True):
        raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="It is wrong.", by=WORKER)
    assert len(events) == 1
    assert mail.outbox == []
    assert [record.levelno for record in caplog.records if record.message == "alert"] == [logging.CRITICAL]


def test_what_has_no_page_leads_to_the_desk(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    assert alert._link(asked).endswith(f"/payouts/withdrawal/{asked.pk}/")
    assert alert._link(asked.approvals.get(approver=cast.first_approver)) == "https://pay.example.com/"  # type: ignore[arg-type]


def test_a_mail_names_no_address_no_amount_and_nothing_that_somebody_wrote(
    cast: Cast, payee: Address, django_capture_on_commit_callbacks: Any
) -> None:
    approved(cast, payee)
    with django_capture_on_commit_callbacks(execute=True):
        pause.stop_account(payee.account, code="10003", message=f"canary {payee.address} 1250.00", by=WORKER)
        pause.pause_account(payee.account_id, reason=f"canary {payee.address}", by=cast.keeper)
        pause.pause_everything(reason=f"canary {payee.address}", by=cast.keeper)
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        text = f"{sent.subject} {sent.body}"
        assert "canary" not in text
        assert payee.address not in text
        assert "1250" not in text
    assert "10003" in mail.outbox[0].body


def test_the_runbook_has_a_chapter_for_each_alert() -> None:
    text = (Path(django_settings.BASE_DIR) / "docs" / "runbook.md").read_text()
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert [each.label for each in Alert if each.label not in headings] == []
