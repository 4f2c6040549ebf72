"""Days that nobody could compare, and orphans: told, found later, or explained by somebody else than who asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.days.pairing import OrphanKind
from payouts.domain.days.reading import Came
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Role
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, AuditEvent, Orphan, ProviderRecord
from payouts.workflow.days import review
from payouts.workflow.unknown.records import note
from tests.props.cast import Cast
from tests.props.days import alerts, at, days_ago, kinds, look_back, record_of, reviewed, sent, stranger
from tests.props.rows.guards import forge
from tests.props.trail import objected, told

BY = Worker("tests")
DAY = days_ago(3)
NOON = at(DAY)


# -- when nobody could compare --


def test_nobody_is_called_for_some_hours_without_a_review(treasury: Account) -> None:
    review.tell_when_unreviewed(treasury, by=BY)  # never, and it is new
    review.tell_when_unreviewed(reviewed(treasury, timedelta(hours=5, minutes=59)), by=BY)
    assert alerts(Alert.RECORDS_UNREADABLE, treasury) == []


def test_six_hours_without_a_review_are_told_once_a_day(treasury: Account, merchant: Account) -> None:
    review.tell_when_unreviewed(reviewed(merchant, timedelta(days=2)), by=BY)
    reviewed(treasury, timedelta(hours=6, seconds=1))
    for _ in range(3):
        review.tell_when_unreviewed(treasury, by=BY)
    assert treasury.reviewed_until is not None
    sentence = f"Account treasury: not since {treasury.reviewed_until:%Y-%m-%d %H:%M} UTC."
    assert alerts(Alert.RECORDS_UNREADABLE, treasury) == [sentence]
    forge(AuditEvent.objects.about(treasury).latest("id"), at=timezone.now() - timedelta(hours=24, seconds=1))
    review.tell_when_unreviewed(treasury, by=BY)
    assert alerts(Alert.RECORDS_UNREADABLE, treasury) == [sentence, sentence]


def test_an_account_that_was_never_reviewed_is_told_of_six_hours_after_it_was_made(treasury: Account) -> None:
    Account.objects.filter(pk=treasury.pk).update(created_at=timezone.now() - timedelta(hours=7))
    treasury.refresh_from_db()
    review.tell_when_unreviewed(treasury, by=BY)
    assert len(alerts(Alert.RECORDS_UNREADABLE, treasury)) == 1


def test_another_alert_of_the_account_does_not_keep_this_one_back(cast: Cast, treasury: Account) -> None:
    note(treasury, [stranger(NOON), stranger(NOON)], by=BY)
    review.review(treasury, DAY, by=BY)
    review.tell_when_unreviewed(reviewed(treasury, timedelta(hours=7)), by=BY)
    assert len(alerts(Alert.RECORDS_UNREADABLE, treasury)) == 1


def told_in_three_days(account: Account, came_of_it: Came) -> int:
    """How many alerts three days of hourly reviews raise that can read nothing."""
    reviewed(account, timedelta(hours=7))
    for _ in range(3):
        review.tell_when_unreviewed(account, came_of_it=came_of_it, by=BY)
        review.tell_when_unreviewed(account, came_of_it=came_of_it, by=BY)
        a_day_passes(account)
    return len(alerts(Alert.RECORDS_UNREADABLE, account))


def a_day_passes(account: Account) -> None:
    """Everything that was told of the account, and its last review, is a day older."""
    for event in AuditEvent.objects.about(account):
        forge(event, at=event.at - timedelta(hours=24, seconds=1))
    assert account.reviewed_until
    account.reviewed_until -= timedelta(hours=24, seconds=1)
    account.save(update_fields=["reviewed_until"])


def test_an_account_whose_key_is_gone_and_that_has_nothing_to_do_is_told_of_once(
    cast: Cast, payee: Address, chain_payee: Address, treasury: Account
) -> None:
    sent(cast, payee, NOON)
    sent(cast, chain_payee, NOON, status="submitted")  # another account's
    assert told_in_three_days(treasury, Came.NOT_CONFIGURED) == 1


def test_an_account_that_went_unreviewed_anew_is_told_of_anew(treasury: Account) -> None:
    told_in_three_days(treasury, Came.NOT_CONFIGURED)
    look_back(treasury)
    assert told_in_three_days(treasury, Came.NOT_CONFIGURED) == 2


@pytest.mark.parametrize("status", [status for status in Status if not status.is_final])
def test_an_account_whose_key_is_gone_is_told_of_daily_while_something_of_it_is_not_final(
    status: Status, cast: Cast, payee: Address, treasury: Account
) -> None:
    sent(cast, payee, NOON, status=status.value)
    assert told_in_three_days(treasury, Came.NOT_CONFIGURED) == 3


def test_an_account_that_is_configured_is_told_of_daily(treasury: Account) -> None:
    assert told_in_three_days(treasury, Came.UNREADABLE) == 3


# -- whose is whose --


def test_another_accounts_payment_is_no_partner(
    cast: Cast, payee: Address, treasury: Account, merchant: Account
) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    note(merchant, [record_of(it)], by=BY)
    assert kinds(merchant) == [OrphanKind.RECORD_WITHOUT_WITHDRAWAL]
    assert kinds(treasury) == [OrphanKind.WITHDRAWAL_WITHOUT_RECORD]


# -- found later --


def test_an_orphan_is_closed_when_its_record_appears(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    kinds(treasury)
    note(treasury, [record_of(it)], by=BY)
    with told() as events:
        assert review.review(treasury, DAY, by=BY) == []
    orphan = Orphan.objects.get()
    assert (orphan.closed_because, orphan.closed_by) == (review.FOUND, None)
    assert [event.event for event in events] == [Event.ORPHAN_CLOSED]


def test_an_orphan_is_closed_when_its_withdrawal_is_known(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, status="unknown", amount=Decimal(9000))
    note(treasury, [stranger(NOON, provider_id="10195")], by=BY)
    kinds(treasury)
    ProviderRecord.objects.update(withdrawal=it)
    forge(it, status="completed", provider_id="10195")
    review.review(treasury, DAY, by=BY)
    first, second = Orphan.objects.order_by("pk")
    assert (first.kind, first.closed_because) == (OrphanKind.RECORD_WITHOUT_WITHDRAWAL, review.FOUND)
    assert (second.kind, second.closed_because) == (OrphanKind.DIFFERS, "")  # it paid somebody else


def test_what_might_be_an_undecided_withdrawals_stays_open(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, status="refused")
    forge(it.submissions.get(), outcome="not_executed")
    note(treasury, [record_of(it)], by=BY)
    kinds(treasury)
    forge(it.submissions.get(), outcome="unknown")
    forge(it, status="unknown", error_code="")
    review.review(treasury, DAY, by=BY)
    assert Orphan.objects.open().count() == 1


def test_what_closed_by_itself_and_is_there_again_is_told_again(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    for status in (RecordStatus.FAILED, RecordStatus.COMPLETED, RecordStatus.FAILED):
        note(treasury, [record_of(it, status=status)], by=BY)
        kinds(treasury)
    first, second = Orphan.objects.order_by("pk")
    assert (first.kind, first.closed_because) == (OrphanKind.DIFFERS, review.FOUND)
    assert (second.kind, second.closed_at) == (OrphanKind.DIFFERS, None)
    assert [len(alerts(Alert.ORPHAN_FOUND, orphan)) for orphan in (first, second)] == [1, 1]


# -- explained --


@pytest.fixture
def orphan(cast: Cast, payee: Address, treasury: Account) -> Orphan:
    """A withdrawal of the requester's that the provider does not list."""
    sent(cast, payee, NOON, provider_id="10195")
    return review.review(treasury, DAY, by=BY)[0]


def test_an_approver_explains_it_once(cast: Cast, orphan: Orphan) -> None:
    with told() as events:
        review.close_orphan(orphan.pk, reason="Listed under another account", by=cast.first_approver)
    orphan.refresh_from_db()
    assert (orphan.closed_by, orphan.closed_because) == (cast.first_approver, "Listed under another account")
    assert [(event.event, event.facts) for event in events] == [
        (Event.ORPHAN_CLOSED, {"why": "Listed under another account"})
    ]
    with objected("closed_already", Event.REVIEW_OBJECTED, by=cast.second_approver):
        review.close_orphan(orphan.pk, reason="Once more", by=cast.second_approver)


def test_words_of_our_own_do_not_hide_who_wrote_them(cast: Cast, orphan: Orphan) -> None:
    review.close_orphan(orphan.pk, reason=review.FOUND, by=cast.first_approver)
    orphan.refresh_from_db()
    assert orphan.closed_by == cast.first_approver


def test_nobody_explains_their_own_request(cast: Cast, orphan: Orphan) -> None:
    cast.requester.groups.add(Group.objects.get(name=Role.APPROVER))
    with objected("own_request", Event.REVIEW_OBJECTED, by=cast.requester):
        review.close_orphan(orphan.pk, reason="It is mine", by=cast.requester)


def test_only_approvers_explain(cast: Cast, orphan: Orphan) -> None:
    for user in (cast.second_requester, cast.keeper, cast.auditor, cast.administrator, cast.superuser):
        with objected("no_role", Event.REVIEW_OBJECTED, by=user):
            review.close_orphan(orphan.pk, reason="Because", by=user)


def test_a_reason_is_needed(cast: Cast, orphan: Orphan) -> None:
    with pytest.raises(InvalidValue):
        review.close_orphan(orphan.pk, reason=" ", by=cast.first_approver)
    assert Orphan.objects.open().count() == 1


def test_what_was_explained_does_not_come_back(cast: Cast, orphan: Orphan, treasury: Account) -> None:
    review.close_orphan(orphan.pk, reason="Listed under another account", by=cast.first_approver)
    assert review.review(treasury, DAY, by=BY) == []
    assert Orphan.objects.count() == 1
