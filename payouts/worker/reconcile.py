"""From unknown or submitted to known: ask the provider for its records, hand them to the workflow. Nothing is sent."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from payouts.audit import this_worker
from payouts.domain.days.reading import Came, Reading, next_reading
from payouts.domain.sending.backoff import windows
from payouts.domain.stopping.pausing import Cause
from payouts.domain.unknown.matching import TOLERANCE
from payouts.domain.unknown.record import Listed, Records, Unavailable
from payouts.models import Account
from payouts.providers.base import LookUp, Provider, promises_of
from payouts.worker import accounts, clock
from payouts.workflow import queue
from payouts.workflow.days import review
from payouts.workflow.sending.quiet import leave_alone
from payouts.workflow.stopping import pause
from payouts.workflow.unknown import looking, proving
from payouts.workflow.unknown.records import note

log = logging.getLogger(__name__)

# Payments have the right of way: this process writes down one account's records at a time. Twenty accounts at once, as
# each sweep asks for them, held up the calls of all of them for a tenth of a second and more. The provider is asked
# outside of a turn, so that one that hangs delays nobody; a turn that does not end is not waited for.
_turn = threading.Lock()
LONGEST_TURN = 5.0  # seconds
A_MINUTE = 60  # seconds, over which a provider counts questions
MOST_QUESTIONS = 20  # in one look: the sweep asks for one every five seconds, and Zoomex allows 300 a minute


def look_up(account_name: str) -> int:
    """Ask the provider for the records of all withdrawals and lost calls of the account that are due; how many were.

    The records that are kept already are tried before. One question covers many withdrawals. 0, and nothing is asked,
    where the account is not configured, its provider has no records to ask for, or this process's clock is wrong.
    """
    account = Account.objects.get(name=account_name)
    proving.try_untried(account, by=this_worker())
    provider = _provider(account_name)
    if provider is None or not isinstance(provider, LookUp) or not clock.may_send(account_name, by=this_worker()):
        return 0
    due, lost = looking.due(account), proving.due(account)
    stretches = [(one.since, one.until) for one in due] + [(one.since, one.until) for one in lost]
    for since, until in windows(stretches)[:MOST_QUESTIONS]:
        inside = [one for one in due if since <= one.since and one.until <= until]
        said = provider.records(since=since - TOLERANCE, until=_not_ahead(until) + TOLERANCE)
        if _is_refused_for_its_clock(account, provider, said):
            break  # it says nothing of what was asked for: another worker asks
        is_refused = _mind(account, provider, said)
        with _in_turn():
            looking.settle(account, said, inside, promises=promises_of(provider), by=this_worker())
        proving.looked(one for one in lost if since <= one.since and one.until <= until)
        if is_refused:
            break
    return len(due) + len(lost)


def review_accounts(*, stop: Callable[[], bool]) -> None:
    """Compare every account's days since its last review with its provider's records, both ways.

    A fault with one account is logged, and the others are reviewed; a database that is away raises. `stop` is asked
    between days and while waiting, so that a worker told to end does; what was compared by then is committed.
    """
    for account in Account.objects.order_by("name"):
        try:
            _review(account, stop)
        except (OperationalError, InterfaceError):
            raise  # the database is away from all of them
        except Exception:
            log.exception("account not reviewed", extra={"account": account.name})


def ask_for_looks() -> None:
    """Nudge a look for each account that has something due, or records to be tried against what it lost."""
    for account in sorted({*looking.accounts_due(), *proving.accounts_untried()}):
        queue.ask_for_look(account)


def _review(account: Account, stop: Callable[[], bool]) -> None:
    account.refresh_from_db()  # the accounts before it may have taken long
    by = this_worker()
    reading, came_of_it = _note_records(account, account.next_reading(), stop)
    review.review_recent(account, reading, came_of_it=came_of_it, by=by)
    now = timezone.now()
    newest = next_reading(now, now=now)
    # An old day that cannot be read hides nothing new; the mark stays before it.
    if came_of_it is Came.UNREADABLE and reading.until < newest.since:
        newest, _ = _note_records(account, newest, stop)
        review.review_recent(account, newest, by=by)


def _note_records(account: Account, wanted: Reading, stop: Callable[[], bool]) -> tuple[Reading, Came]:
    """Keep the records that the provider lists for `wanted`; the part that was read, and why it ended there.

    A day at a time, since records are read to their end or not at all.
    """
    provider = _provider(account.name)
    if provider is None:
        return wanted.until_only(wanted.since), Came.NOT_CONFIGURED
    if not isinstance(provider, LookUp):
        # What is known of it stands in uploaded statements. Where its row says more than the code, nothing was read.
        return (wanted.until_only(wanted.since), Came.UNREADABLE) if account.can_look_up else (wanted, Came.READ)
    if account.is_quiet(at=timezone.now()) or not clock.may_send(account.name, by=this_worker()):
        return wanted.until_only(wanted.since), Came.UNREADABLE
    for since, until in wanted.days():
        if stop():
            return wanted.until_only(since), Came.UNREADABLE
        said = _read(provider, since, until, stop)
        if not _is_refused_for_its_clock(account, provider, said):
            _mind(account, provider, said)
        if not isinstance(said, Listed):
            return wanted.until_only(since), Came.UNREADABLE
        with _in_turn():
            note(account, said.records, by=this_worker())
    return wanted, Came.READ


def _read(provider: LookUp, since: datetime, until: datetime, stop: Callable[[], bool]) -> Records:
    """The day's records; asked for again after a minute when too much was asked within the minute before.

    After a whole minute, because a day that is asked for again begins with its first page.
    """
    said = provider.records(since=since, until=until)
    while isinstance(said, Unavailable) and said.is_our_own_pace and _waited(stop):
        said = provider.records(since=since, until=until)
    return said


def _waited(stop: Callable[[], bool]) -> bool:
    """Whether a minute is over; False as soon as the worker has to end."""
    for _ in range(A_MINUTE):
        if stop():
            return False
        time.sleep(1)
    return True


def _mind(account: Account, provider: Provider, said: Records) -> bool:
    """Pause the account for a stop code, and leave it alone where the provider asks for that; True for either.

    The provider would answer a payment in the same way.
    """
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
    """Whether the stop code came because this worker's clock has just gone wrong: no reason to stop the account."""
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
    except accounts.NotOurs:
        return None  # told already


@contextmanager
def _in_turn() -> Iterator[None]:
    """Wait, LONGEST_TURN at most, until nobody else writes down records in this process.

    Only spreads the load: the rows' locks guard the data.
    """
    is_ours = _turn.acquire(timeout=LONGEST_TURN)
    try:
        yield
    finally:
        if is_ours:
            _turn.release()


def _not_ahead(moment: datetime) -> datetime:
    return min(moment, datetime.now(UTC))
