"""What a provider promises is its code's to say: rows that were written past everything make nothing be sent twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from payouts.domain.alert import Alert
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Asset, Submission, Withdrawal
from payouts.preview import fields_to_send, promised
from payouts.providers.base import promises_of
from payouts.providers.registry import PROVIDERS
from payouts.worker import dispatch
from payouts.workflow.days.compared import was_compared
from payouts.workflow.sending.answer import give_up_overdue, record_answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown.resend import accounts_with_resends, looks_of
from tests.props.cast import Cast, approved
from tests.props.days import days_ago
from tests.props.providers.doubles import PROMISED, PROMISES, UNKNOWN, Blind, ScriptedProvider
from tests.props.rows.guards import forge
from tests.props.rows.rows import looked_twice
from tests.props.worker import WORKER, Plug, alerts, claim_again, claim_next, drain, review_all, wake

BLIND = promises_of(PROVIDERS["swapspace"])


@pytest.fixture
def blind(plug: Plug) -> ScriptedProvider:
    return plug(Blind(UNKNOWN, UNKNOWN))


@pytest.fixture
def forged(cast: Cast, chain_payee: Address, blind: ScriptedProvider) -> Withdrawal:
    """Sent once through Swapspace and unknown; then a thief wrote that it promises everything, and two looks."""
    asked = approved(cast, chain_payee)
    drain("merchant")
    Account.objects.update(resend_allowed=True, can_look_up=True)
    looked_twice(asked)
    asked.refresh_from_db()
    wake(asked.account)
    return asked


def test_a_row_that_promises_and_two_forged_looks_make_nothing_be_sent_twice(
    forged: Withdrawal, blind: ScriptedProvider
) -> None:
    drain("merchant")
    assert len(blind.orders) == 1
    assert forged.submissions.count() == 1


def test_the_workflow_takes_no_row_for_the_promise(forged: Withdrawal) -> None:
    assert claim_again("merchant", fields=fields_to_send, promises=BLIND, by=WORKER) is None
    assert forged.submissions.count() == 1
    assert not looks_of(forged, BLIND).promised


def test_the_code_alone_is_not_enough_either(forged: Withdrawal) -> None:
    Account.objects.update(resend_allowed=False)
    assert claim_again("merchant", fields=fields_to_send, promises=PROMISES, by=WORKER) is None
    forged.refresh_from_db()
    assert not looks_of(forged, PROMISES).promised


def test_the_sweep_asks_for_no_resend_where_the_code_promises_none(
    forged: Withdrawal, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudged: list[str] = []
    monkeypatch.setattr("payouts.worker.dispatch.queue.nudge", lambda account, **_: nudged.append(account))
    dispatch.sweep()
    assert nudged == []
    assert accounts_with_resends(promises={"swapspace": PROMISES}) == [forged.account.name]


@pytest.mark.parametrize("is_lost", [True, False])
def test_people_are_called_where_only_the_row_says_that_it_can_be_looked_up(
    is_lost: bool, cast: Cast, chain_payee: Address
) -> None:
    Account.objects.update(can_look_up=True)
    asked = approved(cast, chain_payee)
    claimed = claim_next("merchant")
    assert isinstance(claimed, Claim)
    if is_lost:
        Submission.objects.update(deadline=timezone.now())
        assert give_up_overdue(promises=PROMISED, by=WORKER) == 1
    else:
        record_answer(claimed.submission, UNKNOWN, promises=BLIND, by=WORKER)
    asked.refresh_from_db()
    assert (asked.status, asked.next_look_at) == (Status.UNKNOWN, None)
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_an_amount_with_more_decimals_than_the_code_knows_is_not_sent(cast: Cast, payee: Address, plug: Plug) -> None:
    Asset.objects.update(decimals=18)
    asked = approved(cast, payee, amount=Decimal("1250.00001"))
    provider = plug(ScriptedProvider())
    drain()
    asked.refresh_from_db()
    assert provider.orders == []
    assert (asked.status, asked.stopped_because) == (
        Status.APPROVED,
        "USDT takes at most 4 decimals, and nothing is rounded.",
    )


def test_a_day_that_nobody_could_read_does_not_count_as_compared(merchant: Account, blind: ScriptedProvider) -> None:
    Account.objects.update(can_look_up=True)
    forge(merchant, created_at=timezone.now() - timedelta(days=3))
    review_all()
    merchant.refresh_from_db()
    assert merchant.reviewed_until is None
    assert not was_compared(merchant, days_ago(1))


def test_every_provider_promises_what_its_class_says() -> None:
    for name, provider in PROVIDERS.items():
        assert promised(name) == promises_of(provider) == PROMISED[name]
        assert promised(name).most_decimals(provider.assets[0].network, provider.assets[0].coin) is not None
    assert not promised("nobody").resend_allowed
