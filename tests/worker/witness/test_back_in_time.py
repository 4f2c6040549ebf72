"""A database that went back in time sends nothing again: with the real witness, in a file."""

import threading
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.errors import NotPermitted
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.witness import Entry, Trail
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, AuditEvent, LostCall, Pause, Submission, Withdrawal
from payouts.witness.file import FileWitness
from payouts.worker import dispatch, witnessing
from payouts.workflow import queue
from payouts.workflow.decisions import deciding
from payouts.workflow.sending import went_back, witnessed
from payouts.workflow.sending.submission import Claim
from tests.props.cast import Cast, approve, approved, raised
from tests.props.providers.doubles import ACCEPTED, UNKNOWN, ScriptedProvider, accepted_as
from tests.props.races import in_thread, until_somebody_waits
from tests.props.trail import told
from tests.props.witness import back_in_time
from tests.props.worker import WORKER, Plug, crashed, drain, stop_after, wake

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("witness")]


def send_one() -> int:
    return dispatch.drain("treasury", stop=stop_after(1))


def pauses() -> list[Pause]:
    return list(Pause.objects.open().filter(cause=Cause.OUT_OF_STEP))


# -- the database goes back --


def test_a_call_whose_row_is_gone_is_not_made_again(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness
) -> None:
    asked = approved(cast, payee)
    other = approved(cast, payee, amount=Decimal(7))
    provider = plug(ScriptedProvider(ACCEPTED, ACCEPTED))
    with back_in_time.lost():
        assert send_one() == 1
        call = Submission.objects.get().pk
    assert Withdrawal.objects.filter(status=Status.APPROVED).count() == 2
    wake(payee.account)
    assert drain() == 0
    assert len(provider.orders) == 1
    (it,) = pauses()
    assert (it.account, it.begun_by) == (None, None)
    lost = LostCall.objects.get()
    assert (lost.pk, lost.serial, lost.withdrawal, lost.pause) == (call, 1, asked, it)
    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.status, other.status) == (Status.UNKNOWN, Status.APPROVED)
    row = Submission.objects.get()
    assert (row.pk, row.outcome, row.code, row.withdrawal) == (call, Outcome.UNKNOWN, "call_lost", asked)


def test_and_two_people_let_the_others_go_on(cast: Cast, payee: Address, plug: Plug, witness: FileWitness) -> None:
    approved(cast, payee)
    other = approved(cast, payee, amount=Decimal(7))
    plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        send_one()
    drain()
    (it,) = pauses()
    back_in_time.released(cast, it)
    assert witnessing.compare(by=WORKER)
    provider = plug(ScriptedProvider(accepted_as("2")))
    wake(payee.account)
    assert drain() == 1
    assert [order.reference for order in provider.orders] == [other.reference]
    assert witness.known().released == (it.proposal_id,)
    assert [entry.serial for entry in witness.calls("treasury", after=0)] == [1, 2]
    assert witnessing.compare(by=WORKER)
    assert not pauses()


def test_a_lost_rejection_stops_everything(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        deciding.reject(asked.proposal_id, reason="A payee looks wrong", by=cast.first_approver)
        witnessing.tell_trail(by=WORKER)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert drain() == 0
    assert provider.orders == []
    (it,) = pauses()
    assert it.reason == "The database lacks events of its trail."


def test_and_a_lost_pause_too(cast: Cast, payee: Address, plug: Plug) -> None:
    from payouts.workflow.stopping import pause

    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        pause.pause_everything(reason="The key was stolen", by=cast.keeper)
        witnessing.tell_trail(by=WORKER)
    assert drain() == 0
    assert (provider.orders, len(pauses())) == ([], 1)


def test_once_released_it_goes_on_from_there(cast: Cast, payee: Address, plug: Plug, witness: FileWitness) -> None:
    asked = approved(cast, payee)
    with back_in_time.lost():
        deciding.reject(asked.proposal_id, reason="A payee looks wrong", by=cast.first_approver)
        witnessing.tell_trail(by=WORKER)
    provider = plug(ScriptedProvider(ACCEPTED))
    drain()
    (it,) = pauses()
    assert not witnessing.compare(by=WORKER)
    back_in_time.released(cast, it)
    assert witnessing.compare(by=WORKER)
    assert drain() == 1
    assert len(provider.orders) == 1
    assert witness.known().released == (it.proposal_id,)


def test_a_release_that_comes_while_rows_and_witness_are_compared_stops_nothing_again(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = approved(cast, payee)
    with back_in_time.lost():
        deciding.reject(asked.proposal_id, reason="A payee looks wrong", by=cast.first_approver)
        witnessing.tell_trail(by=WORKER)
    plug(ScriptedProvider(ACCEPTED))
    drain()
    (it,) = pauses()
    stop = went_back.stop

    def stop_just_after_the_release(*told: Any, **more: Any) -> Pause | None:
        back_in_time.released(cast, it)
        return stop(*told, **more)

    with monkeypatch.context() as during:
        during.setattr(went_back, "stop", stop_just_after_the_release)
        witnessing.compare(by=WORKER)
    assert not pauses()
    assert witnessing.compare(by=WORKER)
    assert drain() == 1


@pytest.mark.django_db(transaction=True)
def test_and_one_that_is_being_written_just_then_is_waited_for(
    cast: Cast, treasury: Account, witness: FileWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness.tell(Trail((9999,), "0" * 64), after=witness.known().trail)  # no event of these rows
    assert not witnessing.compare(by=WORKER)
    (it,) = pauses()
    comparing: list[threading.Thread] = []

    def compare_meanwhile(_account: str) -> None:  # in the release's own transaction
        comparing.append(in_thread(lambda: witnessing.compare(by=WORKER)))
        until_somebody_waits()

    with monkeypatch.context() as during:
        during.setattr(queue, "nudge", compare_meanwhile)
        back_in_time.released(cast, it)
    for each in comparing:
        each.join()
    assert comparing
    assert not pauses()
    assert witnessing.compare(by=WORKER)


def test_a_database_that_goes_back_past_the_release_stops_again(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        with back_in_time.lost():
            deciding.reject(asked.proposal_id, reason="A payee looks wrong", by=cast.first_approver)
            witnessing.tell_trail(by=WORKER)
        drain()
        back_in_time.released(cast, pauses()[0])
        assert witnessing.compare(by=WORKER)
        assert len(witness.known().released) == 1
    assert drain() == 0
    assert provider.orders == []
    (it,) = pauses()
    assert "a release by two people" in it.reason


def test_a_release_covers_what_people_saw_and_no_more(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        deciding.reject(asked.proposal_id, reason="A payee looks wrong", by=cast.first_approver)
        witnessing.tell_trail(by=WORKER)
    drain()
    (it,) = pauses()
    back_in_time.released(cast, it)
    # and before the witness hears of that, it is told of something else that is lost
    witness.tell(Trail((10**9,), "a" * 64), after=witness.known().trail)
    assert drain() == 0
    assert provider.orders == []
    assert [one.pk for one in pauses()] != [it.pk]
    assert len(pauses()) == 1


def test_one_that_is_gone_during_its_call_keeps_the_answer_and_stops_everything(
    cast: Cast, payee: Address, plug: Plug
) -> None:
    asked = approved(cast, payee)
    back = back_in_time.GoesBack()
    back.here()
    provider = plug(ScriptedProvider(accepted_as("10195"), meanwhile=back.now))
    drain()
    wake(payee.account)
    drain()
    assert len(provider.orders) == 1
    lost = LostCall.objects.get()
    assert (lost.withdrawal, lost.outcome, lost.provider_id_given) == (asked, Outcome.ACCEPTED, "10195")
    asked.refresh_from_db()
    assert asked.status == Status.UNKNOWN
    assert len(pauses()) == 1
    event = AuditEvent.objects.get(event=Event.ANSWER_WITHOUT_CALL)
    assert (event.facts["given"], event.facts["reference"]) == ("10195", asked.reference)


def test_a_lost_call_whose_withdrawal_is_gone_as_well_is_known(cast: Cast, payee: Address, plug: Plug) -> None:
    provider = plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        reference = approved(cast, payee).reference
        drain()
    assert not witnessing.compare(by=WORKER)
    lost = LostCall.objects.get()
    assert (lost.reference, lost.withdrawal) == (reference, None)
    assert len(provider.orders) == 1


@pytest.mark.parametrize("status", ["cancelled", "rejected"])
def test_what_is_final_stays_so_and_is_not_asked_for_again(cast: Cast, payee: Address, plug: Plug, status: str) -> None:
    from payouts.workflow.withdrawals import request

    asked = approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        drain()
    if status == "cancelled":
        request.cancel(asked.pk, reason="No longer needed", by=asked.requested_by)
    else:
        deciding.reject(asked.proposal_id, reason="No longer needed", by=cast.first_approver)
    assert not witnessing.compare(by=WORKER)
    asked.refresh_from_db()
    assert asked.status == status
    assert LostCall.objects.get().withdrawal == asked
    with told() as events, pytest.raises(NotPermitted, match="may have been paid"):
        raised(cast, payee, retry_of=asked.pk)
    assert [event.facts["why"] for event in events] == ["call_lost"]


def test_what_still_awaited_approval_becomes_unknown(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = raised(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        for person in (cast.first_approver, cast.second_approver):
            approve(asked, person)
        drain()
    asked.refresh_from_db()
    assert asked.status == Status.AWAITING_APPROVAL
    assert not witnessing.compare(by=WORKER)
    asked.refresh_from_db()
    assert (asked.status, asked.proposal.state) == (Status.UNKNOWN, "lapsed")


def test_a_lost_resend_uses_up_the_one_resend(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(UNKNOWN))
    drain()
    wake(payee.account)
    asked.refresh_from_db()
    first = Submission.objects.get()
    with back_in_time.lost():
        call = witnessed.entry_of(first, "treasury")
        witnessing.witness().append(_again(call))
    assert not witnessing.compare(by=WORKER)
    assert [(row.is_resend, row.outcome) for row in asked.submissions.order_by("number")] == [
        (False, "unknown"),
        (True, "unknown"),
    ]


def _again(call: Entry) -> Entry:
    from dataclasses import replace
    from uuid import uuid4

    return replace(call, serial=call.serial + 1, call=uuid4())


# -- a copy beside --


@pytest.mark.parametrize("of_the_same", [True, False])
def test_a_call_that_a_copy_told_under_the_same_number_stops_everything(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness, monkeypatch: pytest.MonkeyPatch, of_the_same: bool
) -> None:
    asked = approved(cast, payee)
    taken = asked if of_the_same else approved(cast, payee, amount=Decimal(7))
    provider = plug(ScriptedProvider(ACCEPTED))
    of_the_copy = Entry("treasury", 1, uuid4(), taken.reference, taken.digest, timezone.now())
    tell = witnessing.tell

    def tell_after_the_copy(claimed: Claim, *, by: Worker) -> bool:
        witness.append(of_the_copy)
        return tell(claimed, by=by)

    with monkeypatch.context() as faster:
        faster.setattr(witnessing, "tell", tell_after_the_copy)
        drain()
    assert provider.orders == []
    (it,) = pauses()
    assert LostCall.objects.get().pk == of_the_copy.call
    taken.refresh_from_db()
    assert taken.status == Status.UNKNOWN
    ours = Submission.objects.exclude(pk=of_the_copy.call).get()
    assert (ours.serial, ours.outcome) == (1, Outcome.NOT_EXECUTED)
    back_in_time.released(cast, it)
    wake(payee.account)
    drain()
    assert [order.reference for order in provider.orders] == ([] if of_the_same else [asked.reference])
    assert not pauses()


# -- the witness goes back --


def test_a_witness_that_was_put_back_stops_everything_until_two_people_say(
    cast: Cast, payee: Address, plug: Plug, witness: FileWitness
) -> None:
    older = witness.path.read_bytes()
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    drain()
    witness.path.write_bytes(older)
    other = approved(cast, payee, amount=Decimal(7))
    provider = plug(ScriptedProvider(accepted_as("2")))
    wake(payee.account)
    assert drain() == 0
    assert provider.orders == []
    (it,) = pauses()
    assert it.reason == "The witness lacks 1 calls that were answered."
    back_in_time.released(cast, it)
    assert drain() == 1
    other.refresh_from_db()
    assert other.status == Status.SUBMITTED
    assert [entry.serial for entry in witness.calls("treasury", after=0)] == [1, 2]


def test_an_open_call_of_a_worker_that_died_is_in_step(cast: Cast, payee: Address, plug: Plug) -> None:
    crashed(cast, payee, plug)
    assert witnessing.compare(by=WORKER)
    assert not pauses()
