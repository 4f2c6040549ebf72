"""Mails about alerts. The row in the trail is the alert; a mail only says that it is there, and leads to its page."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db.models.functions import Now
from django.urls import NoReverseMatch, reverse

from payouts.domain.alert import Alert
from payouts.models.audit import AuditEvent
from payouts.workflow import queue

log = logging.getLogger(__name__)

AGAIN_IN, TRIED_FOR = 60, timedelta(days=1)  # seconds, and how long


def mail_alert(event_id: int) -> None:
    """Mail one alert of the trail to ALERTS_TO; where the mail server does not take it, again and again for a day.

    A worker that ends between the mail server's yes and the end of its job has it mailed once more: rather twice than
    not at all.
    """
    event = AuditEvent.objects.get(pk=event_id)
    alert = Alert(event.facts["alert"])
    text = (
        f"{alert.sentence}\n\n{event.facts['sentence']}\nRaised at {event.at:%Y-%m-%d %H:%M:%S} UTC.\n"
        f"{_link(event)}\n\nWhat to do: docs/runbook.md, “{alert.label}”.\n"
    )
    try:
        send_mail(f"Countersign: {alert.label}", text, None, settings.ALERTS_TO)
    except (SMTPException, OSError):
        log.exception("An alert could not be mailed", extra={"code": alert.value})
        _try_again(event)


def _try_again(event: AuditEvent) -> None:
    """By the database's clock, since a worker's own may be what the alert is about."""
    if AuditEvent.objects.filter(pk=event.pk, at__gt=Now() - TRIED_FOR).exists():
        queue.ask_for_mail(event, in_seconds=AGAIN_IN)
    else:
        log.critical("An alert was never mailed", extra={"code": event.facts["alert"]})


def _link(event: AuditEvent) -> str:
    """The page of what it is about; the desk, for what has none."""
    try:
        page = reverse(f"admin:payouts_{event.subject_type}_change", args=[event.subject_id])
    except NoReverseMatch:
        page = reverse("admin:index")
    return f"{settings.SITE_URL}{page}"
