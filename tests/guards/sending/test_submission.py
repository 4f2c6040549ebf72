"""Raw SQL against submissions: one call at a time, never a second one that could pay twice, answers written once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.domain.sending.answer import Outcome
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Submission, Withdrawal
from tests.props.cast import Cast, approved
from tests.props.rows.guards import forge
from tests.props.rows.sql import delete, execute, insert, refused_by, submission_row, truncate, update

ANSWERED: dict[str, Any] = {"answered_at": timezone.now()}
NOT_EXECUTED: dict[str, Any] = {"outcome": "not_executed", **ANSWERED}
MAY_HAVE_PAID = [outcome for outcome in Outcome if outcome is not Outcome.NOT_EXECUTED]


@pytest.fixture
def sent(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal whose submission is open."""
    withdrawal = approved(cast, payee)
    update(withdrawal, status="submitting")
    insert("submission", **submission_row(withdrawal))
    return withdrawal


def submission_of(withdrawal: Withdrawal) -> Submission:
    return withdrawal.submissions.get()


@pytest.mark.parametrize("outcome", MAY_HAVE_PAID)
def test_nothing_is_sent_twice(sent: Withdrawal, outcome: Outcome) -> None:
    update(submission_of(sent), outcome=outcome.value, **ANSWERED)
    with refused_by("nothing_is_sent_twice"):
        insert("submission", **submission_row(sent, number=2))


@pytest.mark.parametrize(
    "columns", [{"digest": "e" * 64}, {"reference": "f" * 32}, {"outcome": "accepted", **ANSWERED}]
)
def test_a_submission_is_of_what_was_approved(cast: Cast, payee: Address, columns: dict[str, Any]) -> None:
    withdrawal = approved(cast, payee)
    update(withdrawal, status="submitting")
    with refused_by("submission_is_of_what_was_approved"):
        insert("submission", **submission_row(withdrawal, **columns))


def test_a_submission_goes_through_the_account_that_was_approved(cast: Cast, payee: Address, merchant: Account) -> None:
    withdrawal = approved(cast, payee)
    update(withdrawal, status="submitting")
    with refused_by("submission_is_of_what_was_approved"):
        insert("submission", **submission_row(withdrawal, account_id=merchant.pk))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SUBMITTING])
def test_nothing_is_sent_that_was_not_claimed(cast: Cast, payee: Address, status: Status) -> None:
    withdrawal = approved(cast, payee)
    forge(withdrawal, status=status, error_code="10001")
    with refused_by("submission_only_while_submitting"):
        insert("submission", **submission_row(withdrawal))


def test_what_was_provably_not_executed_may_be_sent_again(sent: Withdrawal) -> None:
    update(submission_of(sent), **NOT_EXECUTED)
    insert("submission", **submission_row(sent, number=2))


def test_a_call_that_may_be_under_way_is_not_made_again(sent: Withdrawal) -> None:
    execute("DROP INDEX one_call_at_a_time_per_account")
    with refused_by("one_call_at_a_time_per_withdrawal"):
        insert("submission", **submission_row(sent, number=2))
    execute("DROP INDEX one_call_at_a_time_per_withdrawal")
    with refused_by("nothing_is_sent_twice"):
        insert("submission", **submission_row(sent, number=2))


def test_an_account_has_one_open_call_at_a_time(cast: Cast, sent: Withdrawal, payee: Address) -> None:
    second = approved(cast, payee, amount=Decimal("99"))
    update(second, status="submitting")
    with refused_by("one_call_at_a_time_per_account"):
        insert("submission", **submission_row(second))
    update(submission_of(sent), outcome="accepted", **ANSWERED)
    insert("submission", **submission_row(second))


def test_beside_a_call_whose_worker_is_gone_the_account_makes_one_more(
    cast: Cast, sent: Withdrawal, payee: Address
) -> None:
    update(submission_of(sent), worker_gone_at=timezone.now())
    second, third = approved(cast, payee, amount=Decimal(99)), approved(cast, payee, amount=Decimal(98))
    for asked in (second, third):
        update(asked, status="submitting")
    insert("submission", **submission_row(second))
    with refused_by("one_call_at_a_time_per_account"):
        insert("submission", **submission_row(third))


def test_one_call_of_an_account_is_left_behind_at_a_time(cast: Cast, sent: Withdrawal, payee: Address) -> None:
    update(submission_of(sent), worker_gone_at=timezone.now())
    second = approved(cast, payee, amount=Decimal(99))
    update(second, status="submitting")
    insert("submission", **submission_row(second))
    with refused_by("one_call_left_behind_per_account"):
        update(submission_of(second), worker_gone_at=timezone.now())


def test_a_call_whose_worker_is_gone_is_not_made_again(sent: Withdrawal) -> None:
    update(submission_of(sent), worker_gone_at=timezone.now())
    with refused_by("one_call_at_a_time_per_withdrawal"):
        insert("submission", **submission_row(sent, number=2))


def test_no_call_begins_with_a_worker_that_is_gone(cast: Cast, payee: Address) -> None:
    withdrawal = approved(cast, payee)
    update(withdrawal, status="submitting")
    with refused_by("a_worker_is_found_gone_once"):
        insert("submission", **submission_row(withdrawal, worker_gone_at=timezone.now()))


@pytest.mark.parametrize("later", [None, timezone.now() + timedelta(days=1)])
def test_a_worker_that_is_gone_stays_gone(sent: Withdrawal, later: Any) -> None:
    update(submission_of(sent), worker_gone_at=timezone.now())
    with refused_by("a_worker_is_found_gone_once"):
        update(submission_of(sent), worker_gone_at=later)


def test_two_accounts_have_open_calls_side_by_side(cast: Cast, sent: Withdrawal, chain_payee: Address) -> None:
    second = approved(cast, chain_payee)
    update(second, status="submitting")
    insert("submission", **submission_row(second))


def test_each_attempt_has_its_own_number(sent: Withdrawal) -> None:
    update(submission_of(sent), **NOT_EXECUTED)
    with refused_by("one_submission_per_number"):
        insert("submission", **submission_row(sent, number=1))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outcome_has_a_time(sent: Withdrawal, outcome: Outcome) -> None:
    with refused_by("an_outcome_has_a_time"):
        update(submission_of(sent), outcome=outcome.value)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("number", 2),
        ("reference", "f" * 32),
        ("body", '{"amount":"9"}'),
        ("digest", "e" * 64),
        ("claimed_at", timezone.now() - timedelta(days=1)),
    ],
)
def test_what_was_sent_never_changes(sent: Withdrawal, column: str, value: Any) -> None:
    with refused_by("what_was_sent_never_changes"):
        update(submission_of(sent), **{column: value})


def test_an_attempt_never_changes_hands(cast: Cast, sent: Withdrawal, payee: Address, merchant: Account) -> None:
    for columns in ({"withdrawal_id": approved(cast, payee).pk}, {"account_id": merchant.pk}):
        with refused_by("what_was_sent_never_changes"):
            update(submission_of(sent), **columns)


@pytest.mark.parametrize("first", list(Outcome))
@pytest.mark.parametrize(
    "columns", [{"outcome": "open"}, {"outcome": "accepted"}, {"outcome": "not_executed"}, {"raw_answer": "{}"}]
)
def test_an_answer_is_recorded_once(sent: Withdrawal, first: Outcome, columns: dict[str, str]) -> None:
    update(submission_of(sent), outcome=first.value, **ANSWERED)
    with refused_by("an_answer_is_recorded_once"):
        update(submission_of(sent), **columns)


def test_submissions_are_never_deleted(sent: Withdrawal) -> None:
    with refused_by("submissions_are_never_deleted"):
        delete(submission_of(sent))
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("submissions_are_never_deleted"):
        truncate("submission")
