"""Mails about alerts. The row in the trail is the alert; a mail only says that it is there, and leads to its page."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.urls import NoReverseMatch, reverse

from payouts.domain.alert import Alert
from payouts.models.audit import AuditEvent

log = logging.getLogger(__name__)

FAILURES = (SMTPException, OSError)


def mail_alert(event_id: int) -> None:
    """Mail one alert of the trail to ALERTS_TO. Raises one of FAILURES where the mail server did not take it.

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
    except FAILURES:
        log.exception("An alert could not be mailed", extra={"code": alert.value})
        raise


def _link(event: AuditEvent) -> str:
    """The page of what it is about; the desk, for what has none."""
    try:
        page = reverse(f"admin:payouts_{event.subject_type}_change", args=[event.subject_id])
    except NoReverseMatch:
        page = reverse("admin:index")
    return f"{settings.SITE_URL}{page}"
