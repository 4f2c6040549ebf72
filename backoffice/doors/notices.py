"""E-mails that tell people what happened to their own access. Never a secret in them."""

import logging
from smtplib import SMTPException

from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.template.loader import render_to_string

from payouts import audit

log = logging.getLogger(__name__)


def send(user: User, subject: str, what: str) -> None:
    """Tell a person what happened, and what to do if it was not them.

    What happened is already committed: a mail server that fails is logged and stops nothing.
    """
    where = audit.origin.get()
    text = render_to_string("security/notice.txt", {"user": user, "what": what, "ip": where.ip})
    try:
        send_mail(f"Countersign: {subject}", text, None, [user.email])
    except (SMTPException, OSError):
        log.exception("A security notice could not be sent", extra={"kind": subject})
