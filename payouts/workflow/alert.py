"""Alerts: what somebody has to be told of at once. A row in the trail, a line in the log, a mail to ALERTS_TO."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from payouts import audit
from payouts.audit import Actor, Event, Subject
from payouts.domain.alert import Alert

log = logging.getLogger(__name__)


def raise_alert(alert: Alert, *, about: Subject, sentence: str, by: Actor) -> None:
    """Write it into the trail, in the caller's transaction; log and mail it once that is committed.

    `sentence` says what it is about in this case: names of accounts, ids and codes, and never an address, an amount or
    what a person or a provider wrote, because mail is read by machines on its way. A mail server that is away stops
    nothing: the row and the line in the log are there.
    """
    audit.record(Event.ALERT_RAISED, by=by, about=about, alert=alert, sentence=sentence)
    transaction.on_commit(lambda: _tell(alert, about, sentence), robust=True)


def _tell(alert: Alert, about: Subject, sentence: str) -> None:
    log.critical("alert", extra={"code": alert.value, "about": f"{about._meta.model_name} {about.pk}"})
    text = f"{alert.sentence}\n\n{sentence}\n{_link(about)}\n\nWhat to do: docs/runbook.md, “{alert.label}”.\n"
    try:
        send_mail(f"Countersign: {alert.label}", text, None, settings.ALERTS_TO)
    except (SMTPException, OSError):
        log.exception("An alert could not be mailed", extra={"code": alert.value})


def _link(about: Subject) -> str:
    """Its own page; the desk, for what has none."""
    try:
        page = reverse(f"admin:{about._meta.app_label}_{about._meta.model_name}_change", args=[about.pk])
    except NoReverseMatch:
        page = reverse("admin:index")
    return f"{settings.SITE_URL}{page}"
