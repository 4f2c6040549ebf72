"""A database that went back in time sends nothing again: with the real witness, in a file."""

from decimal import Decimal

import pytest

from payouts.audit import Event
from payouts.domain.errors import NotPermitted
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.witness import Entry
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, AuditEvent, LostCall, Pause, Submission, Withdrawal
from payouts.witness.file import FileWitness
from payouts.worker import dispatch, witnessing
from payouts.workflow.decisions import deciding
from payouts.workflow.sending import witnessed
from tests.props.cast import Cast, approve, approved, raised
from tests.props.providers.doubles import ACCEPTED, UNKNOWN, ScriptedProvider, accepted_as
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
    # and before the witness hears of that, something else is lost
    with back_in_time.lost():
        witness.release(it.proposal_id, trail=witness.known().trail)
        approve(raised(cast, payee, amount=Decimal(3)), cast.first_approver)
        witness.tell(witnessed.trails(witness.known().trail)[1], after=witness.known().trail)
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
