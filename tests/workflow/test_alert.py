"""Alerts: a row in the trail and a mail to be sent, in one transaction; a line in the log once that is committed."""

import json
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice.logs import JsonFormatter
from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.models import Account
from payouts.workflow.alert import raise_alert
from tests.props.providers.doubles import Crash
from tests.props.trail import told
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db


def test_an_alert_is_in_the_trail_and_in_the_log_and_a_mail_of_it_waits(
    treasury: Account, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with told() as events, django_capture_on_commit_callbacks(execute=True):
        raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="Account treasury: 700 ms ahead.", by=WORKER)
        assert [record for record in caplog.records if record.message == "alert"] == []
    (event,) = events
    assert (event.event, event.actor_name, event.subject_type) == (Event.ALERT_RAISED, WORKER.name, "account")
    assert event.facts == {"alert": "clock_wrong", "sentence": "Account treasury: 700 ms ahead."}
    mail = ProcrastinateJob.objects.get()
    assert (mail.task_name, mail.args, mail.status) == ("mail_alert", {"event_id": event.pk}, "todo")
    [record] = [record for record in caplog.records if record.message == "alert"]
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["code"], line["about"]) == ("critical", "clock_wrong", f"account {treasury.pk}")
    assert record.levelno == logging.CRITICAL


def test_what_is_rolled_back_was_never_an_alert(treasury: Account, django_capture_on_commit_callbacks: Any) -> None:
    with told() as events, django_capture_on_commit_callbacks(execute=True), suppress(Crash), transaction.atomic():
        raise_alert(Alert.CLOCK_WRONG, about=treasury, sentence="It is wrong.", by=WORKER)
        raise Crash
    assert (events, ProcrastinateJob.objects.count()) == ([], 0)


def test_the_runbook_has_a_chapter_for_each_alert() -> None:
    text = (Path(django_settings.BASE_DIR) / "docs" / "runbook.md").read_text()
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert [each.label for each in Alert if each.label not in headings] == []
