"""Lost calls in the worker's look-up: their provider is asked for records of their time, which are tried and kept."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.utils import timezone

from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.lost_order import Candidate, Payee
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.models import Account, Address, LostCall, ProviderRecord
from payouts.worker import reconcile, witnessing
from payouts.workflow.unknown import looking, proving
from payouts.workflow.unknown.records import note
from tests.props.cast import Cast, approved, raised
from tests.props.providers.doubles import ACCEPTED, LookUpProvider
from tests.props.rows.lost import lost_call
from tests.props.witness import back_in_time
from tests.props.worker import WORKER, Plug, drain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("witness")]


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(ACCEPTED))  # type: ignore[return-value]


@pytest.fixture
def gone(cast: Cast, payee: Address, provider: LookUpProvider) -> LostCall:
    """Sent, and lost with its withdrawal."""
    with back_in_time.lost():
        approved(cast, payee, amount=Decimal("1250.5"), remark="rent")
        drain()
    assert not witnessing.compare(by=WORKER)
    return LostCall.objects.get()


def record(payee: Address, call: LostCall) -> Record:
    return Record(
        "10195", "", "USDT", Decimal("1250.5"), None, payee.address, RecordStatus.COMPLETED, "ok", True,
        call.called_at + timedelta(seconds=1), "{}",
    )  # fmt: skip


def look(account: Account) -> int:
    LostCall.objects.update(next_look_at=timezone.now() - timedelta(seconds=1))
    return reconcile.look_up(account.name)


def test_its_time_is_read_and_what_it_paid_is_proven(
    cast: Cast, payee: Address, provider: LookUpProvider, gone: LostCall
) -> None:
    assert looking.accounts_due() == ["treasury"]
    raised(cast, payee, remark="rent")
    provider.book = [record(payee, gone)]
    assert look(payee.account) == 1
    proof = gone.proofs.get()
    assert (proof.address, proof.amount, proof.remark) == (payee.address, Decimal("1250.5"), "rent")
    assert LostCall.objects.get().next_look_at is None
    assert looking.accounts_due() == []


def test_a_record_is_tried_once_and_what_is_remembered_later_by_hand(
    cast: Cast, payee: Address, provider: LookUpProvider, gone: LostCall
) -> None:
    provider.book = [record(payee, gone)]
    look(payee.account)
    gone.refresh_from_db()
    assert gone.next_look_at is not None
    assert gone.next_look_at > timezone.now()
    raised(cast, payee, remark="rent")
    look(payee.account)
    assert (ProviderRecord.objects.count(), gone.proofs.count()) == (1, 0)
    candidate = Candidate(Payee(Kind(payee.kind), "", payee.address), "USDT", Decimal("1250.5"), "rent")
    proving.try_by_hand(gone.pk, candidate, by=cast.second_requester)
    assert gone.proofs.count() == 1


def test_what_was_kept_before_is_tried_once_the_accounts_are_free_again(
    cast: Cast, payee: Address, provider: LookUpProvider
) -> None:
    """Not while all of them are locked, and also where the provider cannot be asked."""
    raised(cast, payee, remark="rent")
    with back_in_time.lost():
        approved(cast, payee, amount=Decimal("1250.5"), remark="rent")
        drain()
    early = lost_call(payee.account, called_at=timezone.now(), serial=9, records_tried=True)
    (row,) = note(payee.account, [record(payee, early)], by=WORKER)
    assert not witnessing.compare(by=WORKER)
    gone = LostCall.objects.exclude(pk=early.pk).get()
    assert (gone.proofs.count(), proving.accounts_untried()) == (0, ["treasury"])
    LostCall.objects.update(next_look_at=None)
    with patch("payouts.worker.reconcile.queue.ask_for_look") as asked:
        reconcile.ask_for_looks()
    assert [call.args for call in asked.call_args_list] == [("treasury",)]
    reconcile.look_up("treasury")
    assert (gone.proofs.get().record, proving.accounts_untried()) == (row, [])


def test_it_is_asked_for_less_and_less_often(payee: Address, provider: LookUpProvider, gone: LostCall) -> None:
    waits = []
    for _ in range(3):
        look(payee.account)
        gone.refresh_from_db()
        assert gone.next_look_at is not None
        waits.append(gone.next_look_at - timezone.now())
    assert waits[0] < waits[2]
    assert gone.looks_taken == 3
