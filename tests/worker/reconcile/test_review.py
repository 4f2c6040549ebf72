"""Every account's last days, compared with the provider's records both ways."""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.domain.days.reading import SETTLED_AFTER
from payouts.domain.sending.answer import Exchange
from payouts.domain.unknown.record import Records, Unavailable
from payouts.models import Account, AuditEvent, Orphan, Pause, Withdrawal
from payouts.worker import accounts, reconcile
from payouts.workflow.days.compared import was_compared
from tests.props.days import at, days_ago, stranger
from tests.props.providers.doubles import (
    AWAY,
    LookUpProvider,
    ScriptedProvider,
    record_of,
)
from tests.props.rows.guards import forge
from tests.props.worker import (
    Plug,
    alerts,
    review_all,
    stop_after,
)


class TestReview:
    """Every account's last days, both ways."""

    @pytest.fixture
    def paid_elsewhere(self, lost: Withdrawal, provider: LookUpProvider) -> None:
        """A payment of an hour ago that nobody here asked for."""
        provider.book = [record_of(lost.order(), "777", at=timezone.now() - timedelta(hours=1), amount=Decimal(9))]

    @pytest.mark.usefixtures("paid_elsewhere")
    def test_a_payment_that_nobody_here_asked_for_is_told_and_stops_the_account(self, treasury: Account) -> None:
        review_all()
        review_all()
        orphan = Orphan.objects.get(account=treasury)
        assert orphan.record is not None
        assert (orphan.kind, orphan.record.record_id) == ("record_without_withdrawal", "777")
        assert Pause.objects.on(treasury).get().cause == "orphan"
        told = AuditEvent.objects.about(orphan).filter(event=Event.ALERT_RAISED)
        assert [event.facts["alert"] for event in told] == [Alert.ORPHAN_FOUND]

    @pytest.mark.usefixtures("paid_elsewhere")
    def test_records_that_cannot_be_read_are_no_reason_to_miss_anything(
        self, provider: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compared: list[str] = []
        monkeypatch.setattr(
            "payouts.workflow.days.review.find_orphans", lambda account, *_, **__: compared.append(account.name)
        )
        provider.unavailable = AWAY
        review_all()
        assert compared == []
        assert not Orphan.objects.exists()

    @pytest.mark.parametrize(("last", "days"), [(None, 1), (timedelta(hours=1), 1), (timedelta(days=4), 4)])
    def test_the_records_of_every_day_since_the_last_review_are_read(
        self, last: timedelta | None, days: int, treasury: Account, plug: Plug
    ) -> None:
        provider = LookUpProvider()
        plug(provider)
        now = timezone.now()
        Account.objects.filter(pk=treasury.pk).update(reviewed_until=last and now - last)
        review_all()
        asked = provider.asked[-days - 1 :]  # treasury is the last; a day at a time
        assert [since for since, _ in asked] == [at(days_ago(day), "00:00") for day in range(days, -1, -1)]
        assert all(until == since for (_, until), (since, _) in pairwise(asked))
        assert abs(asked[-1][1] - now) < timedelta(minutes=1)
        treasury.refresh_from_db()
        assert treasury.reviewed_until is not None
        assert abs(treasury.reviewed_until + SETTLED_AFTER - now) < timedelta(minutes=1)

    @pytest.fixture
    def was_away(self, treasury: Account, plug: Plug) -> LookUpProvider:
        """The treasury's provider, which could not be read for seventy days."""
        forge(treasury, created_at=at(days_ago(90)), reviewed_until=at(days_ago(70)))
        return plug(LookUpProvider())  # type: ignore[return-value]

    def test_an_account_that_was_away_for_months_is_caught_up_with_and_no_day_is_left_out(
        self, treasury: Account, was_away: LookUpProvider
    ) -> None:
        was_away.book = [stranger(at(days_ago(45)))]
        review_all()
        assert {since for since, _ in was_away.asked} == {at(days_ago(day), "00:00") for day in range(70, -1, -1)}
        assert [orphan.day for orphan in Orphan.objects.all()] == [days_ago(45)]
        assert was_compared(Account.objects.get(pk=treasury.pk), days_ago(45))

    def test_what_was_caught_up_with_stands_when_the_provider_says_no_more(
        self, treasury: Account, was_away: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        says = was_away.records

        def records(*, since: datetime, until: datetime) -> Records:
            return AWAY if since > at(days_ago(35)) else says(since=since, until=until)

        monkeypatch.setattr(was_away, "records", records)
        review_all()
        treasury.refresh_from_db()
        assert treasury.reviewed_until == at(days_ago(35), "00:00")
        assert was_compared(treasury, days_ago(36))
        assert not was_compared(treasury, days_ago(35))
        assert alerts() == [Alert.RECORDS_UNREADABLE]

    def test_an_old_day_that_cannot_be_read_hides_nothing_of_today(
        self, treasury: Account, was_away: LookUpProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        was_away.book = [stranger(timezone.now() - timedelta(hours=1))]
        says = was_away.records

        def records(*, since: datetime, until: datetime) -> Records:
            return AWAY if since < at(days_ago(60)) else says(since=since, until=until)

        monkeypatch.setattr(was_away, "records", records)
        review_all()
        assert Orphan.objects.get(account=treasury).record is not None
        assert Pause.objects.on(treasury).exists()
        treasury.refresh_from_db()
        assert treasury.reviewed_until == at(days_ago(70))
        assert not was_compared(treasury, days_ago(1))

    def test_our_own_pace_is_waited_for_and_a_worker_that_has_to_end_does_not_wait(
        self, treasury: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider, merchants = LookUpProvider(), ScriptedProvider()
        slept: list[float] = []
        monkeypatch.setattr(accounts, "client", {"merchant": merchants, "treasury": provider}.__getitem__)
        forge(treasury, created_at=at(days_ago(3)), reviewed_until=at(days_ago(2)))
        says, asked = provider.records, itertools.count(1)
        pace = Unavailable("too_many_requests", "300 requests were sent.", Exchange(None, 0, ""), 7.5)

        def records(*, since: datetime, until: datetime) -> Records:
            return pace if next(asked) % 2 else says(since=since, until=until)

        monkeypatch.setattr(provider, "records", records)
        monkeypatch.setattr("payouts.worker.reconcile.time.sleep", slept.append)
        reconcile.review_accounts(stop=stop_after(1))
        treasury.refresh_from_db()
        assert (slept, treasury.reviewed_until) == ([], at(days_ago(2)))
        review_all()
        treasury.refresh_from_db()
        assert sum(slept) == 120
        assert was_compared(treasury, days_ago(1)) == (timezone.now() - SETTLED_AFTER > at(days_ago(0), "00:00"))

    def test_a_provider_that_asked_for_quiet_while_others_were_read_is_left_alone(
        self, treasury: Account, merchant: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = LookUpProvider(), LookUpProvider()
        says = first.records

        def records(*, since: datetime, until: datetime) -> Records:
            Account.objects.filter(pk=treasury.pk).update(quiet_until=timezone.now() + timedelta(minutes=10))
            return says(since=since, until=until)

        monkeypatch.setattr(first, "records", records)
        monkeypatch.setattr(accounts, "client", {merchant.name: first, treasury.name: second}.__getitem__)
        review_all()
        assert (len(first.asked), second.asked) == (2, [])

    @pytest.mark.parametrize(("is_here", "told"), [(False, 1), (True, 2)])
    def test_a_key_that_is_gone_is_told_of_once_and_a_provider_that_is_away_every_day(
        self, is_here: bool, told: int, treasury: Account, plug: Plug, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provider = LookUpProvider()
        provider.unavailable = AWAY
        plug(provider)
        if not is_here:
            monkeypatch.setattr(accounts, "client", {}.__getitem__)
        for hours in (7, 32):
            Account.objects.filter(pk=treasury.pk).update(reviewed_until=timezone.now() - timedelta(hours=hours))
            review_all()
            for event in AuditEvent.objects.filter(event=Event.ALERT_RAISED):
                forge(event, at=event.at - timedelta(hours=25))
        assert alerts() == [Alert.RECORDS_UNREADABLE] * told

    def test_people_are_told_once_when_the_records_were_not_readable_for_hours(
        self, treasury: Account, plug: Plug
    ) -> None:
        provider = LookUpProvider()
        provider.unavailable = AWAY
        plug(provider)
        last = timezone.now() - timedelta(hours=7)
        Account.objects.filter(pk=treasury.pk).update(reviewed_until=last)
        for _ in range(2):
            review_all()
        assert alerts() == [Alert.RECORDS_UNREADABLE]
        treasury.refresh_from_db()
        assert treasury.reviewed_until == last
        provider.unavailable = None
        review_all()
        treasury.refresh_from_db()
        assert treasury.reviewed_until > last
        assert alerts() == [Alert.RECORDS_UNREADABLE]
