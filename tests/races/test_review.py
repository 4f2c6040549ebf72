"""The hourly review against sending, answering and deciding, at the same instant: one story in the trail, no fault."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.days.pairing import OrphanKind
from payouts.domain.people.roles import Act
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Orphan, Pause, ProviderRecord, Resolution
from payouts.models.unknown.resolution import Verdict
from payouts.worker import accounts, reconcile
from payouts.workflow.sending import answer
from payouts.workflow.sending.submission import Claim
from tests.props import decisions, findings
from tests.props.cast import Cast, approved
from tests.props.decisions import proof_of
from tests.props.providers.doubles import ACCEPTED, COMPLETED, PROMISES, LookUpProvider, ScriptedProvider, record_of
from tests.props.races import ROUNDS, Deed, at_once, codes, moves, status_of, told
from tests.props.rows.rows import sent_long_ago
from tests.props.worker import WORKER, claim_next, review_all, wake
from tests.races.test_reconcile import given_up

pytestmark = pytest.mark.django_db(transaction=True)

STEP = 0.02  # seconds

Faults = Callable[[], list[str]]


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> LookUpProvider:
    """What the treasury's provider lists; the other account's cannot be asked."""
    provider = LookUpProvider()
    monkeypatch.setattr(accounts, "client", lambda name: provider if name == "treasury" else ScriptedProvider())
    return provider


@pytest.fixture
def faults(caplog: pytest.LogCaptureFixture) -> Faults:
    """Accounts that could not be reviewed: the hourly task logs why, and goes on to the next."""
    return lambda: [str(each.exc_info) for each in caplog.records if each.name == reconcile.log.name and each.exc_info]


def later(turn: int, deed: Deed) -> Deed:
    """A little later from round to round: a review asks the provider first, and would otherwise always be second."""

    def run() -> Any:
        time.sleep(turn % 4 * STEP)
        return deed()

    return run


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_review_against_the_answer(
    cast: Cast, payee: Address, listed: LookUpProvider, faults: Faults, turn: int
) -> None:
    """The record is there before the answer is: it is the withdrawal's once that is known to be accepted as it."""
    asked = approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    listed.book = [record_of(asked.order(), "10195", at=timezone.now())]
    _reviewed, status = at_once(
        review_all,
        later(turn, lambda: answer.record_answer(claimed.submission, ACCEPTED, promises=PROMISES, by=WORKER)),
    )
    assert status == Status.SUBMITTED
    assert moves(asked) == ["approved", "submitting", "submitted"]
    review_all()
    assert faults() == []
    assert ProviderRecord.objects.get().withdrawal == asked
    assert (told(Event.ORPHAN_FOUND), told(Event.ACCOUNT_PAUSED)) == (0, 0)


@pytest.mark.parametrize("turn", ROUNDS)
@pytest.mark.parametrize("verdict", Verdict)
def test_a_review_against_the_second_person(
    cast: Cast,
    payee: Address,
    listed: LookUpProvider,
    faults: Faults,
    verdict: Verdict,
    turn: int,
) -> None:
    """A record that says paid, and that nobody has looked for: who says the contrary hears of it, or was first and is
    contradicted by the review."""
    call = given_up(cast, payee, listed)
    asked, sent_at = call.withdrawal, sent_long_ago(call.withdrawal)
    listed.book = [record_of(asked.order(), at=sent_at, **COMPLETED)]
    found_as = "20001" if verdict is Verdict.PAID else ""
    proposed = findings.proposed(cast, asked, verdict=verdict, found_as=found_as)
    proof = proof_of(cast.second_approver, Act.CONFIRM_RESOLUTION, proposed.proposal.digest)
    _reviewed, confirmed = at_once(
        review_all,
        later(turn, lambda: decisions.approve(proposed, proof=proof, by=cast.second_approver)),
    )
    review_all()
    assert faults() == []
    if codes([confirmed]) == ["a_record_fits"]:
        assert (verdict, status_of(asked)) == (Verdict.NOT_PAID, Status.UNKNOWN)
        return
    assert isinstance(confirmed, Resolution)
    if verdict is Verdict.PAID:
        assert moves(asked) == ["approved", "submitting", "unknown", "completed"]
        assert ProviderRecord.objects.get().withdrawal == asked
        assert told(Event.ORPHAN_FOUND) == 0
    else:
        assert moves(asked) == ["approved", "submitting", "unknown", "failed"]
        assert Orphan.objects.get().kind == OrphanKind.DIFFERS
        assert told(Event.ACCOUNT_PAUSED) == 1


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_review_against_the_claim(
    cast: Cast, payee: Address, listed: LookUpProvider, faults: Faults, turn: int
) -> None:
    """A payment that nobody here asked for pauses the account: before a claim, or after it and before the next."""
    asked, after = approved(cast, payee), approved(cast, payee, amount=Decimal(99))
    listed.book = [record_of(asked.order(), at=timezone.now() - timedelta(minutes=30))]
    account = Account.objects.get(name="treasury")
    _reviewed, claimed = at_once(review_all, later(turn, claim_next))
    assert faults() == []
    assert Pause.objects.on(account).count() == Orphan.objects.count() == 1
    assert ProviderRecord.objects.get().withdrawal is None
    if isinstance(claimed, Claim):
        answer.record_answer(claimed.submission, ACCEPTED, promises=PROMISES, by=WORKER)
    wake(account)
    assert claim_next() is None
    was_first = isinstance(claimed, Claim)
    assert moves(asked) == (["approved", "submitting", "submitted"] if was_first else ["approved"])
    assert moves(after) == ["approved"]
