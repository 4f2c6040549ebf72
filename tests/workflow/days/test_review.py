"""Reviews of a day: what is an orphan, what is not, that each is told once, and how it is found or explained."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.days.pairing import OrphanKind
from payouts.domain.days.reading import SETTLED_AFTER, Reading
from payouts.domain.unknown.record import RecordStatus
from payouts.models import Account, Address, AuditEvent, Orphan, Pause, ProviderRecord
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.days import review
from payouts.workflow.days.compared import was_compared
from payouts.workflow.days.day import day_of, statement_of
from payouts.workflow.unknown.records import note
from tests.props import findings
from tests.props.cast import Cast
from tests.props.days import (
    alerts,
    at,
    covering,
    days_ago,
    kinds,
    look_back,
    record_of,
    reviewed,
    row_of,
    sent,
    stranger,
)
from tests.props.providers.doubles import Crash
from tests.props.rows.guards import forge
from tests.props.trail import told

BY = Worker("tests")
DAY = days_ago(3)
NOON = at(DAY)


# -- what is in order --


def test_a_withdrawal_and_its_record_are_partners(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    note(treasury, [record_of(it)], by=BY)
    assert kinds(treasury) == []
    assert not Pause.objects.exists()


def test_partners_on_either_side_of_midnight_are_partners(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, at(DAY, "23:59:59"), provider_id="10195")
    early = sent(cast, payee, at(DAY) - timedelta(hours=12, seconds=1), amount=Decimal(7), provider_id="10196")
    note(treasury, [record_of(it), record_of(early)], by=BY)
    assert kinds(treasury) == []
    assert [line.id for line in statement_of(treasury, DAY).payments] == [it.pk]


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=1)])
def test_midnight_parts_no_partners_that_only_their_amount_ties(
    day: date, cast: Cast, chain_payee: Address, merchant: Account
) -> None:
    it = sent(cast, chain_payee, at(DAY, "23:59:59"))
    note(merchant, [record_of(it)], by=BY)
    for each in (DAY, DAY + timedelta(days=1)):
        covering(merchant, cast.requester, each)
    assert review.review(merchant, day, by=BY) == []


@pytest.mark.parametrize("status", ["submitting", "unknown", "submitted"])
def test_what_is_not_decided_yet_is_no_orphan(status: str, cast: Cast, payee: Address, treasury: Account) -> None:
    sent(cast, payee, NOON, status=status)
    assert kinds(treasury) == []


@pytest.mark.parametrize("status", ["submitting", "unknown"])
def test_a_record_that_may_be_an_undecided_withdrawals_is_no_orphan(
    status: str, cast: Cast, payee: Address, treasury: Account
) -> None:
    note(treasury, [record_of(sent(cast, payee, NOON, status=status))], by=BY)
    assert kinds(treasury) == []
    assert ProviderRecord.objects.unclaimed().count() == 1  # a person decides


def test_a_young_record_is_no_orphan_yet(cast: Cast, treasury: Account) -> None:
    now = timezone.now()
    note(treasury, [stranger(now - timedelta(minutes=9))], by=BY)
    assert review.review(treasury, day_of(now - timedelta(minutes=9)), by=BY) == []
    forge(ProviderRecord.objects.get(), created_at=now - timedelta(minutes=11))
    assert len(review.review(treasury, day_of(now - timedelta(minutes=11)), by=BY)) == 1


def test_without_look_ups_nothing_is_missing_until_a_statement_covers_its_time(
    cast: Cast, chain_payee: Address, merchant: Account
) -> None:
    sent(cast, chain_payee, NOON)
    assert kinds(merchant) == []
    statement = covering(merchant, cast.requester, DAY)
    forge(statement, since=NOON + timedelta(seconds=1))
    assert kinds(merchant) == []
    forge(statement, since=NOON)
    assert kinds(merchant) == [OrphanKind.WITHDRAWAL_WITHOUT_RECORD]


def test_what_is_exactly_one_to_one_is_tied_for_good(cast: Cast, chain_payee: Address, merchant: Account) -> None:
    it = sent(cast, chain_payee, NOON, status="submitted")
    record = record_of(it)
    note(merchant, [record], by=BY)
    assert kinds(merchant) == []
    assert row_of(merchant, record).withdrawal == it
    it.refresh_from_db()
    assert it.status == "submitted"  # two people say what became of it


def test_equal_ones_are_partners_and_nobody_says_which(cast: Cast, chain_payee: Address, merchant: Account) -> None:
    pair = [sent(cast, chain_payee, NOON + timedelta(seconds=gap)) for gap in (0, 5)]
    note(merchant, [record_of(it) for it in pair], by=BY)
    covering(merchant, cast.requester, DAY)
    assert kinds(merchant) == []
    assert ProviderRecord.objects.unclaimed().count() == 2


# -- what is not --


def test_a_payment_made_outside_this_tool_is_told_once_and_stops_the_account(cast: Cast, treasury: Account) -> None:
    note(treasury, [stranger(NOON)], by=BY)
    with told() as events:
        assert kinds(treasury) == [OrphanKind.RECORD_WITHOUT_WITHDRAWAL]
    assert [event.event for event in events] == [
        Event.ORPHAN_FOUND, Event.ALERT_RAISED, Event.ACCOUNT_PAUSED, Event.ALERT_RAISED,
    ]  # fmt: skip
    orphan, pause = Orphan.objects.get(), Pause.objects.get()
    assert (orphan.day, orphan.record, orphan.withdrawal) == (DAY, ProviderRecord.objects.get(), None)
    assert (pause.account, pause.cause, pause.proposal.needed) == (treasury, "orphan", 2)
    sentence = events[1].facts["sentence"]
    assert "treasury" in sentence
    assert "9000" not in sentence


def test_two_strangers_are_two_orphans_and_one_pause(cast: Cast, treasury: Account) -> None:
    note(treasury, [stranger(NOON), stranger(NOON)], by=BY)
    assert len(kinds(treasury)) == 2
    note(treasury, [stranger(NOON)], by=BY)
    assert len(kinds(treasury)) == 3
    assert Pause.objects.count() == 1


def test_all_of_one_review_are_one_alert(cast: Cast, treasury: Account) -> None:
    note(treasury, [stranger(NOON), stranger(NOON)], by=BY)
    review.review(treasury, DAY, by=BY)
    assert alerts(Alert.ORPHAN_FOUND, treasury) == [f"Account treasury: 2 payments and records, the first on {DAY}."]
    note(treasury, [stranger(NOON)], by=BY)
    [third] = review.review(treasury, DAY, by=BY)
    assert len(alerts(Alert.ORPHAN_FOUND, third)) == 1
    assert AuditEvent.objects.filter(event=Event.ALERT_RAISED, facts__alert=Alert.ORPHAN_FOUND).count() == 2


def test_a_setting_leaves_the_account_running(cast: Cast, treasury: Account, settings: Settings) -> None:
    settings.FREEZE_ON_ORPHAN = False
    note(treasury, [stranger(NOON)], by=BY)
    assert kinds(treasury) == [OrphanKind.RECORD_WITHOUT_WITHDRAWAL]
    assert not Pause.objects.exists()


def test_a_completed_withdrawal_that_the_provider_does_not_list_is_an_orphan(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    assert kinds(treasury) == [OrphanKind.WITHDRAWAL_WITHOUT_RECORD]
    assert Orphan.objects.get().withdrawal == it


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"amount": Decimal("1250.01")}, "amount 1250.01, not 1250"),
        ({"coin": "USDC"}, "coin USDC, not USDT"),
        ({"address": "666"}, "another recipient"),
        ({"status": RecordStatus.FAILED}, "failed, not completed"),
    ],
)
def test_partners_that_differ_are_an_orphan(
    changes: dict[str, object], what: str, cast: Cast, payee: Address, treasury: Account
) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    note(treasury, [record_of(it, **changes)], by=BY)
    assert kinds(treasury) == [OrphanKind.DIFFERS]
    orphan = Orphan.objects.get()
    assert what in orphan.what
    assert (orphan.record, orphan.withdrawal) == (ProviderRecord.objects.get(), it)


def test_what_was_refused_and_paid_all_the_same_is_an_orphan(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, status="refused")
    note(treasury, [record_of(it)], by=BY)
    assert kinds(treasury) == [OrphanKind.DIFFERS]


def test_a_call_that_provably_executed_nothing_is_no_payment(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON)
    forge(it.submissions.get(), outcome="not_executed")
    assert kinds(treasury) == []
    assert statement_of(treasury, DAY).payments == ()


def test_yesterday_and_today_are_reviewed_together(cast: Cast, treasury: Account) -> None:
    moments = [at(days_ago(1)), at(days_ago(2))]
    note(treasury, [stranger(moment) for moment in moments], by=BY)
    found = look_back(treasury)
    assert [orphan.day for orphan in found] == [days_ago(1)]


def test_a_payment_made_while_nobody_could_look_is_found_by_the_next_review(cast: Cast, treasury: Account) -> None:
    note(treasury, [stranger(at(days_ago(4)))], by=BY)
    assert look_back(reviewed(treasury, timedelta(hours=1))) == []
    found = look_back(reviewed(treasury, timedelta(days=5)))
    assert [orphan.day for orphan in found] == [days_ago(4)]


def test_what_was_sent_after_the_records_were_asked_for_is_not_missing(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    """As when the asking took a quarter of an hour."""
    now = timezone.now()
    sent(cast, payee, now - timedelta(minutes=14), provider_id="10195")
    slow = Reading(at(days_ago(1), "00:00"), now - timedelta(minutes=15))
    assert review.review_recent(treasury, slow, by=BY) == []
    treasury.refresh_from_db()
    assert treasury.reviewed_until == slow.until - SETTLED_AFTER
    assert [orphan.kind for orphan in look_back(treasury)] == [OrphanKind.WITHDRAWAL_WITHOUT_RECORD]


def test_the_last_day_that_could_be_read_is_there_for_the_one_before_it(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    """Its own payments' records may stand on the day that could not be read."""
    forge(treasury, created_at=at(days_ago(34)))
    sent(cast, payee, at(days_ago(4), "23:59:59"), provider_id="10195")
    sent(cast, payee, at(days_ago(5)), provider_id="10196", amount=Decimal(7))
    broken_off = Reading(at(days_ago(34), "00:00"), timezone.now()).until_only(at(days_ago(3), "00:00"))
    assert [orphan.day for orphan in review.review_recent(treasury, broken_off, by=BY)] == [days_ago(5)]
    treasury.refresh_from_db()
    assert treasury.reviewed_until == at(days_ago(4), "00:00")
    assert [orphan.day for orphan in look_back(treasury)] == [days_ago(4)]


@pytest.mark.parametrize("days", [0, 1])
def test_a_reading_that_broke_off_at_once_compares_nothing(
    days: int, cast: Cast, payee: Address, treasury: Account
) -> None:
    forge(treasury, created_at=at(days_ago(5)))
    sent(cast, payee, at(days_ago(4)), provider_id="10196")
    reading = treasury.next_reading()
    broken_off = reading.until_only(reading.since + timedelta(days=days))
    assert review.review_recent(treasury, broken_off, by=BY) == []
    treasury.refresh_from_db()
    assert treasury.reviewed_until is None


def test_what_was_too_young_before_midnight_is_compared_by_whatever_review_comes_next(treasury: Account) -> None:
    """The review of 00:07 leaves it, and then the provider is away for days."""
    forge(treasury, created_at=at(days_ago(9)), reviewed_until=at(days_ago(4), "22:40"))
    note(treasury, [stranger(at(days_ago(4), "23:58"))], by=BY)
    just_after = Reading(at(days_ago(4), "00:00"), at(days_ago(3), "00:07"))
    assert review.review_recent(treasury, just_after, by=BY) == []
    treasury.refresh_from_db()
    assert not was_compared(treasury, days_ago(4))
    assert [orphan.day for orphan in look_back(treasury)] == [days_ago(4)]
    treasury.refresh_from_db()
    assert was_compared(treasury, days_ago(4))


def test_a_day_counts_as_compared_only_when_what_differs_on_both_sides_of_midnight_was(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    it = sent(cast, payee, at(days_ago(4), "23:59:50"), provider_id="10195")
    note(treasury, [record_of(it, created_at=at(days_ago(3), "00:15"), amount=Decimal(99999))], by=BY)
    forge(treasury, created_at=at(days_ago(9)), reviewed_until=at(days_ago(4), "12:00"))
    for minutes, found in ((24, []), (26, [days_ago(4)])):
        reading = Reading(at(days_ago(4), "00:00"), at(days_ago(3), f"00:{minutes}"))
        assert [orphan.day for orphan in review.review_recent(treasury, reading, by=BY)] == found
        treasury.refresh_from_db()
        assert was_compared(treasury, days_ago(4)) == bool(found)


def test_the_mark_goes_neither_back_nor_over_what_was_not_compared(treasury: Account) -> None:
    forge(treasury, created_at=at(days_ago(90)), reviewed_until=at(days_ago(70)))
    stale = treasury.next_reading().until_only(at(days_ago(40), "00:00"))
    newest = Reading(at(days_ago(1), "00:00"), timezone.now())
    review.review_recent(treasury, newest, by=BY)
    treasury.refresh_from_db()
    assert treasury.reviewed_until == at(days_ago(70))
    look_back(treasury)
    treasury.refresh_from_db()
    reached = treasury.reviewed_until
    assert reached is not None
    review.review_recent(treasury, stale, by=BY)
    treasury.refresh_from_db()
    assert treasury.reviewed_until == reached > at(days_ago(1))


def test_the_newest_days_alone_are_no_first_review_of_an_account(treasury: Account) -> None:
    forge(treasury, created_at=at(days_ago(5)))
    review.review_recent(treasury, Reading(at(days_ago(1), "00:00"), timezone.now()), by=BY)
    treasury.refresh_from_db()
    assert treasury.reviewed_until is None


def test_an_earlier_day_is_not_compared_anew_while_there_are_days_that_nobody_has_read(
    cast: Cast, payee: Address, treasury: Account
) -> None:
    """What people found may stand on one of them."""
    forge(treasury, created_at=at(days_ago(90)), reviewed_until=at(days_ago(20)))
    it = sent(cast, payee, at(days_ago(30)), status="unknown")
    findings.confirm(findings.proposed(cast, it, verdict=Verdict.PAID, found_as="20001"), cast.first_approver)
    newest = Reading(at(days_ago(1), "00:00"), timezone.now())
    broken_off = treasury.next_reading().until_only(at(days_ago(10), "00:00"))
    for reading in (newest, broken_off):
        assert review.review_recent(treasury, reading, by=BY) == []
    treasury.refresh_from_db()
    note(treasury, [record_of(it, provider_id="20001", created_at=at(days_ago(10)))], by=BY)
    assert look_back(treasury) == []
    assert not Pause.objects.exists()


def test_an_account_was_reviewed_only_when_what_was_found_is_written(
    cast: Cast, treasury: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(treasury, [stranger(at(days_ago(1)))], by=BY)

    def crash(*args: object, **kwargs: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        broken.setattr("payouts.workflow.days.review.pause.begin", crash)
        with pytest.raises(Crash):
            look_back(treasury)
    lately = Account.objects.filter(reviewed_until__gt=timezone.now() - SETTLED_AFTER - timedelta(minutes=1))
    assert not lately.exists()
    look_back(treasury)
    assert lately.get() == treasury
