"""Workers that ended in the middle of a call: who is gone, and how the account goes on beside what they left."""

import time
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from payouts.audit import Event, this_worker
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, AuditEvent, Submission, Withdrawal
from payouts.models.sending.submission import OPEN
from payouts.worker import dispatch
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim, Wait, may_still_send
from payouts.workflow.sending.worker_gone import is_gone
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ACCEPTED, NOT_EXECUTED, PROMISES, REFUSED, ScriptedProvider, accepted_as
from tests.props.rows.guards import forge
from tests.props.trail import told, unchanged
from tests.props.worker import WORKER, Plug, claim_next, crashed, drain, statuses, wake

ELSEWHERE = "elsewhere:17:c0ffee"
GONE = f"worker {ELSEWHERE}"

# -- who is gone --


@pytest.fixture
def session(db: None) -> Iterator[psycopg.Connection]:
    """A database session that bears another worker's name."""
    ours = connection.get_connection_params()
    where = {name: ours[name] for name in ("dbname", "host", "port", "user", "password") if name in ours}
    with psycopg.connect(**where, application_name=ELSEWHERE) as opened:
        yield opened


def becomes(expected: bool) -> bool:
    """PostgreSQL takes a moment to notice that a client has gone."""
    deadline = time.monotonic() + 5
    while is_gone(GONE) is not expected and time.monotonic() < deadline:
        with connection.cursor() as cursor:  # within a transaction the sessions are read once
            cursor.execute("SELECT pg_stat_clear_snapshot()")
    return is_gone(GONE) is expected


@pytest.mark.django_db
def test_this_process_is_there() -> None:
    assert not is_gone(this_worker().name)


def test_a_worker_is_there_for_as_long_as_one_of_its_sessions(session: psycopg.Connection) -> None:
    assert becomes(False)
    session.close()
    assert becomes(True)


@pytest.mark.django_db
def test_where_our_own_session_does_not_bear_its_name_nobody_is_called_gone() -> None:
    """As behind a proxy that gives its own name to every session."""
    assert is_gone(GONE)
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'proxy'")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        assert not is_gone(GONE)
        cursor.execute("SET application_name = %s", [settings.PROCESS_NAME])


# -- what becomes of the account --


@pytest.fixture
def left(cast: Cast, payee: Address, plug: Plug) -> Withdrawal:
    """Its worker ended in the middle of its call; another one waits behind it."""
    asked = crashed(cast, payee, plug)
    forge(Submission.objects.get(), worker=GONE)
    approved(cast, payee, amount=Decimal(99))
    return asked


def test_the_account_goes_on_a_second_after_its_worker_was_found_gone(
    left: Withdrawal, caplog: pytest.LogCaptureFixture
) -> None:
    with told() as events:
        wait = claim_next()
    assert isinstance(wait, Wait)
    assert 0 < wait.seconds <= 0.9
    assert [(event.event, event.subject_id, event.facts) for event in events] == [
        (Event.WORKER_GONE, str(left.pk), {"number": 1})
    ]
    assert "worker gone" in caplog.text
    wake(left.account)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    assert claimed.instruction.fields["amount"] == "99"


def test_it_is_said_once(left: Withdrawal) -> None:
    claim_next()
    with unchanged():
        claim_next()
    assert AuditEvent.objects.filter(event=Event.WORKER_GONE).count() == 1


def test_what_the_gone_worker_left_is_open_until_its_deadline(left: Withdrawal) -> None:
    claim_next()
    wake(left.account)
    claim_next()
    left.refresh_from_db()
    assert left.status == Status.SUBMITTING
    assert left.submissions.get().outcome == OPEN
    Submission.objects.filter(withdrawal=left).update(deadline=timezone.now())
    dispatch.sweep()
    left.refresh_from_db()
    assert (left.status, left.error_code) == (Status.UNKNOWN, "worker_lost")


def test_behind_the_second_call_the_account_waits_as_ever(cast: Cast, left: Withdrawal, payee: Address) -> None:
    approved(cast, payee, amount=Decimal(7))
    claim_next()
    wake(left.account)
    claim_next()
    with unchanged():
        assert claim_next() == Wait(1.0)


def test_beside_one_call_that_was_left_a_second_one_is_waited_for(cast: Cast, left: Withdrawal, payee: Address) -> None:
    """What ends worker after worker, a payment that none survives for one, must not go through all that is approved."""
    approved(cast, payee, amount=Decimal(7))
    claim_next()
    wake(left.account)
    second = claim_next()
    assert isinstance(second, Claim)
    forge(second.submission, worker=GONE)
    with unchanged():
        assert claim_next() == Wait(1.0)
    Submission.objects.filter(withdrawal=left).update(deadline=timezone.now())
    dispatch.sweep()
    assert isinstance(claim_next(), Wait)
    wake(left.account)
    assert isinstance(claim_next(), Claim)


def test_an_equal_payment_waits_for_the_one_that_was_left(cast: Cast, left: Withdrawal, payee: Address) -> None:
    equal = approved(cast, payee)
    claim_next()
    wake(left.account)
    other = claim_next()
    assert isinstance(other, Claim)
    record_answer(other.submission, ACCEPTED, promises=PROMISES, by=WORKER)
    wake(left.account)
    assert claim_next() is None
    equal.refresh_from_db()
    assert equal.status == Status.APPROVED


@pytest.mark.parametrize(
    ("answer", "status"),
    [(ACCEPTED, Status.SUBMITTED), (REFUSED, Status.REFUSED), (NOT_EXECUTED, Status.APPROVED)],
)
def test_a_worker_that_was_there_after_all_writes_its_answer_down(
    left: Withdrawal, answer: object, status: Status
) -> None:
    claim_next()
    with told() as events:
        assert record_answer(left.submissions.get(), answer, promises=PROMISES, by=WORKER) is status  # type: ignore[arg-type]
    assert statuses(events) == [("submitting", status.value)]


def test_a_worker_that_was_taken_for_gone_sends_nothing_any_more(left: Withdrawal) -> None:
    call = left.submissions.get()
    assert may_still_send(call)
    claim_next()
    wake(call.account)  # also once the account's second is over
    assert not may_still_send(call)


def test_a_worker_that_is_there_is_waited_for(left: Withdrawal) -> None:
    forge(left.submissions.get(), worker=WORKER.name)
    with unchanged():
        assert claim_next() == Wait(1.0)
    assert Submission.objects.in_hand().exists()


def test_a_drain_goes_on_beside_what_a_gone_worker_left(left: Withdrawal, plug: Plug, no_waiting: list[float]) -> None:
    provider = plug(ScriptedProvider(accepted_as("10196")))
    assert drain() == 1
    assert [order.fields["amount"] for order in provider.orders] == ["99"]
    assert 0 < max(no_waiting) <= 1
