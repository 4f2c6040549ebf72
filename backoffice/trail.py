"""What Django tells by signals only, written to the audit trail."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from payouts import audit
from payouts.audit import Event


@receiver(user_logged_out)
def record_sign_out(sender: Any, user: User | None, **kwargs: Any) -> None:  # noqa: ARG001
    """One row per sign-out of somebody known."""
    if user is not None:
        audit.record(Event.SIGNED_OUT, by=user, about=user)
