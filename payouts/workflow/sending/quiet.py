"""Quiet: an account that is left alone for a while, because its provider asked for it or cannot be reached."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.models import Account


def leave_alone(account: Account, wait: timedelta, *, code: str, message: str, by: Worker) -> None:
    """Ask nothing of the provider for `wait`, neither payments nor records, unless the account is quiet for longer.

    Joins the caller's transaction. The database's clock tells when the quiet is over.
    """
    ends_sooner = Q(quiet_until=None) | Q(quiet_until__lt=Now() + wait)
    quieter = Account.objects.filter(ends_sooner, pk=account.pk)
    quieter.update(quiet_until=Now() + wait, quiet_because=message[:300])
    audit.record(Event.ACCOUNT_QUIET, by=by, about=account, why=code[:32], seconds=wait.total_seconds())
