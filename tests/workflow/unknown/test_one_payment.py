"""One payment of a provider is one withdrawal's or one lost call's, by its id, its transaction and its answer."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.sending.answer import Accepted, Exchange, NotExecuted
from payouts.domain.sending.witness import Entry
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, LostCall, Pause, ProviderRecord, Withdrawal
from payouts.preview import fields_to_send
from payouts.workflow.sending import lost, promised
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown import claimed, looking, lost_call, proving
from payouts.workflow.unknown.owners import taken
from payouts.workflow.unknown.records import link, note
from tests.props.accounts.twins import said as whose
from tests.props.accounts.twins import same_payee, twin_of
from tests.props.cast import Cast, active_address, approved
from tests.props.decisions import yes
from tests.props.findings import TRANSACTION, confirm, proposed, status_of
from tests.props.findings import lost as unknown
from tests.props.lost_findings import NOT_PAID, decided, found, record
from tests.props.providers.doubles import PROMISES
from tests.props.rows.guards import forge
from tests.props.rows.lost import everything_stopped, lost_order, order_of, over
from tests.props.rows.lost import lost_call as call_of
from tests.props.worker import WORKER, claim_next

pytestmark = pytest.mark.django_db

SPELLINGS = [TRANSACTION, TRANSACTION[2:], TRANSACTION[2:].upper()]


@pytest.fixture
def call(cast: Cast, payee: Address) -> LostCall:
    """Of a withdrawal that was cancelled meanwhile."""
    return over(cast, payee)


@pytest.fixture
def gone(treasury: Account) -> LostCall:
    """Of a withdrawal that is gone as well."""
    return call_of(treasury, reference="1" * 32)


@pytest.fixture
def twin(treasury: Account) -> Account:
    return twin_of(treasury)


def kept(account: Account, call: LostCall, of: Withdrawal, **changes: object) -> ProviderRecord:
    """A record of the withdrawal's order that tells the transaction."""
    (row,) = note(account, [record(of.order(), call, **{"tx_id": TRANSACTION} | changes)], by=WORKER)  # type: ignore[arg-type]
    return row


# -- an accepted answer is written down --


def answered(cast: Cast, payee: Address) -> Withdrawal:
    """Sent, and accepted as 10195."""
    for it in Pause.objects.filter(released_at=None):
        forge(it, released_at=timezone.now())
    asked = approved(cast, payee, amount=Decimal(77))
    sent = claim_next(payee.account.name)
    assert isinstance(sent, Claim)
    record_answer(sent.submission, Accepted("10195", Exchange(200, 5, '{"id": 10195}')), promises=PROMISES, by=WORKER)
    asked.refresh_from_db()
    return asked


def is_doubted(asked: Withdrawal) -> bool:
    """Unknown, with the provider's words kept."""
    sent = asked.submissions.get()
    kept = (sent.outcome, sent.code, sent.raw_answer) == ("unknown", "id_taken", '{"id": 10195}')
    return kept and (asked.status, asked.error_code) == (Status.UNKNOWN, "id_taken")


def test_an_id_that_a_lost_call_has_is_doubted(cast: Cast, payee: Address, call: LostCall) -> None:
    decided(call, cast)
    assert is_doubted(answered(cast, payee))


def test_so_is_one_that_was_answered_to_a_lost_call(cast: Cast, payee: Address) -> None:
    over(cast, payee, outcome="accepted", provider_id_given="10195")
    assert is_doubted(answered(cast, payee))


def test_so_is_one_that_another_accounts_record_has(cast: Cast, payee: Address, twin: Account) -> None:
    theirs = unknown(cast, same_payee(cast, payee, twin), amount=Decimal(3))
    row = kept(twin, call_of(twin), theirs)
    forge(row, withdrawal=theirs)
    assert is_doubted(answered(cast, payee))


def test_an_id_that_was_found_unpaid_is_free(cast: Cast, payee: Address) -> None:
    decided(over(cast, payee, outcome="accepted", provider_id_given="10195"), cast, **NOT_PAID)
    assert answered(cast, payee).status == Status.SUBMITTED


# -- by its id and by its transaction --


@pytest.mark.parametrize("told", SPELLINGS)
def test_a_record_of_a_transaction_that_a_lost_call_has_is_no_withdrawals(
    cast: Cast, payee: Address, call: LostCall, told: str
) -> None:
    decided(call, cast, found_as=told)
    other = unknown(cast, payee)
    row = kept(payee.account, call, other)
    assert not link(row, other)
    assert claimed.of_lost_calls(other, [row.as_record()]) == {"10195"}
    with pytest.raises(InvalidValue, match="is how another withdrawal was paid"):
        proposed(cast, other, found_as="10195")


def test_what_a_withdrawal_of_another_payee_has_is_its_own(cast: Cast, payee: Address, call: LostCall) -> None:
    decided(call, cast, found_as=TRANSACTION)
    other = unknown(cast, active_address(cast, payee.account, address="20099"))
    assert link(kept(payee.account, call, other), other)


def test_where_the_payee_of_a_lost_call_is_gone_it_may_be_anybody(cast: Cast, payee: Address, gone: LostCall) -> None:
    decided(gone, cast, found_as=TRANSACTION)
    other = unknown(cast, payee)
    assert not link(kept(payee.account, gone, other), other)


def test_what_the_provider_answered_is_more_than_a_transaction_that_people_wrote(
    cast: Cast, payee: Address, call: LostCall
) -> None:
    decided(call, cast, found_as=TRANSACTION)
    other = unknown(cast, payee, status="submitted", provider_id="10195")
    row = kept(payee.account, call, other)
    row.refresh_from_db()
    assert row.withdrawal == other


@pytest.mark.parametrize("told", SPELLINGS)
def test_a_transaction_whose_record_a_lost_call_has_is_no_withdrawals(
    cast: Cast, payee: Address, call: LostCall, told: str
) -> None:
    assert call.withdrawal is not None
    kept(payee.account, call, call.withdrawal)
    decided(call, cast)
    with pytest.raises(InvalidValue, match="is how another withdrawal was paid"):
        proposed(cast, unknown(cast, payee), found_as=told)


@pytest.mark.parametrize("told", SPELLINGS)
def test_nor_is_the_transaction_itself(cast: Cast, payee: Address, call: LostCall, told: str) -> None:
    decided(call, cast, found_as=TRANSACTION.upper().replace("0X", "0x"))
    other = unknown(cast, payee)
    assert taken({other.pk: told}, [other]) is not None


def test_two_lost_calls_of_one_payee_are_not_paid_by_one_transaction(
    cast: Cast, payee: Address, call: LostCall, gone: LostCall
) -> None:
    decided(call, cast, found_as=TRANSACTION)
    forge(call.pause, released_at=timezone.now())
    for other in (over(cast, payee), gone):
        with pytest.raises(NotPermitted, match="is how another payment is known"):
            found(other, cast, found_as=TRANSACTION[2:])


def test_nor_is_a_lost_call_by_what_a_withdrawal_of_its_payee_was(cast: Cast, payee: Address, call: LostCall) -> None:
    confirm(proposed(cast, unknown(cast, payee), found_as=TRANSACTION), cast.first_approver)
    with pytest.raises(NotPermitted, match="is how another payment is known"):
        found(call, cast, found_as=TRANSACTION)
    assert call.withdrawal is not None
    kept(payee.account, call, call.withdrawal)
    with pytest.raises(NotPermitted, match="is how another payment is known"):
        found(call, cast)


def test_a_transaction_of_which_a_record_is_kept_is_named_by_its_id(cast: Cast, payee: Address, call: LostCall) -> None:
    assert call.withdrawal is not None
    kept(payee.account, call, call.withdrawal)
    with pytest.raises(NotPermitted, match="record 10195 is this transaction: name it by its id"):
        found(call, cast, found_as=TRANSACTION)
    with pytest.raises(InvalidValue, match="record 10195 is this transaction: name it by its id"):
        proposed(cast, unknown(cast, payee), found_as=TRANSACTION)
    assert decided(call, cast).found_as == "10195"


def test_a_record_is_not_a_second_payment_by_people_who_named_its_transaction_before(
    cast: Cast, payee: Address, call: LostCall
) -> None:
    confirm(proposed(cast, unknown(cast, payee), found_as=TRANSACTION), cast.first_approver)
    other = unknown(cast, payee)
    assert not link(kept(payee.account, call, other), other)


def test_two_records_of_one_transaction_are_two_payments(cast: Cast, payee: Address, call: LostCall) -> None:
    first, second = unknown(cast, payee), unknown(cast, payee)
    assert link(kept(payee.account, call, first), first)
    forge(first, tx_id=TRANSACTION, status="completed")
    other = kept(payee.account, call, second, provider_id="10196")
    assert taken({second.pk: "10196"}, [second]) is None
    assert link(other, second)


def test_one_record_is_not_two_of_the_lines_of_a_finding(cast: Cast, payee: Address, call: LostCall) -> None:
    first, second = unknown(cast, payee), unknown(cast, payee)
    forge(kept(payee.account, call, first), withdrawal=first)
    assert taken({first.pk: "10195", second.pk: TRANSACTION}, [first, second]) is not None


# -- what the provider answered to a lost call --


def test_not_paid_is_not_said_against_the_answered_record(cast: Cast, payee: Address, treasury: Account) -> None:
    call = call_of(treasury, outcome="accepted", provider_id_given="10195")
    note(treasury, [record(order_of(treasury, address=payee.address), call)], by=WORKER)
    with pytest.raises(NotPermitted, match="and it arrived"):
        found(call, cast, **NOT_PAID)
    assert decided(call, cast).verdict == "paid"


def test_it_belongs_to_nothing_else(cast: Cast, payee: Address, gone: LostCall) -> None:
    call = over(cast, payee, outcome="accepted", provider_id_given="10195")
    other = unknown(cast, payee)
    assert not link(kept(payee.account, call, other), other)
    assert taken({other.pk: "10195"}, [other]) is not None
    with pytest.raises(NotPermitted, match="is how another payment is known"):
        found(gone, cast)


def test_a_record_of_a_withdrawals_own_lost_call_is_tied_to_it(cast: Cast, payee: Address) -> None:
    call = over(cast, payee, status="completed")
    assert call.withdrawal is not None
    forge(call.withdrawal, provider_id="10195")
    decided(call, cast)
    row = kept(payee.account, call, call.withdrawal)
    row.refresh_from_db()
    assert row.withdrawal == call.withdrawal


def test_paid_is_not_said_by_a_record_that_failed(cast: Cast, treasury: Account, gone: LostCall) -> None:
    note(treasury, [record(order_of(treasury), gone, status=RecordStatus.FAILED)], by=WORKER)
    assert not gone.proofs.exists()
    with pytest.raises(NotPermitted, match="says: failed"):
        found(gone, cast)


# -- of an earlier customer --


def another_customer_now(account: Account) -> None:
    forge(account, customer="1002", customer_since=timezone.now() - timedelta(hours=1))


def test_what_an_earlier_customer_lost_is_looked_for_in_no_record_of_this_one(treasury: Account) -> None:
    order = order_of(treasury)
    call = lost_order(treasury, order, next_look_at=timezone.now() - timedelta(hours=1))
    assert [one.id for one in proving.due(treasury)] == [call.pk]
    another_customer_now(treasury)
    assert (proving.due(treasury), looking.accounts_due()) == ([], [])
    note(treasury, [record(order, call)], by=WORKER)
    call.refresh_from_db()
    proving.try_stored(call, by=WORKER)
    assert not call.proofs.exists()


def test_whose_it_was_is_not_said_so_it_may_be_any_neighbours(
    cast: Cast, payee: Address, twin: Account, call: LostCall
) -> None:
    whose(treasury="1001", twin="1001")
    decided(call, cast)
    another_customer_now(call.account)
    other = unknown(cast, same_payee(cast, payee, twin))
    assert not link(kept(twin, call, other, tx_id=""), other)
    whose(treasury="1002", twin="1003")
    assert claimed.is_taken(other, "10195")
    forge(call.account, customer_since=None)
    assert not claimed.is_taken(other, "10195")


def test_a_withdrawal_of_an_earlier_customer_may_be_any_neighbours_too(
    cast: Cast, payee: Address, twin: Account
) -> None:
    mine = sent_before(cast, payee)
    whose(treasury="1001", twin="1002")
    unknown(cast, same_payee(cast, payee, twin), status="submitted", provider_id="10195")
    mine = Withdrawal.objects.select_related("account").get(pk=mine.pk)
    assert not claimed.is_taken(mine, "10195")
    forge(payee.account, customer="1003", customer_since=timezone.now())
    mine = Withdrawal.objects.select_related("account").get(pk=mine.pk)
    assert claimed.is_taken(mine, "10195")
    assert taken({mine.pk: "10195"}, [mine]) is not None


def sent_before(cast: Cast, payee: Address) -> Withdrawal:
    """Sent, and nobody knows what became of it."""
    asked = approved(cast, payee, amount=Decimal(78))
    assert isinstance(claim_next(payee.account.name), Claim)
    return asked


# -- when its provider is asked --


def test_it_is_not_looked_up_while_its_account_is_left_alone_or_may_not_be_asked(treasury: Account) -> None:
    call_of(treasury, next_look_at=timezone.now() - timedelta(hours=1))
    assert looking.accounts_due() == ["treasury"]
    Account.objects.filter(pk=treasury.pk).update(quiet_until=timezone.now() + timedelta(hours=1))
    assert looking.accounts_due() == []
    Account.objects.filter(pk=treasury.pk).update(quiet_until=None, can_look_up=False)
    assert looking.accounts_due() == []


@pytest.mark.parametrize(("code_says", "row_says"), [(True, True), (True, False), (False, True)])
def test_it_is_to_be_looked_up_where_code_and_row_say_that_its_provider_can_be_asked(
    treasury: Account, monkeypatch: pytest.MonkeyPatch, code_says: bool, row_says: bool
) -> None:
    promises = replace(PROMISES, can_look_up=code_says)
    monkeypatch.setattr(promised, "_handed_down", [lambda provider: promises])
    Account.objects.filter(pk=treasury.pk).update(can_look_up=row_says)
    entry = Entry(treasury.name, 1, uuid4(), "ab" * 16, "d" * 64, timezone.now(), left=True)
    lost.write([entry], pause=everything_stopped(), fields=fields_to_send, by=WORKER)
    assert (LostCall.objects.get().next_look_at is not None) == (code_says and row_says)


def test_a_late_answer_that_nothing_left_does_not_change_what_was_decided(cast: Cast, gone: LostCall) -> None:
    decided(gone, cast)
    entry = Entry("treasury", gone.serial, gone.pk, gone.reference, gone.digest, gone.called_at, left=True)
    lost.keep_answer(entry, NotExecuted("not_connected", "", 0.0, Exchange(None, 0, "")), by=WORKER)
    gone.refresh_from_db()
    assert (gone.outcome, gone.verdict) == ("", "paid")
    lost.keep_answer(entry, Accepted("10195", Exchange(200, 5, "{}")), by=WORKER)
    gone.refresh_from_db()
    assert gone.outcome == "accepted"


@pytest.mark.parametrize(("status", "is_over"), [(RecordStatus.PENDING, False), (RecordStatus.COMPLETED, True)])
def test_it_is_looked_up_until_its_record_is_final(treasury: Account, status: RecordStatus, is_over: bool) -> None:
    order = order_of(treasury)
    call = lost_order(treasury, order, next_look_at=timezone.now())
    note(treasury, [record(order, call, status=status)], by=WORKER)
    proving.looked([proving.DueCall(call.pk, *call.stretch())])
    call.refresh_from_db()
    assert (call.next_look_at is None) == is_over


# -- what an account that says that it is the same customer knows --


def test_a_record_that_is_another_accounts_payment_does_not_speak_for_it(
    cast: Cast, payee: Address, treasury: Account, twin: Account
) -> None:
    whose(treasury="1001", twin="1001")
    treasury.refresh_from_db()
    order = order_of(treasury, address=payee.address, customer="1001")
    call = lost_order(treasury, order)
    note(treasury, [record(order, call)], by=WORKER)
    with pytest.raises(NotPermitted, match="and it arrived"):
        found(call, cast, **NOT_PAID)
    unknown(cast, same_payee(cast, payee, twin), status="submitted", provider_id="10195")
    assert decided(call, cast, **NOT_PAID).verdict == "not_paid"


def test_what_it_is_found_as_is_held_before_it_is_asked_whose_that_is(
    cast: Cast, call: LostCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []
    finding = found(call, cast)
    monkeypatch.setattr(claimed, "hold", lambda accounts, ids: steps.append(("hold", *ids)))
    monkeypatch.setattr(lost_call, "speaks_against", lambda *_: steps.append(("asked",)))
    yes(finding, cast.first_approver)
    assert steps[:2] == [("hold", "10195"), ("asked",)]
    assert status_of(call.withdrawal) == "cancelled"  # type: ignore[arg-type]


@pytest.mark.usefixtures("twin")
def test_with_an_id_the_transaction_that_its_record_tells_is_held(
    cast: Cast, payee: Address, call: LostCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(payee.account, call, unknown(cast, payee))
    held: list[set[str]] = []
    monkeypatch.setattr(claimed, "_hold", lambda account_id, ids: held.append(ids))
    claimed.hold([payee.account_id], ["10195"])
    claimed.hold([payee.account_id], [TRANSACTION])
    assert held == [{"10195", TRANSACTION[2:]}, {TRANSACTION[2:]}]
