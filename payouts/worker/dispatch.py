"""From approved to answered: claim, call, record. The row is committed before the call, and no transaction spans it."""

import logging
import math
import random
import time
from collections.abc import Callable
from dataclasses import replace

from django.db import InterfaceError, OperationalError, connection

from payouts.audit import Worker, this_worker
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.sending.answer import Accepted, Answer, Exchange, NotExecuted
from payouts.domain.sending.pace import ASKED_AHEAD
from payouts.domain.sending.promises import Promises
from payouts.domain.withdrawals.status import Status
from payouts.preview import fields_to_send
from payouts.providers.base import Provider, promises_of
from payouts.providers.registry import PROVIDERS
from payouts.worker import accounts, clock, witnessing
from payouts.workflow import queue
from payouts.workflow.sending.answer import CallIsGone, give_up_overdue, record_answer
from payouts.workflow.sending.submission import Claim, OutOfStep, Wait, accounts_with_work, claim, may_still_send
from payouts.workflow.unknown.resend import accounts_with_resends, claim_again
from payouts.workflow.withdrawals.expiry import expire_overdue
from payouts.workflow.withdrawals.standing import fall_back_all

log = logging.getLogger(__name__)

HANDS_ON_AFTER = 20.0, 40.0  # seconds, drawn: so that all workers share the accounts
SHORT_WAIT = 1.5  # seconds a drain waits itself; for longer it asks to be called again
RECORD_AGAIN_AFTER, KEPT_FOR = 1.0, 600.0  # seconds, while the database is away
HANDED_ON = Wait(5.0)  # until another worker, whose clock may be right, gets the nudge
DATABASE_AWAY = (OperationalError, InterfaceError)
HELD_BACK = NotExecuted(
    code="held_back",
    message="The worker was held up between its claim and its call, or the account was stopped. Nothing was sent.",
    retry_after=5.0,
    exchange=Exchange(http_status=None, duration_ms=0, raw=""),
)
NOT_WITNESSED = NotExecuted(
    code="not_witnessed",
    message="The witness could not be told of the call, or knows another one. Nothing was sent.",
    retry_after=5.0,
    exchange=Exchange(http_status=None, duration_ms=0, raw=""),
)
NOT_SENDABLE = NotExecuted(
    code="not_sendable",
    message="The account's settings and an order do not go together. Nothing was sent; the worker's log says more.",
    retry_after=60.0,
    exchange=Exchange(http_status=None, duration_ms=0, raw=""),
)


def drain(account: str, *, stop: Callable[[], bool]) -> int:
    """Send whatever is approved for one account, one call at a time; how many calls were made.

    `stop` is asked between calls, so that a worker told to end finishes the call in hand; another one gets the nudge.
    So it does after a while anyway: a worker that was started later would else have nothing to do.
    """
    provider = _client(account)
    calls, is_over = 0, False
    hands_on_at = time.monotonic() + random.uniform(*HANDS_ON_AFTER)  # noqa: S311  no secret, but not all at once
    while provider is not None:
        if is_over or stop():
            queue.nudge(account)
            break
        match _next_call(account, promises_of(provider), by=this_worker()):
            case None | Objection():  # an objection: it became another account since then, as the next drain will say
                break
            case Wait(seconds=seconds) if seconds > SHORT_WAIT:
                queue.nudge(account, in_seconds=math.ceil(seconds))
                break
            case Wait(seconds=seconds):
                time.sleep(seconds)
            case Claim() as claimed:
                _submit(claimed, provider)
                calls += 1
                is_over = time.monotonic() > hands_on_at  # asked after a call: a second is enough for changing hands
    return calls


def _next_call(account: str, promises: Promises, *, by: Worker) -> Claim | Wait | Objection | None:
    """What is approved comes first; then the one resend that an unknown outcome may have.

    A wait, for another worker's turn, while this one's clock is wrong or the witness is away.
    """
    seen = witnessing.seen(by=by) if clock.may_send(account, by=by) else None
    if seen is None:
        return HANDED_ON
    here = accounts.identity(account)
    found = claim(account, fields=fields_to_send, here=here, seen=seen, by=by)
    found = found or claim_again(account, fields=fields_to_send, here=here, promises=promises, seen=seen, by=by)
    if isinstance(found, OutOfStep):
        return Wait(0.0) if witnessing.compare(by=by) else None  # paused, or no witness of ours: the sweep asks again
    return found


def _submit(claimed: Claim, provider: Provider) -> None:
    answer = _call(claimed, provider)
    came_at = time.monotonic()
    status = _record(claimed, answer, came_at, _with_our_own(promises_of(provider)))
    log.info(
        "answered",
        extra={
            "reference": claimed.instruction.reference,
            "account": claimed.instruction.account,
            "status": status.value,
            "http_status": answer.exchange.http_status,
            "duration_ms": answer.exchange.duration_ms,
        },
    )


def _call(claimed: Claim, provider: Provider) -> Answer:
    if not _told(claimed):
        return NOT_WITNESSED
    began = _begin(claimed)
    if began is None:
        return HELD_BACK
    try:
        return provider.submit(claimed.instruction, began=began)
    except InvalidValue:  # raised before anything has left: see Provider.submit
        log.exception("order not sendable", extra={"reference": claimed.instruction.reference})
        return NOT_SENDABLE


def _told(claimed: Claim) -> bool:
    """Whether the witness knows of the call now; False, too, where neither it nor the database can be asked."""
    try:
        return witnessing.tell(claimed, by=this_worker())
    except DATABASE_AWAY:
        connection.close()
        return False


def _begin(claimed: Claim) -> float | None:
    """By `time.monotonic`, when the call begins; None where it must not, or where the database cannot be asked."""
    _sleep_until(claimed.due - ASKED_AHEAD.total_seconds())
    began = time.monotonic()  # before the last question: who is suspended after it lets nothing out too late
    try:
        may_send = may_still_send(claimed.submission)
    except DATABASE_AWAY:
        connection.close()
        return None
    _sleep_until(claimed.due)
    return began if may_send else None


def _sleep_until(moment: float) -> None:
    if (left := moment - time.monotonic()) > 0:
        time.sleep(left)


def _with_our_own(promises: Promises) -> Promises:
    """With the code of the one answer that is ours: settings that no order goes together with stop the account."""
    return replace(promises, stop_codes=promises.stop_codes | {NOT_SENDABLE.code})


def _record(claimed: Claim, answer: Answer, came_at: float, promises: Promises) -> Status:
    """Write the answer down, trying again while the database is away: it exists nowhere else.

    Past the submission's deadline the sweep has called it unknown, and the trail keeps what is written then.
    """
    give_up_at = time.monotonic() + KEPT_FOR
    while True:
        try:
            return record_answer(claimed.submission, answer, promises=promises, came_at=came_at, by=this_worker())
        except CallIsGone:
            witnessing.heard(claimed, answer, by=this_worker())
            return Status.UNKNOWN
        except DATABASE_AWAY:
            log.warning("answer not written yet", extra={"reference": claimed.instruction.reference})
            connection.close()
            if time.monotonic() > give_up_at:
                log.critical("answer lost", extra={"reference": claimed.instruction.reference, **_in_short(answer)})
                raise
            time.sleep(RECORD_AGAIN_AFTER)


def _in_short(answer: Answer) -> dict[str, str]:
    """For a log, without the provider's words."""
    code = answer.provider_id or "" if isinstance(answer, Accepted) else answer.code
    return {"status": type(answer).__name__.lower(), "code": code}


def _client(account: str) -> Provider | None:
    try:
        return accounts.client(account)
    except KeyError:
        log.error("account is not configured here", extra={"account": account})
        return None
    except accounts.NotOurs:
        return None  # told already; another process, with another environment, may send


def take_over() -> None:
    """Have the accounts drained that workers were draining when they ended."""
    taken = queue.take_over()
    if taken:
        log.warning("drains ended: their worker is gone", extra={"count": taken})


def sweep() -> None:
    """Look at the rows: do they agree with the witness, which call is given up, what expires, what needs a nudge?"""
    witnessing.compare(by=this_worker())
    promises = {name: promises_of(provider) for name, provider in PROVIDERS.items()}
    given_up = give_up_overdue(promises=promises, by=this_worker())
    if given_up:
        log.error("calls given up as unknown", extra={"count": given_up})
    expire_overdue(by=this_worker())
    fall_back_all(by=this_worker())
    for account in sorted({*accounts_with_work(), *accounts_with_resends(promises=promises)}):
        queue.nudge(account)
