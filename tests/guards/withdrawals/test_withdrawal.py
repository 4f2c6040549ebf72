"""Raw SQL against withdrawals: what the database itself refuses, by the name of the rule."""

from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payouts.domain.withdrawals.status import MOVES, Status
from payouts.models import Account, Address, Withdrawal
from payouts.workflow.recipients import address_book
from tests.props.cast import Cast, active_address, approve, approved, proposal, raised
from tests.props.evidence import evidence_for
from tests.props.rows.decisions import carry, close, say_yes
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.rows import withdrawal_row
from tests.props.rows.sql import delete, execute, insert, refused_by, submission_row, truncate, update

TERMS: list[tuple[str, Any]] = [
    ("coin", "USDC"),
    ("amount", Decimal("1250.01")),
    ("remark", "other"),
    ("purpose", "Other"),
    ("invoice_reference", "other"),
    ("requested_at", "2020-01-01T00:00:00Z"),
    ("digest", "e" * 64),
    ("recipient_key", "other"),
    ("fingerprint", Decimal("0.01")),
]


@pytest.fixture
def ready(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal that two people have approved."""
    return approved(cast, payee)


def test_the_rows_that_these_tests_spoil_are_sound(cast: Cast, payee: Address) -> None:
    row = withdrawal_row(payee, cast.requester)
    insert("withdrawal", **row)
    made = Withdrawal.objects.get(pk=row["id"])
    carry(made.proposal, cast.first_approver, cast.second_approver)
    update(made, status="approved")
    update(made, status="submitting")
    insert("submission", **submission_row(made))


# -- inserting --


@pytest.mark.parametrize("amount", ["0", "-1", "NaN"])
def test_an_amount_is_a_number_above_zero(cast: Cast, payee: Address, amount: str) -> None:
    with refused_by("amount_is_positive"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester, amount=amount))


@pytest.mark.parametrize("remark", ["a&b", "a=b", "line\nbreak", "end\n", "é", "a%b", "a\tb"])
def test_a_remark_cannot_confuse_a_signature(cast: Cast, payee: Address, remark: str) -> None:
    with refused_by("remark_cannot_confuse_a_signature"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester, remark=remark))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWAITING_APPROVAL])
def test_a_withdrawal_starts_awaiting_approval(cast: Cast, payee: Address, status: Status) -> None:
    with refused_by("withdrawal_starts_awaiting_approval"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester, status=status.value))


def test_a_withdrawal_needs_an_active_address(cast: Cast, treasury: Account, payee: Address) -> None:
    entry = address_book.propose(proposal(treasury), by=cast.requester)
    with refused_by("withdrawal_needs_an_active_address"):
        insert("withdrawal", **withdrawal_row(entry, cast.requester))
    address_book.revoke(payee.pk, reason="Left", by=cast.keeper)
    with refused_by("withdrawal_needs_an_active_address"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester))


def test_a_withdrawal_is_for_the_account_and_the_coins_of_its_address(
    cast: Cast, payee: Address, merchant: Account
) -> None:
    for changes in ({"coin": "BTC"}, {"account_id": merchant.pk}, {"recipient_key": "other"}):
        with refused_by("withdrawal_fits_its_address"):
            insert("withdrawal", **withdrawal_row(payee, cast.requester, **changes))


def _over(withdrawal: Withdrawal) -> Withdrawal:
    forge(withdrawal, status="failed")
    return withdrawal


@pytest.mark.parametrize("status", Status)
def test_only_what_was_not_paid_is_retried(cast: Cast, payee: Address, status: Status) -> None:
    earlier = raised(cast, payee)
    forge(earlier, status=status, error_code="10001")
    row = withdrawal_row(payee, cast.requester, retry_of_id=earlier.pk)
    may_have_paid = not status.is_final or status is Status.COMPLETED
    with refused_by("only_what_was_not_paid_is_retried") if may_have_paid else nullcontext():
        insert("withdrawal", **row)


@pytest.mark.parametrize("status", Status)
def test_what_was_asked_for_again_is_not_asked_for_a_third_time(cast: Cast, payee: Address, status: Status) -> None:
    earlier = _over(raised(cast, payee))
    row = withdrawal_row(payee, cast.requester, retry_of_id=earlier.pk)
    insert("withdrawal", **row)
    forge(Withdrawal.objects.get(pk=row["id"]), status=status, error_code="10001")
    with refused_by("asked_again_once"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester, retry_of_id=earlier.pk))


# -- changing --


@pytest.mark.parametrize(("column", "value"), TERMS)
def test_what_was_asked_for_never_changes(ready: Withdrawal, column: str, value: Any) -> None:
    with refused_by("what_was_asked_for_never_changes"):
        update(ready, **{column: value})


def test_who_asked_and_who_is_paid_never_change(
    cast: Cast, ready: Withdrawal, treasury: Account, merchant: Account
) -> None:
    other = active_address(cast, treasury)
    columns = {"address_id": other.pk, "account_id": merchant.pk, "requested_by_id": cast.second_requester.pk}
    columns |= {"retry_of_id": _over(raised(cast, other)).pk, "proposal_id": raised(cast, other).proposal_id}
    for column, value in columns.items():
        with refused_by("what_was_asked_for_never_changes"):
            update(ready, **{column: value})


@pytest.mark.parametrize("old", Status)
def test_the_database_makes_the_declared_moves_and_no_other(ready: Withdrawal, old: Status) -> None:
    for new in set(Status) - {old}:
        forge(ready, status=old, error_code="10001", provider_id="")
        columns = evidence_for(ready, new)
        with nullcontext() if new in MOVES[old] else refused_by("withdrawal_moves_as_declared"):
            update(ready, status=new.value, **columns)


def test_there_is_no_status_but_the_known_ones(ready: Withdrawal) -> None:
    with refused_by("withdrawal_moves_as_declared"):
        update(ready, status="paid")
    with guards_off(), refused_by("withdrawal_status_is_known"):
        update(ready, status="paid")


@pytest.mark.parametrize("approvals", [0, 1])
def test_approved_means_that_enough_people_approved_it(cast: Cast, payee: Address, approvals: int) -> None:
    asked = raised(cast, payee)
    for approver in (cast.first_approver, cast.second_approver)[:approvals]:
        approve(asked, approver)
    for state in ("open", "carried"):
        forge(asked.proposal, state=state, decided_at=None if state == "open" else timezone.now())
        with refused_by("approved_means_enough_approvals"):
            update(asked, status="approved")


def test_approved_means_that_its_proposal_was_carried(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    for approver in (cast.first_approver, cast.second_approver):
        say_yes(asked.proposal, approver)
    with refused_by("approved_means_enough_approvals"):
        update(asked, status="approved")


def test_what_was_rejected_after_its_approval_is_not_sent(cast: Cast, ready: Withdrawal) -> None:
    close(ready.proposal, "rejected", cast.third_approver)
    with refused_by("approved_means_enough_approvals"):
        update(ready, status="submitting")


def test_the_yes_of_whoever_asked_does_not_count(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee, by=cast.second_requester)
    for approver in (cast.first_approver, cast.second_approver):
        say_yes(asked.proposal, approver)
    forge(asked, requested_by=cast.first_approver)
    forge(asked.proposal, state="carried", decided_at=timezone.now())
    with refused_by("approved_means_enough_approvals"):
        update(asked, status="approved")


@pytest.mark.parametrize(("old", "new"), [("approved", "submitting"), ("submitting", "approved")])
def test_nothing_is_sent_or_tried_again_with_too_few_approvals(cast: Cast, payee: Address, old: str, new: str) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    forge(asked, status=old)
    with refused_by("approved_means_enough_approvals"):
        update(asked, status=new)


def test_no_table_of_the_session_stands_in_for_the_approvals(cast: Cast, payee: Address) -> None:
    """Anybody may make temporary tables, and they are found first unless the guards say otherwise."""
    asked = raised(cast, payee)
    digest = asked.proposal.digest
    forge(asked.proposal, state="carried", decided_at=timezone.now())
    execute("CREATE TEMPORARY TABLE payouts_approval (proposal_id uuid, digest text, approver_id integer)")
    for forged in (-1, -2):
        execute("INSERT INTO pg_temp.payouts_approval VALUES (%s, %s, %s)", asked.proposal_id, digest, forged)
    with refused_by("approved_means_enough_approvals"):
        update(asked, status="approved")


def test_nothing_is_sent_to_an_inactive_address(cast: Cast, ready: Withdrawal) -> None:
    address_book.revoke(ready.address_id, reason="Left", by=cast.keeper)
    with refused_by("nothing_is_sent_to_an_inactive_address"):
        update(ready, status="submitting")


def test_what_is_stopped_is_not_sent(ready: Withdrawal) -> None:
    update(ready, stopped_because="It differs")
    with refused_by("what_is_stopped_is_not_sent"):
        update(ready, status="submitting")


@pytest.mark.parametrize("old", ["awaiting_approval", "approved"])
def test_nothing_expired_is_approved_or_sent(ready: Withdrawal, old: str) -> None:
    forge(ready, status=old, expires_at=timezone.now() - timedelta(minutes=1))
    with refused_by("nothing_expired_is_sent"):
        update(ready, status="approved" if old == "awaiting_approval" else "submitting")
    update(ready, status="expired")


@pytest.mark.parametrize("status", [status for status in Status if not status.is_final])
def test_approvals_are_not_prolonged(ready: Withdrawal, status: Status) -> None:
    forge(ready, status=status)
    later = ready.expires_at + timedelta(minutes=1)
    with refused_by("approvals_are_not_prolonged"):
        update(ready, expires_at=later)
    if status is Status.AWAITING_APPROVAL:
        update(ready, status="approved", expires_at=later)


def test_one_of_two_equal_payments_is_in_flight(
    cast: Cast, ready: Withdrawal, payee: Address, chain_payee: Address
) -> None:
    equal, more = approved(cast, payee), approved(cast, payee, amount=ready.amount + 1)
    forge(ready, status="unknown")
    with refused_by("one_equal_payment_in_flight"):
        update(equal, status="submitting")
    update(more, status="submitting")
    update(approved(cast, chain_payee), status="submitting")
    forge(ready, status="submitted")
    update(equal, status="submitting")


@pytest.mark.parametrize("answered", [None, *sorted(MOVES[Status.SUBMITTING])])
def test_a_call_ends_by_its_answer(ready: Withdrawal, answered: Status | None) -> None:
    """Else it could be cancelled, and asked for again, although the call may have paid."""
    update(ready, status="submitting")
    if answered is not None:
        evidence_for(ready, answered)
    for new in MOVES[Status.SUBMITTING] - {answered}:
        with refused_by("a_call_ends_by_its_answer"):
            update(ready, status=new.value, error_code="10001")


def test_what_was_claimed_again_is_not_given_back_by_the_answer_to_the_call_before(ready: Withdrawal) -> None:
    update(ready, status="submitting")
    evidence_for(ready, Status.APPROVED)
    insert("submission", **submission_row(ready, number=2))
    with refused_by("a_call_ends_by_its_answer"):
        update(ready, status="approved")


def test_what_was_taken_has_the_id_of_the_answer(ready: Withdrawal) -> None:
    update(ready, status="submitting")
    evidence_for(ready, Status.SUBMITTED)
    with refused_by("a_call_ends_by_its_answer"):
        update(ready, status="submitted", provider_id="10196")


def test_refused_names_an_error_code(ready: Withdrawal) -> None:
    forge(ready, status=Status.SUBMITTING)
    evidence_for(ready, Status.REFUSED)
    with refused_by("refused_names_an_error_code"):
        update(ready, status="refused")


def test_a_providers_id_is_written_once(ready: Withdrawal) -> None:
    forge(ready, status="submitted")
    update(ready, provider_id="10195")
    for later in ("10196", ""):
        with refused_by("a_provider_id_is_written_once"):
            update(ready, provider_id=later)


def test_a_providers_id_belongs_to_one_withdrawal_of_an_account(
    cast: Cast, ready: Withdrawal, payee: Address, chain_payee: Address
) -> None:
    second, of_another_account = raised(cast, payee), raised(cast, chain_payee)
    for accepted in (ready, second, of_another_account):
        forge(accepted, status="submitted")
    update(ready, provider_id="10195")
    with refused_by("one_withdrawal_per_provider_id"):
        update(second, provider_id="10195")
    update(of_another_account, provider_id="10195")


ACCEPTED = {Status.SUBMITTED, Status.COMPLETED, Status.FAILED}


@pytest.mark.parametrize("status", [s for s in Status if s not in ACCEPTED and not s.is_final])
def test_only_what_a_provider_accepted_has_its_id(ready: Withdrawal, status: Status) -> None:
    forge(ready, status=status)
    with refused_by("a_provider_id_means_accepted"):
        update(ready, provider_id="10195")


@pytest.mark.parametrize("status", [status for status in Status if status.is_final])
def test_nothing_about_what_is_final_changes(ready: Withdrawal, status: Status) -> None:
    forge(ready, status=status, error_code="10001")
    for column in ("provider_id", "error_code", "error_message", "closed_because", "stopped_because"):
        with refused_by("what_is_final_never_changes"):
            update(ready, **{column: "something else"})


# -- removing --


def test_withdrawals_are_never_deleted(ready: Withdrawal) -> None:
    with refused_by("withdrawals_are_never_deleted"):
        delete(ready)
    with refused_by("withdrawals_are_never_deleted"):
        execute("DELETE FROM payouts_withdrawal")


def test_withdrawals_are_never_emptied_away(ready: Withdrawal) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("withdrawals_are_never_deleted"):
        truncate("withdrawal")
