"""A mail about an alert: to whom, what it says, and that it holds nothing private."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice.logs import JsonFormatter
from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.models import Account, Address
from payouts.models.audit import AuditEvent
from payouts.worker import mailing
from payouts.workflow.alert import raise_alert
from payouts.workflow.stopping import pause
from tests.props.cast import Cast, approved
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _addressed(settings: Any) -> None:
    settings.ALERTS_TO = ["finance@example.com", "operations@example.com"]
    settings.SITE_URL = "https://pay.example.com"


def raised(about: Any) -> AuditEvent:
    raise_alert(Alert.CLOCK_WRONG, about=about, sentence="Account treasury: 700 ms ahead.", by=WORKER)
    return AuditEvent.objects.get(event=Event.ALERT_RAISED)


def refuse(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise failure

    monkeypatch.setattr(mailing, "send_mail", away)


def test_it_says_what_happened_when_and_where_to_look(treasury: Account) -> None:
    event = raised(treasury)
    mailing.mail_alert(event.pk)
    (sent,) = mail.outbox
    assert sent.to == ["finance@example.com", "operations@example.com"]
    assert sent.subject == f"Countersign: {Alert.CLOCK_WRONG.label}"
    assert Alert.CLOCK_WRONG.sentence in sent.body
    assert "Account treasury: 700 ms ahead." in sent.body
    assert f"Raised at {event.at:%Y-%m-%d %H:%M:%S} UTC." in sent.body
    assert f"https://pay.example.com/payouts/account/{treasury.pk}/" in sent.body
    assert f"docs/runbook.md, “{Alert.CLOCK_WRONG.label}”" in sent.body


def test_what_has_a_page_leads_to_it_and_what_has_none_to_the_desk(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    for about, page in ((asked, f"/payouts/withdrawal/{asked.pk}/"), (asked.proposal.approvals.earliest("pk"), "/")):
        event = AuditEvent(subject_type=str(about._meta.model_name), subject_id=str(about.pk))
        assert mailing._link(event) == f"https://pay.example.com{page}"


def test_who_has_to_approve_anew_is_told_as_well(cast: Cast, payee: Address) -> None:
    cast.third_approver.is_active = False
    cast.third_approver.save()
    raise_alert(Alert.APPROVAL_VOID, about=approved(cast, payee), sentence="abc: not_enough_approvals", by=WORKER)
    mailing.mail_alert(AuditEvent.objects.get(event=Event.ALERT_RAISED).pk)
    (sent,) = mail.outbox
    people = ["first_approver@example.com", "second_approver@example.com"]
    assert sent.to == ["finance@example.com", "operations@example.com", *people]


def test_nobody_to_mail_is_no_fault(treasury: Account, settings: Any) -> None:
    settings.ALERTS_TO = []
    mailing.mail_alert(raised(treasury).pk)
    assert mail.outbox == []


@pytest.mark.parametrize("failure", [SMTPServerDisconnected("canary"), OSError("canary"), TimeoutError()])
def test_a_mail_that_was_not_taken_is_tried_again_in_a_minute_by_the_databases_clock(
    treasury: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    event = raised(treasury)
    refuse(monkeypatch, failure)
    mailing.mail_alert(event.pk)
    first, again = ProcrastinateJob.objects.order_by("id")
    assert (again.task_name, again.args, again.lock, again.priority) == ("mail_alert", first.args, first.lock, -1)
    assert timedelta(seconds=55) < again.scheduled_at - timezone.now() <= timedelta(seconds=60)
    assert first.scheduled_at is None
    assert "An alert could not be mailed" in caplog.text
    assert all("canary" not in JsonFormatter().format(record) for record in caplog.records)


def test_after_a_day_it_is_given_up_and_told_of(
    treasury: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    event = raised(treasury)
    monkeypatch.setattr(mailing, "TRIED_FOR", timedelta())
    refuse(monkeypatch, OSError("canary"))
    mailing.mail_alert(event.pk)
    assert ProcrastinateJob.objects.count() == 1
    assert "An alert was never mailed" in caplog.text


def test_a_mail_names_no_address_no_amount_and_nothing_that_somebody_wrote(cast: Cast, payee: Address) -> None:
    approved(cast, payee)
    pause.stop_account(payee.account, code="10003", message=f"canary {payee.address} 1250.00", by=WORKER)
    pause.pause_account(payee.account_id, reason=f"canary {payee.address}", by=cast.keeper)
    pause.pause_everything(reason=f"canary {payee.address}", by=cast.keeper)
    for job in ProcrastinateJob.objects.filter(task_name="mail_alert").order_by("id"):
        mailing.mail_alert(**job.args)
    assert len(mail.outbox) == 3
    for sent in mail.outbox:
        text = f"{sent.subject} {sent.body}"
        assert "canary" not in text
        assert payee.address not in text
        assert "1250" not in text
    assert "10003" in mail.outbox[0].body
