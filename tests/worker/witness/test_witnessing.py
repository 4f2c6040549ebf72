"""The witness as a worker uses it, in step and out of reach: a real one, in a file."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from payouts.audit import Event, Worker
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.witness import Known, WitnessAway
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, AuditEvent, Pause, Submission, WitnessLink
from payouts.witness.file import FileWitness
from payouts.worker import dispatch, witnessing
from payouts.workflow.sending.submission import Claim
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ACCEPTED, Crash, ScriptedProvider, accepted_as
from tests.props.rows.guards import guards_off
from tests.props.worker import WORKER, Plug, alerts, drain, stop_after, wake

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("witness")]


def send_one() -> int:
    return dispatch.drain("treasury", stop=stop_after(1))


def pauses() -> list[Pause]:
    return list(Pause.objects.open().filter(cause=Cause.OUT_OF_STEP))


# -- in step --


def test_the_first_one_is_founded_while_nothing_was_sent_yet(witness: FileWitness) -> None:
    link = WitnessLink.objects.get()
    assert (link.witness, link.place) == (witness.known().witness, str(witness.path))
    assert AuditEvent.objects.filter(event=Event.WITNESS_FOUNDED).count() == 1


def test_it_knows_of_a_call_before_the_first_byte(cast: Cast, payee: Address, plug: Plug, witness: FileWitness) -> None:
    asked = approved(cast, payee)
    seen: list[tuple[int, str]] = []

    def look() -> None:
        last = witness.known().last["treasury"]
        seen.append((last.serial, last.reference))

    provider = plug(ScriptedProvider(ACCEPTED, meanwhile=look))
    assert drain() == 1
    assert (seen, len(provider.orders)) == ([(1, asked.reference)], 1)
    call = Submission.objects.get()
    last = witness.known().last["treasury"]
    assert (last.call, last.digest, last.at, last.left) == (call.pk, asked.digest, call.claimed_at, True)


def test_it_is_told_no_amount_no_address_and_no_key(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness
) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    drain()
    text = witness.path.read_text()
    assert payee.address not in text
    assert "USDT" not in text
    assert "1250" not in text


def test_calls_after_calls_stay_in_step(cast: Cast, payee: Address, plug: Plug, witness: FileWitness) -> None:
    for number in (1, 2, 3):
        approved(cast, payee, amount=Decimal(number))
        plug(ScriptedProvider(accepted_as(str(number))))
        assert drain() == 1
        assert witnessing.compare(by=WORKER)
        wake(payee.account)
    assert [entry.serial for entry in witness.calls("treasury", after=0)] == [1, 2, 3]
    assert not pauses()


def test_two_deaths_in_a_row_before_it_was_told_do_not_stop_it(
    cast: Cast,
    payee: Address,
    plug: Plug,
    witness: FileWitness,
    monkeypatch: pytest.MonkeyPatch,
    no_waiting: list[float],
) -> None:
    held = [approved(cast, payee, amount=Decimal(number)) for number in (1, 2)]
    with monkeypatch.context() as patches:
        patches.setattr(witnessing, "tell", lambda claimed, by: False)  # as in a death
        plug(ScriptedProvider())
        for _ in held:
            drain()
            wake(payee.account)
    provider = plug(ScriptedProvider(accepted_as("1"), accepted_as("2")))
    assert drain() == 2
    told = witness.calls("treasury", after=0)
    assert [entry.left for entry in told] == [False, False, True, True]
    assert len(provider.orders) == 2
    assert not pauses()


def test_a_call_whose_worker_died_before_it_could_tell_is_told_as_one_that_may_have_left(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    provider = plug(ScriptedProvider())

    def dies(claimed: Claim, *, by: Worker) -> bool:
        raise Crash

    with monkeypatch.context() as patches:
        patches.setattr(witnessing, "tell", dies)
        with pytest.raises(Crash):
            drain()
    assert witnessing.compare(by=WORKER)
    assert witness.known().last["treasury"].left
    assert (provider.orders, list(Pause.objects.all())) == ([], [])


def test_what_is_told_each_second_outlives_a_database_that_is_away_at_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answers = iter([OperationalError("away"), None, None])

    def compares(*, by: Worker) -> bool:
        asked.append("compared")
        if isinstance(error := next(answers), Exception):
            raise error
        return True

    def sleeps(_: float) -> None:
        if len(asked) == 2:
            raise StopAsyncIteration

    monkeypatch.setattr(witnessing, "compare", compares)
    monkeypatch.setattr("payouts.worker.witnessing.time.sleep", sleeps)
    monkeypatch.setattr(connection, "close", witnessing._new_connection.set)  # a new one follows
    with pytest.raises(StopAsyncIteration):
        witnessing.keep_telling(by=WORKER)
    assert asked == ["compared", "compared"]


# -- out of reach --


def test_without_it_nothing_is_sent_and_people_are_told_once(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    class Away(FileWitness):
        def known(self) -> None:  # type: ignore[override]
            raise WitnessAway("The disk is gone.")

    with monkeypatch.context() as patches:
        patches.setattr(witnessing, "witness", lambda: Away(Path("/nowhere")))
        for _ in range(3):
            assert drain() == 0
    asked.refresh_from_db()
    assert (asked.status, provider.orders, alerts()) == (Status.APPROVED, [], ["witness_away"])
    link = WitnessLink.objects.get()
    assert link.away_since is not None
    assert link.away_because == "The disk is gone."
    assert drain() == 1
    assert witnessing.compare(by=WORKER)
    assert WitnessLink.objects.get().away_since is None


def test_a_flush_that_fails_right_before_the_call_keeps_it_from_being_made(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, witness: FileWitness
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patches:
        patches.setattr("payouts.witness.file.os.fdatasync", fails)
        drain()
    asked.refresh_from_db()
    call = Submission.objects.get()
    assert (asked.status, provider.orders) == (Status.APPROVED, [])
    assert (call.outcome, call.code) == (Outcome.NOT_EXECUTED, "not_witnessed")
    wake(payee.account)
    assert drain() == 1
    assert [entry.left for entry in witness.calls("treasury", after=0)] == [False, True]


def test_a_worker_with_another_witness_sends_nothing_and_stops_nobody(
    cast: Cast, payee: Address, plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, witness: FileWitness
) -> None:
    from uuid import uuid4

    approved(cast, payee)
    other = FileWitness.found(tmp_path / "other", Known(uuid4()))
    provider = plug(ScriptedProvider(ACCEPTED))
    with monkeypatch.context() as patches:
        patches.setattr(witnessing, "witness", lambda: other)
        assert drain() == 0
        assert drain() == 0
    assert (provider.orders, alerts(), list(Pause.objects.all())) == ([], ["witness_away"], [])
    assert drain() == 1


def test_no_first_one_is_founded_once_something_was_sent(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a database from before the founding would have it, with calls of a time without a witness."""
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    drain()
    witness.path.unlink()
    with guards_off():
        WitnessLink.objects.all().delete()
    assert not witnessing.compare(by=WORKER)
    assert not witness.path.exists()
    assert alerts() == ["witness_away"]


def test_none_is_founded_once_something_was_sent(cast: Cast, payee: Address, plug: Plug, witness: FileWitness) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    drain()
    witness.path.unlink()
    assert not witnessing.compare(by=WORKER)
    assert not witness.path.exists()
