"""Invitations: the link by which a new person chooses a password. Works once, for PASSWORD_RESET_TIMEOUT."""

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode


def link_for(user: User, *, base_url: str) -> str:
    """The person's link, below the site's own address such as https://payouts.example.com."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    return base_url.rstrip("/") + reverse("password_reset_confirm", args=[uid, token])


def site_url(request: HttpRequest) -> str:
    """The site's own address, for links in mails: SITE_URL; without it, for development, the request's host.

    A request's host is the caller's word and never enough where money is real.
    """
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def send_invitation(user: User, *, request: HttpRequest) -> None:
    """Send the link to the person's address. Raises SMTPException or OSError when the mail server fails."""
    site = site_url(request)
    facts = {
        "user": user,
        "link": link_for(user, base_url=site),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "again": site + reverse("admin_password_reset"),
    }
    text = render_to_string("registration/invitation_email.txt", facts)
    send_mail("Your invitation to Countersign", text, None, [user.email])
