"""Alerts: what somebody has to be told of at once. A row in the trail, a line in the log, a mail to ALERTS_TO."""

import logging

from django.db import transaction

from payouts import audit
from payouts.audit import Actor, Event, Subject
from payouts.domain.alert import Alert
from payouts.workflow import queue

log = logging.getLogger(__name__)


def raise_alert(alert: Alert, *, about: Subject, sentence: str, by: Actor) -> None:
    """Write an alert into the audit trail and queue its mail, in the caller's transaction; log it once committed.

    `sentence` names accounts, ids and codes, and never an address, an amount or what a person or a provider wrote,
    because mail is read by machines on its way. While the mail server is away the mail is tried again.
    """
    event = audit.record(Event.ALERT_RAISED, by=by, about=about, alert=alert, sentence=sentence)
    queue.ask_for_mail(event)
    transaction.on_commit(lambda: _log(alert, about), robust=True)


def _log(alert: Alert, about: Subject) -> None:
    log.critical("alert", extra={"code": alert.value, "about": f"{about._meta.model_name} {about.pk}"})
