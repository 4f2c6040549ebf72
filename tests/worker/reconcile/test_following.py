"""What was accepted, followed until its record is final."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.domain.alert import Alert
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Pause, ProviderRecord, Withdrawal
from payouts.worker import reconcile
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import (
    AWAY,
    COMPLETED,
    EXCHANGE,
    FAILED,
    UNKNOWN,
    LookUpProvider,
    ScriptedProvider,
    accepted_as,
    record_of,
)
from tests.props.worker import Plug, alerts, drain, look, wake


class TestFollowing:
    """What was accepted, until its record is final."""

    @pytest.fixture
    def sent(self, cast: Cast, payee: Address, provider: LookUpProvider) -> Withdrawal:
        provider.answers = [accepted_as("20001")]
        withdrawal = approved(cast, payee)
        drain()
        withdrawal.refresh_from_db()
        return withdrawal

    @pytest.mark.parametrize(("ending", "status"), [(COMPLETED, Status.COMPLETED), (FAILED, Status.FAILED)])
    def test_a_final_record_ends_it(
        self, sent: Withdrawal, provider: LookUpProvider, ending: dict[str, Any], status: Status
    ) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now(), **ending)]
        assert look(sent) == status

    def test_a_pending_record_leaves_it(self, sent: Withdrawal, provider: LookUpProvider) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now())]
        assert look(sent) == Status.SUBMITTED
        assert sent.record_status == "Pending Review"
        assert alerts() == []

    def test_a_word_that_is_not_documented_is_pending_and_tells_people_once(
        self, sent: Withdrawal, provider: LookUpProvider
    ) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now(), status_text="Packed", known=False)]
        assert look(sent) == Status.SUBMITTED
        look(sent)
        assert alerts() == [Alert.UNDOCUMENTED_STATUS]

    def test_a_record_of_another_amount_ends_nothing(self, sent: Withdrawal, provider: LookUpProvider) -> None:
        provider.book = [record_of(sent.order(), at=timezone.now(), amount=sent.amount + 1, **COMPLETED)]
        assert look(sent) == Status.SUBMITTED
        assert ProviderRecord.objects.get().withdrawal == sent

    def test_looks_come_further_and_further_apart(self, sent: Withdrawal, provider: LookUpProvider) -> None:
        waits = []
        for _ in range(12):
            look(sent)
            assert sent.next_look_at is not None
            waits.append(round((sent.next_look_at - timezone.now()).total_seconds()))
        assert waits[:3] == [15, 30, 60]
        assert waits[-1] == 3600

    def test_one_question_serves_many(self, cast: Cast, payee: Address, provider: LookUpProvider) -> None:
        provider.answers = [accepted_as(str(number)) for number in range(5)]
        for number in range(5):
            approved(cast, payee, amount=Decimal(number + 1))
            wake(payee.account)
            drain()
        Withdrawal.objects.update(next_look_at=timezone.now())
        provider.book = [
            record_of(each.order(), each.provider_id, at=timezone.now(), **COMPLETED)
            for each in Withdrawal.objects.select_related("address", "account")
        ]
        assert reconcile.look_up("treasury") == 5
        assert len(provider.asked) == 1
        assert set(Withdrawal.objects.values_list("status", flat=True)) == {Status.COMPLETED}

    def test_a_key_that_was_withdrawn_pauses_the_account(
        self, sent: Withdrawal, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider.unavailable = type(AWAY)("10003", "Invalid key", EXCHANGE)
        monkeypatch.setattr(provider, "stop_codes", frozenset({"10003"}), raising=False)
        look(sent)
        assert Pause.objects.open().get().code == "10003"


def test_where_nothing_can_be_looked_up_no_look_is_due_ever(
    cast: Cast, chain_payee: Address, plug: Plug, no_waiting: list[float]
) -> None:
    lost, accepted = approved(cast, chain_payee), approved(cast, chain_payee, amount=Decimal(7))
    plug(ScriptedProvider(UNKNOWN, accepted_as(None)))
    drain("merchant")
    for sent, status in ((lost, Status.UNKNOWN), (accepted, Status.SUBMITTED)):
        sent.refresh_from_db()
        assert (sent.status, sent.next_look_at) == (status, None)
