"""From unknown or submitted to known: ask the provider for its records, hand them to the workflow. Nothing is sent."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from payouts import accounts, clock
from payouts.audit import this_worker
from payouts.domain.backoff import windows
from payouts.domain.matching import TOLERANCE
from payouts.domain.record import Listed, Records, Unavailable
from payouts.domain.reviewing import LastDays, Reading
from payouts.domain.stopping import Cause
from payouts.models import Account
from payouts.providers.base import LookUp, Provider
from payouts.workflow import looking, pause, queue, review
from payouts.workflow.quiet import leave_alone
from payouts.workflow.records import note

log = logging.getLogger(__name__)

# Payments have the right of way: this process writes down one account's records at a time. Twenty accounts at once, as
# each sweep asks for them, held up the calls of all of them for a tenth of a second and more. The provider is asked
# outside of a turn, so that one that hangs delays nobody; a turn that does not end is not waited for.
_turn = threading.Lock()
LONGEST_TURN = 5.0  # seconds
MOST_QUESTIONS = 20  # in one look: the sweep asks for one every five seconds, and Zoomex allows 300 a minute


def look_up(account_name: str) -> int:
    """Ask for the records of everything of the account that is due, few questions for many; how many were due."""
    account = Account.objects.get(name=account_name)
    provider = _provider(account_name)
    if provider is None or not isinstance(provider, LookUp) or not clock.may_send(account_name, by=this_worker()):
        return 0
    due = looking.due(account)
    for since, until in windows((one.since, one.until) for one in due)[:MOST_QUESTIONS]:
        inside = [one for one in due if since <= one.since and one.until <= until]
        said = provider.records(since=since - TOLERANCE, until=_not_ahead(until) + TOLERANCE)
        if _is_refused_for_its_clock(account, provider, said):
            break  # it says nothing of what was asked for: another worker asks
        is_refused = _mind(account, provider, said)
        with _in_turn():
            looking.settle(account, said, inside, by=this_worker())
        if is_refused:
            break
    return len(due)


def review_accounts() -> None:
    """Have every account's days since its last review compared with its provider's records, both ways.

    A fault with one is logged, and the others have their turn.
    """
    for account in Account.objects.order_by("name"):
        try:
            _catch_up(account)
        except (OperationalError, InterfaceError):
            raise  # the database is away from all of them
        except Exception:
            log.exception("account not reviewed", extra={"account": account.name})


def ask_for_looks() -> None:
    """Nudge a look for each account that has something due."""
    for account in looking.accounts_due():
        queue.ask_for_look(account)


def _catch_up(account: Account) -> None:
    """Month by month until now, or until the provider says no more. What was compared stays so."""
    is_behind = True
    while is_behind:
        reading = account.next_reading()
        last_days = _note_records(account, reading)
        review.review_recent(account, reading, last_days=last_days, by=this_worker())
        account.refresh_from_db()
        is_behind = last_days is LastDays.READ and not reading.is_last


def _note_records(account: Account, reading: Reading) -> LastDays:
    """Keep what the provider lists of that time, for a review."""
    provider = _provider(account.name)
    if provider is None:
        return LastDays.NOT_CONFIGURED
    if not isinstance(provider, LookUp):
        return LastDays.READ  # what is known of it stands in uploaded statements
    if account.is_quiet(at=datetime.now(UTC)) or not clock.may_send(account.name, by=this_worker()):
        return LastDays.UNREADABLE
    since = reading.since
    while since < reading.until:  # a day at a time, since a provider's records are read to their end or not at all
        until = min(since + timedelta(days=1), reading.until)
        said = provider.records(since=since, until=until)
        if not _is_refused_for_its_clock(account, provider, said):
            _mind(account, provider, said)
        if not isinstance(said, Listed):
            return LastDays.UNREADABLE
        with _in_turn():
            note(account, said.records, by=this_worker())
        since = until
    return LastDays.READ


def _mind(account: Account, provider: Provider, said: Records) -> bool:
    """A provider that says stop, or to be left alone, to a question would say so to a payment. Whether it did."""
    if not isinstance(said, Unavailable):
        return False
    log.warning("records not available", extra={"account": account.name, "code": said.code})
    is_stop = said.code in provider.stop_codes
    with transaction.atomic(durable=True):
        if is_stop:
            pause.begin(account, Cause.STOP_CODE, code=said.code, reason=said.message, by=this_worker())
        if said.asks_for_quiet:
            wait = timedelta(seconds=said.retry_after)
            leave_alone(account, wait, code=said.code, message=said.message, by=this_worker())
    return is_stop or said.asks_for_quiet


def _is_refused_for_its_clock(account: Account, provider: Provider, said: Records) -> bool:
    """Whether it is this worker's clock that has just gone wrong: others are told nothing of the kind."""
    if not isinstance(said, Unavailable) or said.code not in provider.stop_codes:
        return False
    clock.measure(account.name, by=this_worker())
    return not clock.may_send(account.name, by=this_worker())


def _provider(account_name: str) -> Provider | None:
    try:
        return accounts.client(account_name)
    except KeyError:
        log.error("account is not configured here", extra={"account": account_name})
        return None


@contextmanager
def _in_turn() -> Iterator[None]:
    """After whoever is writing records down in this process. A courtesy, and no guard: the rows' locks are that."""
    is_ours = _turn.acquire(timeout=LONGEST_TURN)
    try:
        yield
    finally:
        if is_ours:
            _turn.release()


def _not_ahead(moment: datetime) -> datetime:
    return min(moment, datetime.now(UTC))
