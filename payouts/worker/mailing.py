"""Mails about alerts. The alert is a row of the trail; its mail only says that there is one, and links to its page."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db.models.functions import Now
from django.urls import NoReverseMatch, reverse

from payouts.domain.alert import Alert
from payouts.models.audit import AuditEvent
from payouts.workflow import queue

log = logging.getLogger(__name__)

AGAIN_IN, TRIED_FOR = 60, timedelta(days=1)  # seconds, and how long


def mail_alert(event_id: int) -> None:
    """Mail one alert of the trail to ALERTS_TO, and to the people whose next step it is.

    A mail server that fails is tried again for a day.
    A worker that ends after the mail server took the mail and before its job ended has the mail sent twice.
    """
    event = AuditEvent.objects.get(pk=event_id)
    alert = Alert(event.facts["alert"])
    text = (
        f"{alert.sentence}\n\n{event.facts['sentence']}\nRaised at {event.at:%Y-%m-%d %H:%M:%S} UTC.\n"
        f"{_link(event)}\n\nWhat to do: docs/runbook.md, “{alert.label}”.\n"
    )
    try:
        send_mail(f"Countersign: {alert.label}", text, None, [*settings.ALERTS_TO, *_people_to_tell(alert)])
    except (SMTPException, OSError):
        log.exception("An alert could not be mailed", extra={"code": alert.value})
        _try_again(event)


def _people_to_tell(alert: Alert) -> list[str]:
    """The addresses of those whose next step it is."""
    people = User.objects.filter(is_active=True, groups__name__in=[role.value for role in alert.tells])
    found = people.exclude(email="").order_by("email").values_list("email", flat=True).distinct()
    return [address for address in found if address not in settings.ALERTS_TO]


def _try_again(event: AuditEvent) -> None:
    """Queue the mail again, until TRIED_FOR after the alert.

    By the database's clock, since a worker's own may be what the alert is about.
    """
    if AuditEvent.objects.filter(pk=event.pk, at__gt=Now() - TRIED_FOR).exists():
        queue.ask_for_mail(event, in_seconds=AGAIN_IN)
    else:
        log.critical("An alert was never mailed", extra={"code": event.facts["alert"]})


def _link(event: AuditEvent) -> str:
    """The URL of the page of the alert's subject; of the desk where the subject has no page."""
    try:
        page = reverse(f"admin:payouts_{event.subject_type}_change", args=[event.subject_id])
    except NoReverseMatch:
        page = reverse("admin:index")
    return f"{settings.SITE_URL}{page}"
