"""A day on which a call was lost: what it paid is no orphan and no other's; whoever found that out does not sign."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.days.day import LostLine
from payouts.domain.people.roles import Act
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, LostCall, Orphan, Pause, ProviderRecord
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.days import review
from payouts.workflow.days.day import participants, statement_of
from payouts.workflow.days.sign_off import day_now, sign_off
from payouts.workflow.unknown import lost_call
from payouts.workflow.unknown.records import note
from tests.props.accounts.twins import said, twin_of
from tests.props.cast import Cast
from tests.props.days import at, compared, covering, days_ago, kinds, look_back, sent
from tests.props.decisions import proof_of, yes
from tests.props.findings import TRANSACTION
from tests.props.rows.guards import forge
from tests.props.rows.lost import NOTE, lost_order, order_of
from tests.props.rows.rows import orphan_row, sign_off_row
from tests.props.rows.sql import insert, refused_by
from tests.props.trail import objected
from tests.props.worker import WORKER

DAY = days_ago(3)
NOON = at(DAY)


def here(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


@pytest.fixture
def order(treasury: Account) -> Order:
    return order_of(treasury)


def lost(order: Order, **changes: Any) -> LostCall:
    """A call of that order at noon, whose withdrawal is gone."""
    return lost_order(Account.objects.get(name=order.account), order, **{"called_at": NOON} | changes)


@pytest.fixture
def call(order: Order) -> LostCall:
    return lost(order)


def recorded(order: Order, record_id: str = "10195", **changes: Any) -> Record:
    facts: dict[str, Any] = {
        "provider_id": record_id, "tx_id": "", "coin": order.coin, "amount": order.amount, "fee": Decimal(1),
        "address": order.address, "status": RecordStatus.COMPLETED, "status_text": "ok", "known": True,
        "created_at": NOON + timedelta(seconds=2), "raw": "{}",
    }  # fmt: skip
    return Record(**facts | changes)


def decided(call: LostCall, cast: Cast, *, found_as: str = "10195", paid: bool = True) -> None:
    verdict = Verdict.PAID if paid else Verdict.NOT_PAID
    told = lost_call.Said(verdict, found_as if paid else "", "The panel", timezone.now(), NOTE)
    yes(lost_call.propose(call.pk, told, by=cast.second_requester), cast.third_approver)


def line_of(account: Account) -> LostLine:
    [line] = statement_of(here(account), DAY).lost
    return line


@pytest.mark.parametrize("found_as", ["10195", TRANSACTION])
def test_what_a_lost_call_paid_is_no_orphan_and_counted_as_paid(
    cast: Cast, treasury: Account, order: Order, call: LostCall, found_as: str
) -> None:
    decided(call, cast, found_as=found_as)
    before = Pause.objects.count()
    note(treasury, [recorded(order, tx_id=TRANSACTION.upper().replace("0X", ""))], by=WORKER)
    assert (kinds(treasury), Pause.objects.count()) == ([], before)
    day, line = statement_of(treasury, DAY), line_of(treasury)
    assert (day.alone, day.payments, day.unsettled()) == ((), (), 0)
    assert (line.serial, line.record and line.record.record_id, line.payee) == (call.serial, "10195", order.address)
    assert line.found_by == (cast.second_requester.username, cast.third_approver.username)
    [total] = day.totals()
    assert (total.withdrawals, total.lost_calls) == (0, 1)
    assert (total.paid, total.fees) == (order.amount, Decimal(1))


def test_what_the_provider_accepted_is_no_orphan_either_and_unknown(treasury: Account, order: Order) -> None:
    lost(order, outcome="accepted", provider_id_given="10195")
    note(treasury, [recorded(order, amount=Decimal(7))], by=WORKER)
    assert kinds(treasury) == []
    day = statement_of(treasury, DAY)
    assert day.unsettled() == 1
    assert (day.totals()[0].unknown, day.totals()[0].paid) == (Decimal(7), Decimal(0))


def test_a_record_under_the_id_of_what_was_found_unpaid_is_an_orphan(
    cast: Cast, treasury: Account, order: Order
) -> None:
    decided(lost(order, outcome="accepted", provider_id_given="10195"), cast, paid=False)
    note(treasury, [recorded(order, amount=Decimal(7))], by=WORKER)
    assert kinds(treasury) == ["record_without_withdrawal"]
    assert line_of(treasury).verdict == "not_paid"


def test_its_record_is_no_equal_withdrawals(cast: Cast, payee: Address, treasury: Account, order: Order) -> None:
    """The withdrawal lacks its own record, and the day says so."""
    it = sent(cast, payee, NOON)
    call = lost(replace(order, address=payee.address, amount=it.amount), called_at=NOON)
    decided(call, cast)
    note(treasury, [recorded(it.order())], by=WORKER)
    assert kinds(treasury) == ["withdrawal_without_record"]
    day = statement_of(treasury, DAY)
    assert ([line.record for line in day.payments], line_of(treasury).record is None) == ([None], False)
    assert ProviderRecord.objects.get().withdrawal is None


def test_nor_does_it_keep_an_equal_withdrawal_from_its_own_record(
    cast: Cast, payee: Address, treasury: Account, order: Order, call: LostCall
) -> None:
    it = sent(cast, payee, NOON)
    decided(call, cast)
    note(treasury, [recorded(it.order()), recorded(it.order(), "10196")], by=WORKER)
    assert kinds(treasury) == []
    assert ProviderRecord.objects.get(withdrawal=it).record_id == "10196"


def test_an_orphan_of_an_earlier_day_closes_once_people_have_decided(
    cast: Cast, treasury: Account, order: Order, call: LostCall
) -> None:
    note(treasury, [recorded(order)], by=WORKER)
    assert kinds(treasury) == ["record_without_withdrawal"]
    compared(treasury, until=at(days_ago(1)))
    decided(call, cast)
    look_back(here(treasury))
    assert Orphan.objects.get().closed_because == review.FOUND


def test_another_account_of_the_customer_names_it_and_counts_it_not(
    cast: Cast, treasury: Account, order: Order, call: LostCall
) -> None:
    twin = twin_of(treasury)
    decided(call, cast)
    note(here(twin), [recorded(order)], by=WORKER)
    assert kinds(here(twin)) == []
    day = statement_of(here(twin), DAY)
    [line] = day.elsewhere
    assert (line.account, line.payment, line.lost_call) == (treasury.name, call.pk, call.serial)
    assert (day.lost, day.alone, day.totals()) == ((), (), ())
    said(treasury="1001", twin="1002")
    assert kinds(here(twin)) == ["record_without_withdrawal"]


def test_what_a_withdrawal_is_known_by_is_counted_with_it(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON, provider_id="10195")
    call = lost(it.order(), withdrawal_id=it.pk)
    decided(call, cast)
    note(treasury, [recorded(it.order())], by=WORKER)
    assert kinds(treasury) == []
    assert (line_of(treasury).is_counted, line_of(treasury).record) == (False, None)
    assert statement_of(treasury, DAY).totals()[0].paid == it.amount


def test_two_calls_of_one_order_that_were_paid_once_count_once(cast: Cast, treasury: Account, order: Order) -> None:
    for call in (lost(order), lost(order)):
        decided(call, cast)
    note(treasury, [recorded(order)], by=WORKER)
    assert statement_of(treasury, DAY).totals()[0].paid == order.amount


@pytest.mark.parametrize("changes", [{"outcome": "not_executed"}, {"called_at": NOON - timedelta(days=1)}])
def test_what_never_left_or_was_made_on_another_day_is_not_of_the_day(
    treasury: Account, order: Order, changes: dict[str, Any]
) -> None:
    lost(order, **changes)
    assert statement_of(treasury, DAY).lost == ()


def test_a_statement_counts_no_line_of_a_lost_call(cast: Cast, treasury: Account, order: Order, call: LostCall) -> None:
    from payouts.admin.days.statements import result_of

    decided(call, cast)
    note(treasury, [recorded(order)], by=WORKER)
    result = result_of(covering(treasury, cast.requester, DAY))
    assert (result.matches, result.alone) == ([], [])
    assert [(line.call.serial, line.record.record_id) for line in result.lost] == [(call.serial, "10195")]


# -- the database --


def test_the_database_takes_no_orphan_of_what_a_lost_call_paid(
    cast: Cast, treasury: Account, order: Order, call: LostCall
) -> None:
    twin = twin_of(treasury)
    decided(call, cast)
    decided(lost(replace(order, reference="cd" * 16)), cast, found_as=TRANSACTION)
    rows = [
        note(here(each), [recorded(order), recorded(order, "10196", tx_id=TRANSACTION)], by=WORKER)
        for each in (treasury, twin)
    ]
    orphans = [
        orphan_row(row.account, kind="record_without_withdrawal", record_id=row.pk) for some in rows for row in some
    ]
    for row in orphans:
        with refused_by("what_a_lost_call_paid_is_no_orphan"):
            insert("orphan", **row)
    said(treasury="1001", twin="1002")
    for row in orphans[2:]:
        insert("orphan", **row)


def test_but_one_of_another_payment_of_that_transaction(
    cast: Cast, treasury: Account, order: Order, call: LostCall
) -> None:
    both = [recorded(order, tx_id=TRANSACTION), recorded(order, "10196", tx_id=TRANSACTION, amount=Decimal(7))]
    decided(call, cast, found_as=TRANSACTION)
    note(treasury, both, by=WORKER)
    assert kinds(treasury) == ["record_without_withdrawal"]
    assert Orphan.objects.get().record == ProviderRecord.objects.get(record_id="10196")


@pytest.mark.parametrize("verdict", ["", "not_paid"])
def test_what_was_accepted_is_an_orphan_only_once_it_is_found_unpaid(
    cast: Cast, treasury: Account, order: Order, verdict: str
) -> None:
    call = lost(order, outcome="accepted", provider_id_given="10195")
    if verdict:
        decided(call, cast, paid=False)
    (row,) = note(treasury, [recorded(order, amount=Decimal(7))], by=WORKER)
    orphan = orphan_row(treasury, kind="record_without_withdrawal", record_id=row.pk)
    if verdict:
        insert("orphan", **orphan)
    else:
        with refused_by("what_a_lost_call_paid_is_no_orphan"):
            insert("orphan", **orphan)


# -- who signs --


def sign(account: Account, by: User) -> None:
    shown = day_now(account, DAY).digest
    sign_off(account, DAY, shown_digest=shown, proof=proof_of(by, Act.SIGN_OFF, shown), by=by)


def test_whoever_confirmed_what_became_of_a_lost_call_of_the_day_does_not_sign_it(
    cast: Cast, treasury: Account, order: Order, call: LostCall
) -> None:
    decided(call, cast)
    note(treasury, [recorded(order)], by=WORKER)
    compared(treasury)
    assert participants(treasury, DAY) == {cast.second_requester.pk, cast.third_approver.pk}
    shown = day_now(here(treasury), DAY).digest
    with objected("took_part", Event.REVIEW_OBJECTED, by=cast.third_approver):
        sign_off(here(treasury), DAY, shown_digest=shown, proof=None, by=cast.third_approver)
    for by in (cast.second_requester, cast.third_approver):
        with refused_by("signed_by_neither_maker_nor_checker"):
            insert("signoff", **sign_off_row(treasury, by, day=DAY))
    sign(here(treasury), cast.first_approver)


def test_nor_whoever_asked_for_and_approved_what_it_sent(cast: Cast, payee: Address, treasury: Account) -> None:
    it = sent(cast, payee, NOON)
    forge(it.submissions.get(), claimed_at=at(days_ago(9)))
    forge(it, requested_at=at(days_ago(9)))
    for yes_of in it.proposal.approvals.all():
        forge(yes_of, approved_at=at(days_ago(9)))
    assert participants(treasury, DAY) == frozenset()
    lost(it.order(), withdrawal_id=it.pk)
    assert participants(treasury, DAY) == {cast.requester.pk, cast.first_approver.pk, cast.second_approver.pk}
    with refused_by("signed_by_neither_maker_nor_checker"):
        insert("signoff", **sign_off_row(treasury, cast.first_approver, day=DAY))


def test_nor_whoever_said_on_that_day_what_became_of_an_earlier_one(
    cast: Cast, treasury: Account, call: LostCall
) -> None:
    decided(call, cast)
    finding = call.findings.get()
    forge(finding, proposed_at=at(days_ago(2)))
    forge(finding.proposal, decided_at=at(days_ago(1)))
    assert participants(treasury, days_ago(2)) == {cast.second_requester.pk}
    assert participants(treasury, days_ago(1)) == {cast.third_approver.pk}
    for day, by in ((days_ago(2), cast.second_requester), (days_ago(1), cast.third_approver)):
        with refused_by("signed_by_neither_maker_nor_checker"):
            insert("signoff", **sign_off_row(treasury, by, day=day))


def test_a_day_with_a_lost_call_that_nobody_decided_is_not_signed(
    cast: Cast, treasury: Account, call: LostCall
) -> None:
    compared(treasury)
    shown = day_now(here(treasury), DAY).digest
    with objected("unsettled", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(here(treasury), DAY, shown_digest=shown, proof=None, by=cast.auditor)
