"""This process's clock against each provider's: measured at the start and hourly, kept in memory, asked before a claim.

What is known here is of this machine only: other workers measure their own.
"""

import logging
import math
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.sending.clock import Clock, judge
from payouts.models import Account
from payouts.providers.base import Timed
from payouts.worker import accounts
from payouts.workflow.alert import raise_alert

log = logging.getLogger(__name__)

WHILE_RIGHT = timedelta(hours=1)
WHILE_NOT = timedelta(minutes=1)  # also while the provider cannot be asked


@dataclass(frozen=True)
class Measure:
    """How this process's clock stands against an account's provider; measured again from `again_at` (monotonic)."""

    clock: Clock
    again_at: float


_measures: dict[str, Measure] = {}
_measuring: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def may_send(account: str, *, by: Worker) -> bool:
    """Whether this process's clock permits sending through the account; measured first where it never was.

    True also when the provider could not be measured: one that cannot be asked cannot be told to pay either.
    """
    if account not in _measures:
        measure(account, by=by)
    return _measures[account].clock.may_send


def measure(account: str, *, by: Worker) -> None:
    """Measure the account's provider now and keep the result for `may_send`.

    A change is committed to the audit trail first, with an alert unless the clock is right again.
    """
    with _measuring[account]:
        before = _measures[account].clock if account in _measures else Clock.RIGHT
        try:
            provider = accounts.client(account)
        except accounts.NotOurs:  # nothing is sent, so the clock does not matter; by and by it may be accepted
            _measures[account] = Measure(before, again_at=time.monotonic() + WHILE_NOT.total_seconds())
            return
        if not isinstance(provider, Timed):
            _measures[account] = Measure(Clock.RIGHT, again_at=math.inf)
            return
        skew = provider.clock_skew()
        now = before if skew is None else judge(skew, tolerates_behind=provider.tolerates_behind)
        if skew is not None and now is not before:
            _note(account, before, now, skew, by=by)
        pause = WHILE_RIGHT if skew is not None and now is Clock.RIGHT else WHILE_NOT
        _measures[account] = Measure(now, again_at=time.monotonic() + pause.total_seconds())


def keep_measuring(*, by: Worker) -> None:
    """Measure every account that is configured here, now and whenever it is due. Never returns; for its own thread."""
    while True:
        measure_what_is_due(by=by)
        time.sleep(1)


def measure_what_is_due(*, by: Worker) -> None:
    """Measure each configured account that is due. A fault is logged, and the account stays due."""
    for account in accounts.credentials():
        known = _measures.get(account)
        if known is None or known.again_at <= time.monotonic():
            try:
                measure(account, by=by)
            except Exception:
                log.exception("clock not measured", extra={"account": account})
                connection.close()


def _note(account: str, before: Clock, now: Clock, skew: timedelta, *, by: Worker) -> None:
    ahead = round(-skew / timedelta(milliseconds=1))
    log.warning("clock changed", extra={"account": account, "status": now.value, "ahead_ms": ahead})
    with transaction.atomic():
        row = Account.objects.get(name=account)
        audit.record(Event.CLOCK_CHANGED, by=by, about=row, old=before, new=now, ahead_ms=ahead)
        if now is not Clock.RIGHT:
            sentence = f"Account {account}, {by.name}: {ahead} ms ahead of the provider, so it counts as {now}."
            raise_alert(Alert.CLOCK_WRONG, about=row, sentence=sentence, by=by)
