"""Accounts of one customer at the same instant: one of equal payments leaves, and a record becomes one's."""

import itertools
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, ProviderRecord, Submission, Withdrawal
from payouts.worker import reconcile
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown.records import link, note
from tests.props.accounts import as_their_rows, said, same_payee, twin_of
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import COMPLETED, UNKNOWN, LookUpProvider, record_of
from tests.props.races import ROUNDS, at_once, in_thread, until_somebody_waits
from tests.props.rows.guards import forge
from tests.props.rows.rows import accepted
from tests.props.worker import WORKER, Plug, claim_next, drain

MANY = 10

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _as_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    as_their_rows(monkeypatch)


@pytest.fixture
def payees(cast: Cast, payee: Address, treasury: Account) -> list[Address]:
    """One recipient in four accounts, whose customers are not said."""
    names = ("twin", "third", "fourth")
    return [payee, *(same_payee(cast, payee, twin_of(treasury, name)) for name in names)]


@pytest.mark.parametrize("_", ROUNDS)
def test_of_equal_payments_in_several_accounts_one_is_claimed(cast: Cast, payees: list[Address], _: int) -> None:
    for payee in payees:
        approved(cast, payee)
    results = at_once(*[lambda name=payee.account.name: claim_next(name) for payee in payees])
    assert [type(result) for result in results].count(Claim) == 1
    assert [result for result in results if not isinstance(result, Claim)] == [None] * 3
    assert Submission.objects.count() == 1
    assert Withdrawal.objects.filter(status=Status.APPROVED, stopped_because="").count() == 3


def test_a_claim_waits_for_an_equal_one_that_is_being_claimed_and_then_leaves_it(
    cast: Cast, payees: list[Address]
) -> None:
    for payee in payees[:2]:
        approved(cast, payee)
    came: list[object] = []
    with transaction.atomic():
        held = Withdrawal.objects.locked_with_address(Withdrawal.objects.get(account=payees[0].account).pk)
        late = in_thread(lambda: came.append(claim_next("twin")))
        until_somebody_waits()
        Withdrawal.objects.filter(pk=held.pk).update(status=Status.SUBMITTING)
    late.join(timeout=30)
    assert came == [None]
    assert Withdrawal.objects.get(account=payees[1].account).status == Status.APPROVED


@pytest.mark.parametrize("_", ROUNDS)
def test_accounts_that_send_to_each_others_recipients_do_not_lock_each_other(
    cast: Cast, payees: list[Address], _: int
) -> None:
    """Every account has the same five payments, in an order of its own: one of each is sent, and nobody is stuck."""
    amounts = [Decimal(number) for number in range(1, 6)]
    for start, payee in enumerate(payees):
        for amount in itertools.islice(itertools.cycle(amounts), start, start + len(amounts)):
            approved(cast, payee, amount=amount)

    def claim_all(name: str) -> int:
        taken = 0
        while isinstance(claimed := claim_next(name), Claim):
            taken += 1
            forge_answer(claimed.submission)
        return taken

    def forge_answer(call: Submission) -> None:
        Submission.objects.filter(pk=call.pk).update(outcome="unknown", answered_at=timezone.now())
        Withdrawal.objects.filter(pk=call.withdrawal_id).update(status=Status.UNKNOWN)

    taken = at_once(*[lambda name=payee.account.name: claim_all(name) for payee in payees])
    assert sum(taken) == len(amounts)
    in_flight = Withdrawal.objects.in_flight().values_list("amount", flat=True)
    assert sorted(in_flight) == amounts


@pytest.fixture
def both_lost(cast: Cast, payees: list[Address], plug: Plug) -> list[Withdrawal]:
    """Equal payments of two accounts, sent while they were two customers: a record fits both, and both are unknown."""
    said(treasury="1001", twin="1002")
    lost = [approved(cast, payee) for payee in payees[:2]]
    provider = plug(LookUpProvider(UNKNOWN, UNKNOWN))
    drain("treasury")
    drain("twin")
    said(treasury="", twin="")
    assert isinstance(provider, LookUpProvider)
    provider.book = [record_of(lost[0].order(), at=timezone.now(), **COMPLETED)]
    Withdrawal.objects.update(next_look_at=timezone.now())
    return lost


@pytest.mark.parametrize("_", ROUNDS)
def test_one_record_becomes_one_accounts_although_both_look_at_once(both_lost: list[Withdrawal], _: int) -> None:
    at_once(lambda: reconcile.look_up("treasury"), lambda: reconcile.look_up("twin"))
    assert sorted(Withdrawal.objects.values_list("status", flat=True)) == [Status.COMPLETED, Status.UNKNOWN]
    assert ProviderRecord.objects.exclude(withdrawal=None).count() == 1
    assert {look.result for lost in both_lost for look in lost.looks.all()} == {"found", "ambiguous"}


def test_a_look_waits_for_a_record_that_is_being_tied_and_then_leaves_it(
    both_lost: list[Withdrawal],
) -> None:
    with transaction.atomic():
        note(both_lost[0].account, [record_of(both_lost[0].order(), at=timezone.now())], by=WORKER)
        assert link(ProviderRecord.objects.get(), both_lost[0])
        late = in_thread(lambda: reconcile.look_up("twin"))
        until_somebody_waits()
    late.join(timeout=30)
    assert [look.result for look in both_lost[1].looks.all()] == ["ambiguous"]


@pytest.mark.parametrize("_", ROUNDS)
def test_accounts_that_read_the_same_records_in_different_orders_do_not_lock_each_other(
    cast: Cast, payees: list[Address], _: int
) -> None:
    """Both were answered with the same ids while they were two customers: now they are nobody's to tie."""
    said(treasury="1001", twin="1002")
    ids = [str(20_000 + number) for number in range(MANY)]
    told = []
    for payee, order in zip(payees[:2], (ids, ids[::-1]), strict=True):
        for number, given in enumerate(order):
            it = accepted(cast, payee, amount=Decimal(number + 1))
            forge(it, provider_id=given)
            told.append(record_of(it.order(), given, at=it.requested_at))
    said(treasury="", twin="")
    first, second = (payee.account for payee in payees[:2])
    at_once(lambda: note(first, told[:MANY], by=WORKER), lambda: note(second, told[MANY:], by=WORKER))
    assert ProviderRecord.objects.filter(withdrawal=None).count() == 2 * MANY
