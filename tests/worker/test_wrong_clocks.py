"""A worker whose clock is wrong: it asks nothing, and when something is looked at next is not its to say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from payouts.domain.sending.answer import Answer
from payouts.domain.unknown.record import Unavailable
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Pause, Withdrawal
from payouts.worker import reconcile
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import (
    EXCHANGE,
    REFUSED,
    UNKNOWN,
    LookUpProvider,
    accepted_as,
    record_of,
)
from tests.props.worker import Plug, drain, look, look_twice, review_all, soon, wake


class Clocked(LookUpProvider):
    """One whose requests carry the time; by how much our clock is ahead, in milliseconds, each time it is measured."""

    tolerates_behind = timedelta(seconds=5)
    stop_codes = frozenset({"10002"})

    def __init__(self, *ahead: int) -> None:
        super().__init__(UNKNOWN)
        self.ahead = list(ahead)

    def clock_skew(self) -> timedelta | None:
        """Ours is so much ahead."""
        return -timedelta(milliseconds=self.ahead.pop(0))


WRONG_TIME = Unavailable("10002", "The request's time is outside the window", EXCHANGE)


class TestClockOfTheWorker:
    """Whose clock is wrong asks nothing: it would be refused, and the refusal would say nothing of the account."""

    @pytest.fixture(autouse=True)
    def _never_measured(self, lost: Withdrawal, monkeypatch: pytest.MonkeyPatch) -> None:  # since it was sent
        monkeypatch.setattr("payouts.worker.clock._measures", {})

    def test_it_asks_nothing_and_leaves_the_rest_to_others(self, lost: Withdrawal, plug: Plug) -> None:
        provider = Clocked(1000, 1000)
        plug(provider)
        assert look(lost) == Status.UNKNOWN
        review_all()
        assert (provider.asked, lost.looks.count()) == ([], 0)
        assert Withdrawal.objects.to_look_up().get() == lost
        assert not Pause.objects.exists()

    def test_a_refusal_for_the_time_stops_nothing_when_its_own_clock_has_gone_wrong(
        self, lost: Withdrawal, plug: Plug
    ) -> None:
        provider = Clocked(0, 5000)
        provider.unavailable = WRONG_TIME
        plug(provider)
        look(lost)
        assert not Pause.objects.exists()
        assert (len(provider.asked), lost.looks.count()) == (1, 0)
        assert Withdrawal.objects.to_look_up().get() == lost

    def test_a_refusal_for_the_time_stops_the_account_when_the_clock_is_right(
        self, lost: Withdrawal, plug: Plug
    ) -> None:
        provider = Clocked(0, 0)
        provider.unavailable = WRONG_TIME
        plug(provider)
        look(lost)
        assert Pause.objects.open().get().code == "10002"


class TestWrongClock:
    """When something is looked at next is the database's to say: this worker's clock is hours off."""

    @pytest.fixture(params=[timedelta(hours=3), timedelta(hours=-3)], ids=["ahead", "behind"])
    def off(self, request: pytest.FixtureRequest) -> timedelta:
        """By how much."""
        offset: timedelta = request.param
        return offset

    @pytest.fixture
    def runs_off(self, off: timedelta, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """From its call on the clock is wrong."""
        right = timezone.now
        return lambda: monkeypatch.setattr(timezone, "now", lambda: right() + off)

    @pytest.mark.parametrize(("answer", "status"), [(UNKNOWN, "unknown"), (accepted_as("1"), "submitted")])
    def test_after_an_answer(
        self, answer: Answer, status: str, cast: Cast, payee: Address, plug: Plug, runs_off: Callable[[], None]
    ) -> None:
        sent = approved(cast, payee)
        plug(LookUpProvider(answer))
        runs_off()
        drain()
        assert soon(sent) == status

    @pytest.mark.parametrize(("answer", "status"), [(REFUSED, "unknown"), (accepted_as("1"), "submitted")])
    def test_after_an_answer_to_what_was_sent_once_more(
        self, answer: Answer, status: str, lost: Withdrawal, provider: LookUpProvider, runs_off: Callable[[], None]
    ) -> None:
        look_twice(lost)
        provider.answers = [answer]
        wake(lost.account)
        runs_off()
        drain()
        assert len(provider.orders) == 2
        assert soon(lost) == status

    @pytest.mark.parametrize(("records", "status"), [(0, "unknown"), (1, "submitted"), (2, "unknown")])
    def test_after_a_look(
        self, records: int, status: str, lost: Withdrawal, provider: LookUpProvider, runs_off: Callable[[], None]
    ) -> None:
        provider.book = [record_of(lost.order(), str(number), at=timezone.now()) for number in range(records)]
        Withdrawal.objects.filter(pk=lost.pk).update(next_look_at=timezone.now() - timedelta(seconds=1))
        runs_off()
        assert reconcile.look_up("treasury") == 1
        assert soon(lost) == status
