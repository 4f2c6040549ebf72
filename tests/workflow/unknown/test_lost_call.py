"""Two people say what became of a lost call; what was sent by it is proven by records and by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.lost_order import Candidate, Payee
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, LostCall, LostFinding, ProviderRecord
from payouts.workflow.decisions import deciding
from payouts.workflow.unknown import lost_call, proving
from payouts.workflow.unknown.records import link, note
from tests.props.cast import Cast, raised
from tests.props.decisions import yes
from tests.props.findings import TRANSACTION
from tests.props.findings import lost as unknown
from tests.props.lost_findings import NOT_PAID, decided, found, record, said
from tests.props.rows.guards import forge
from tests.props.rows.lost import lost_call as call_of
from tests.props.rows.lost import lost_order, order_of, over
from tests.props.trail import objected, told
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast: Cast, payee: Address) -> LostCall:
    return over(cast, payee)


# -- the finding --


def test_after_not_paid_it_may_be_asked_for_again(cast: Cast, payee: Address, call: LostCall) -> None:
    assert call.withdrawal_id is not None
    with pytest.raises(NotPermitted, match="Two people have to find out"):
        raised(cast, payee, retry_of=call.withdrawal_id)
    with told() as events:
        decided(call, cast, **NOT_PAID)
    assert [event.event for event in events] == [Event.LOST_CALL_SAID, Event.LOST_CALL_CONFIRMED]
    assert {(event.subject_type, event.subject_id) for event in events} == {("lostcall", str(call.pk))}
    assert raised(cast, payee, retry_of=call.withdrawal_id).retry_of_id == call.withdrawal_id


def test_after_paid_never(cast: Cast, payee: Address, call: LostCall) -> None:
    decided(call, cast)
    assert (call.verdict, call.found_as, call.next_look_at) == ("paid", "10195", None)
    assert call.decided == LostFinding.objects.get().proposal
    with pytest.raises(NotPermitted, match="It was paid, by a call"):
        raised(cast, payee, retry_of=call.withdrawal_id)


def test_nor_while_another_call_of_it_is_not_decided(cast: Cast, payee: Address, call: LostCall) -> None:
    it = call.withdrawal
    assert it is not None
    other = call_of(payee.account, withdrawal_id=it.pk, reference=it.reference, digest=it.digest)
    decided(call, cast, **NOT_PAID)
    with pytest.raises(NotPermitted, match="Two people have to find out"):
        raised(cast, payee, retry_of=it.pk)
    decided(other, cast, **NOT_PAID)
    assert raised(cast, payee, retry_of=it.pk).retry_of == it


def test_what_is_gone_is_decided_too(cast: Cast, treasury: Account) -> None:
    assert decided(call_of(treasury), cast).verdict == "paid"


def test_a_declined_finding_decides_nothing_and_another_may_follow(cast: Cast, call: LostCall) -> None:
    finding = found(call, cast)
    deciding.reject(finding.proposal_id, reason="I see nothing there", by=cast.first_approver)
    call.refresh_from_db()
    assert (call.verdict, LostFinding.objects.get().is_open) == ("", False)
    assert decided(call, cast, **NOT_PAID).verdict == "not_paid"


def test_refusals_are_in_the_trail_and_change_nothing(cast: Cast, call: LostCall) -> None:
    for by, code in ((cast.requester, "own_request"), (cast.keeper, "no_role")):
        with objected(code, Event.LOST_CALL_OBJECTED, by=by):
            lost_call.propose(call.pk, said(), by=by)
    finding = found(call, cast)
    with objected("already_proposed", Event.LOST_CALL_OBJECTED, by=cast.third_approver):
        lost_call.propose(call.pk, said(), by=cast.third_approver)
    with pytest.raises(NotPermitted):
        yes(finding, cast.second_requester)
    decided_by = yes(finding, cast.first_approver).proposal.decided_by
    assert decided_by == cast.first_approver
    with objected("already_decided", Event.LOST_CALL_OBJECTED, by=cast.third_approver):
        lost_call.propose(call.pk, said(), by=cast.third_approver)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"where_looked": "x"}, "where_looked"),
        ({"note": ""}, "note"),
        ({"found_as": ""}, "found_as"),
        ({"found_as": "somewhere"}, "found_as"),
        ({"looked_at": timezone.now() + timedelta(days=9)}, "looked_at"),
        ({"looked_at": timezone.now() - timedelta(days=9)}, "looked_at"),
        (NOT_PAID | {"found_as": "7"}, "found_as"),
    ],
)
def test_what_is_not_in_order_is_said_at_its_field(
    cast: Cast, call: LostCall, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        found(call, cast, **changes)
    assert caught.value.field == field


def test_not_paid_leaves_the_provider_time(cast: Cast, treasury: Account) -> None:
    call = call_of(treasury, called_at=timezone.now() - timedelta(minutes=5))
    with pytest.raises(InvalidValue, match="may still be booked"):
        found(call, cast, **NOT_PAID)


# -- one payment, one thing --


def test_it_was_not_paid_as_what_another_was(cast: Cast, payee: Address, call: LostCall) -> None:
    unknown(cast, payee, status="submitted", provider_id="10195")
    with pytest.raises(NotPermitted, match="is how another payment is known"):
        found(call, cast)
    assert found(call, cast, found_as="10196").is_open


def test_two_lost_calls_are_not_paid_as_one(cast: Cast, treasury: Account, call: LostCall) -> None:
    decided(call, cast)
    other = call_of(treasury, reference="1" * 32)
    with pytest.raises(NotPermitted, match="is how another payment is known"):
        found(other, cast)
    assert found(other, cast, found_as=TRANSACTION).is_open


def test_a_record_that_it_was_paid_as_is_no_other_withdrawals(cast: Cast, payee: Address, call: LostCall) -> None:
    decided(call, cast)
    other = unknown(cast, payee)
    (row,) = note(payee.account, [record(other.order(), call)], by=WORKER)
    assert not link(row, other)
    row.refresh_from_db()
    assert row.withdrawal is None


def test_a_record_of_other_money_is_not_named(cast: Cast, payee: Address, call: LostCall) -> None:
    it = call.withdrawal
    assert it is not None
    note(payee.account, [record(it.order(), call, amount=Decimal(7))], by=WORKER)
    with pytest.raises(NotPermitted, match="is of another payment"):
        found(call, cast)


# -- what was sent --


@pytest.fixture
def order(treasury: Account) -> Order:
    return order_of(treasury)


@pytest.fixture
def gone(treasury: Account, order: Order) -> LostCall:
    return lost_order(treasury, order)


def test_a_record_that_is_kept_is_tried_and_kept_as_a_proof(treasury: Account, order: Order, gone: LostCall) -> None:
    with told() as events:
        (row,) = note(treasury, [record(order, gone)], by=WORKER)
        note(treasury, [record(order, gone)], by=WORKER)
    proof = gone.proofs.get()
    assert (proof.record, proof.address, proof.amount, proof.host) == (row, "20013", order.amount, treasury.host)
    assert [(event.event, event.facts["record"]) for event in events] == [(Event.LOST_CALL_PROVED, "10195")]


def test_records_that_were_kept_before_are_tried_when_it_is_found(treasury: Account, order: Order) -> None:
    early = call_of(treasury, reference="1" * 32)
    note(treasury, [record(order, early)], by=WORKER)
    call = lost_order(treasury, order, called_at=early.called_at)
    proving.try_stored(call, by=WORKER)
    assert call.proofs.count() == 1


def asked_by(act: Callable[[], object], *tables: str) -> list[int]:
    """How many questions it asks of each of the tables."""
    with CaptureQueriesContext(connection) as captured:
        act()
    texts = [query["sql"] for query in captured]
    return [sum(f'FROM "payouts_{table}"' in text for text in texts) for table in tables]


@pytest.mark.parametrize("number", [1, 9])
def test_what_orders_may_have_said_is_read_once_for_all_records_and_calls(
    treasury: Account, order: Order, gone: LostCall, number: int
) -> None:
    """The book, the remarks, and who the account was."""
    for place in range(number):
        lost_order(treasury, replace(order, reference=f"{place:032}"), serial=100 + place)
    records = [record(order, gone, str(10195 + place), amount=Decimal(place + 1)) for place in range(number)]
    tables = ("address", "identitychange", "lostcall")
    assert asked_by(lambda: note(treasury, records, by=WORKER), *tables) == [1, 1, 1]
    assert asked_by(lambda: note(treasury, records, by=WORKER), *tables) == [0, 0, 0]


def test_a_record_of_another_time_asks_for_nothing_more(treasury: Account, order: Order, gone: LostCall) -> None:
    early = record(order, gone, created_at=gone.called_at - timedelta(hours=1))
    assert asked_by(lambda: note(treasury, [early], by=WORKER), "address", "lostcall") == [0, 1]


def test_what_was_kept_before_is_tried_under_its_own_accounts_lock_and_once(
    treasury: Account, merchant: Account, order: Order, gone: LostCall
) -> None:
    (row,) = note(treasury, [record(order, gone)], by=WORKER)
    other = lost_order(treasury, replace(order, reference="cd" * 16), called_at=gone.called_at, serial=9)
    assert proving.accounts_untried() == ["treasury"]
    with CaptureQueriesContext(connection) as captured:
        proving.try_untried(treasury, by=WORKER)
    locks = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]
    assert len(locks) == 2  # one for each call
    assert all(f'"payouts_account"."id" = {treasury.pk}' in text for text in locks)
    assert [proof.record for call in (gone, other) for proof in call.proofs.all()] == [row, row]
    assert (proving.accounts_untried(), asked_by(lambda: proving.try_untried(treasury, by=WORKER), "address")) == (
        [],
        [0],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal(7)}, {"coin": "USDC"}, {"address": "20014"},
        {"created_at": timezone.now() - timedelta(hours=9)}, {"created_at": timezone.now()},
    ],
)  # fmt: skip
def test_another_payment_proves_nothing(
    treasury: Account, order: Order, gone: LostCall, changes: dict[str, Any]
) -> None:
    note(treasury, [record(order, gone, **changes)], by=WORKER)
    assert not gone.proofs.exists()


def test_remarks_of_other_requests_are_tried(cast: Cast, payee: Address, treasury: Account) -> None:
    raised(cast, payee, remark="rent 7")
    order = order_of(treasury, remark="rent 7")
    call = lost_order(treasury, order)
    note(treasury, [record(order, call)], by=WORKER)
    assert call.proofs.get().remark == "rent 7"


def test_a_payee_of_the_book_is_tried(cast: Cast, payee: Address, treasury: Account) -> None:
    order = order_of(treasury, address=payee.address)
    call = lost_order(treasury, order)
    note(treasury, [record(order, call)], by=WORKER)
    assert call.proofs.get().address == payee.address


def test_a_record_of_what_was_sent_speaks_against_not_paid(
    cast: Cast, treasury: Account, order: Order, gone: LostCall
) -> None:
    finding = found(gone, cast, **NOT_PAID)
    note(treasury, [record(order, gone)], by=WORKER)
    with pytest.raises(NotPermitted, match="and it arrived"):
        yes(finding, cast.first_approver)
    deciding.reject(finding.proposal_id, reason="It did arrive", by=cast.first_approver)
    with pytest.raises(NotPermitted, match="and it arrived"):
        found(gone, cast, **NOT_PAID)
    assert decided(gone, cast).verdict == "paid"


def test_one_of_several_records_that_is_another_payments_does_not(
    cast: Cast, payee: Address, treasury: Account, order: Order, gone: LostCall
) -> None:
    (row,) = note(treasury, [record(order, gone)], by=WORKER)
    other = lost_order(treasury, replace(order, reference="cd" * 16))
    proving.try_stored(other, by=WORKER)
    decided(other, cast)
    assert proving.proven_records(gone) == []
    assert decided(gone, cast, **NOT_PAID).verdict == "not_paid"
    forge(row, withdrawal=unknown(cast, payee))
    assert ProviderRecord.objects.get().proofs.count() == 2


def test_with_a_proof_a_record_that_is_none_is_not_named(
    cast: Cast, treasury: Account, order: Order, gone: LostCall
) -> None:
    note(treasury, [record(order, gone), record(order, gone, "10196", amount=Decimal(7))], by=WORKER)
    with pytest.raises(NotPermitted, match="not of what was sent"):
        found(gone, cast, found_as="10196")


def by_hand(order: Order, **changes: Any) -> Candidate:
    return replace(
        Candidate(Payee(order.kind, order.area_code, order.address), order.coin, order.amount, ""), **changes
    )


def test_what_a_person_writes_is_tried(cast: Cast, order: Order, gone: LostCall) -> None:
    for wrong in ({"amount": Decimal("1250.51")}, {"remark": "x"}, {"payee": Payee(Kind.EMAIL, "", order.address)}):
        with told() as events, pytest.raises(InvalidValue, match="not what was sent under this reference"):
            proving.try_by_hand(gone.pk, by_hand(order, **wrong), by=cast.second_requester)
        assert events == []
    for _ in range(2):
        assert proving.try_by_hand(gone.pk, by_hand(order), by=cast.second_requester) == order
    proof = gone.proofs.get()
    assert (proof.record, proof.shown_by) == (None, cast.second_requester)
    with objected("no_role", Event.LOST_CALL_OBJECTED, by=cast.auditor):
        proving.try_by_hand(gone.pk, by_hand(order), by=cast.auditor)
