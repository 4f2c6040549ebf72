"""Lost calls of an account that the rows forgot as well, and how much of a witness is read for lost calls."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from payouts.domain.sending.witness import Entry
from payouts.domain.stopping.pausing import Cause
from payouts.models import Account, Address, LostCall, Pause
from payouts.witness.file import FileWitness
from payouts.worker import accounts, lost_calls, witnessing
from payouts.workflow.sending import witnessed
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ScriptedProvider, accepted_as
from tests.props.witness import back_in_time
from tests.props.worker import WORKER, Plug, alerts, drain, wake

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("witness")]

SPARE = "zoomex+http://spare-key:spare-secret@127.0.0.1:9"


def call_of(account: str, serial: int = 1) -> Entry:
    return Entry(account, serial, uuid4(), "f" * 32, "e" * 64, timezone.now())


def pauses() -> list[Pause]:
    return list(Pause.objects.open().filter(cause=Cause.OUT_OF_STEP))


@pytest.fixture
def spare(settings: Settings) -> None:
    """This process has an account of which there is no row: the database is older than it."""
    settings.PROVIDER_ACCOUNT_SECRETS = {**settings.PROVIDER_ACCOUNT_SECRETS, "spare": SPARE}


@pytest.mark.usefixtures("treasury", "spare")
def test_an_account_whose_row_is_gone_gets_it_back_with_its_lost_calls(cast: Cast, witness: FileWitness) -> None:
    witness.append(call_of("spare"))
    assert not witnessing.compare(by=WORKER)
    lost = LostCall.objects.get()
    assert (lost.account.name, lost.account.identity()) == ("spare", accounts.identity("spare"))
    (it,) = pauses()
    back_in_time.released(cast, it)
    assert witnessing.compare(by=WORKER)
    assert witness.known().released == (it.proposal_id,)
    assert witnessing.compare(by=WORKER)
    assert pauses() == []


@pytest.mark.usefixtures("treasury")
def test_a_process_without_that_account_pauses_nothing_and_says_so(witness: FileWitness) -> None:
    witness.append(call_of("elsewhere"))
    told = alerts()
    assert witnessing.compare(by=WORKER)
    assert witnessing.compare(by=WORKER)
    assert (pauses(), Account.objects.filter(name="elsewhere").exists()) == ([], False)
    assert len(alerts()) == len(told) + 1


@pytest.mark.usefixtures("treasury")
def test_one_key_gets_no_second_name_by_that(settings: Settings, witness: FileWitness) -> None:
    own = settings.PROVIDER_ACCOUNT_SECRETS["treasury"]
    settings.PROVIDER_ACCOUNT_SECRETS = {**settings.PROVIDER_ACCOUNT_SECRETS, "double": own}
    witness.append(call_of("double"))
    assert accounts.make_missing(["double", "treasury"]) == {"double"}
    assert witnessing.compare(by=WORKER)
    assert not Account.objects.filter(name="double").exists()


@pytest.mark.parametrize(("before", "reads"), [(1, [1]), (0, [2, 0]), (64, [0])])
def test_only_calls_near_the_last_one_with_a_row_are_read(
    cast: Cast,
    payee: Address,
    plug: Plug,
    witness: FileWitness,
    monkeypatch: pytest.MonkeyPatch,
    before: int,
    reads: list[int],
) -> None:
    monkeypatch.setattr(lost_calls, "READ_BEFORE", before)
    for amount in (7, 8):
        approved(cast, payee, amount=Decimal(amount))
        plug(ScriptedProvider(accepted_as(str(amount))))
        wake(payee.account)
        drain()
    for serial in (3, 4):
        witness.append(call_of("treasury", serial))
    read: list[int] = []
    calls = witness.calls

    def counted(account: str, *, after: int) -> list[Entry]:
        read.append(after)
        return calls(account, after=after)

    monkeypatch.setattr(witness, "calls", counted)
    monkeypatch.setattr(witnessing, "witness", lambda: witness)
    assert not witnessing.compare(by=WORKER)
    assert read == reads
    assert [lost.serial for lost in LostCall.objects.order_by("serial")] == [3, 4]
    assert witnessed.last_number("treasury") == 4
