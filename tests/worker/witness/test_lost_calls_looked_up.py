"""Lost calls in the worker's look-up: their provider is asked for records of their time, which are tried and kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from payouts.domain.unknown.record import Record, RecordStatus
from payouts.models import Account, Address, LostCall, ProviderRecord
from payouts.worker import reconcile, witnessing
from payouts.workflow.unknown import looking
from tests.props.cast import Cast, approved, raised
from tests.props.providers.doubles import ACCEPTED, LookUpProvider
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
    provider.book = [record(payee, gone)]
    assert look(payee.account) == 1
    gone.refresh_from_db()
    assert (ProviderRecord.objects.count(), gone.proofs.count()) == (1, 0)  # its remark is known to nobody
    assert gone.next_look_at is not None
    assert gone.next_look_at > timezone.now()
    raised(cast, payee, remark="rent")
    look(payee.account)
    proof = gone.proofs.get()
    assert (proof.address, proof.amount, proof.remark) == (payee.address, Decimal("1250.5"), "rent")
    assert LostCall.objects.get().next_look_at is None
    assert looking.accounts_due() == []


def test_it_is_asked_for_less_and_less_often(payee: Address, provider: LookUpProvider, gone: LostCall) -> None:
    waits = []
    for _ in range(3):
        look(payee.account)
        gone.refresh_from_db()
        assert gone.next_look_at is not None
        waits.append(gone.next_look_at - timezone.now())
    assert waits[0] < waits[2]
    assert gone.looks_taken == 3
