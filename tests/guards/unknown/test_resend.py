"""Raw SQL against resends: once, the same, under a promise, after two looks, and not while people decide."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Look, Resolution, Submission, Withdrawal
from payouts.workflow.recipients import address_book
from tests.props.cast import Cast
from tests.props.rows.decisions import carry, close
from tests.props.rows.guards import forge
from tests.props.rows.rows import GIVEN, line_row, look_row, looked_twice, resend_row, resolution_row, unknown
from tests.props.rows.sql import execute, insert, refused_by, submission_row, update

NOT_EXECUTED = {"outcome": "not_executed", "answered_at": timezone.now()}


@pytest.fixture
def lost(cast: Cast, payee: Address) -> Withdrawal:
    """Two looks have not found it, and its provider promises that one reference pays once."""
    withdrawal = unknown(cast, payee)
    looked_twice(withdrawal)
    return withdrawal


def resent(withdrawal: Withdrawal) -> Submission:
    """It was sent once more, and there is no answer yet."""
    insert("submission", **resend_row(withdrawal))
    return withdrawal.submissions.get(is_resend=True)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.UNKNOWN])
def test_only_the_unknown_is_resent(lost: Withdrawal, status: Status) -> None:
    forge(lost, status=status, error_code="10001")
    with refused_by("only_the_unknown_is_resent"):
        insert("submission", **resend_row(lost))


@pytest.mark.parametrize("outcome", ["accepted", "refused", "not_executed", "open"])
def test_only_after_an_unknown_first_call(lost: Withdrawal, outcome: str) -> None:
    forge(lost.submissions.get(), outcome=outcome)
    with refused_by("only_the_unknown_is_resent"):
        insert("submission", **resend_row(lost))


def test_a_resend_repeats_the_first_call(lost: Withdrawal) -> None:
    with refused_by("a_resend_repeats_the_first_call"):
        insert("submission", **resend_row(lost, body='{"amount":"9"}'))


@pytest.mark.parametrize("columns", [{"digest": "e" * 64}, {"reference": "f" * 32}])
def test_a_resend_is_of_what_was_approved(lost: Withdrawal, columns: dict[str, str]) -> None:
    with refused_by("submission_is_of_what_was_approved"):
        insert("submission", **resend_row(lost, **columns))


def test_a_resend_is_of_what_people_stand_behind(cast: Cast, lost: Withdrawal) -> None:
    execute("UPDATE auth_user SET is_active = false WHERE id = %s", cast.second_approver.pk)
    with refused_by("what_is_resent_is_stood_behind"):
        insert("submission", **resend_row(lost))


def test_a_resend_needs_the_providers_promise(cast: Cast, chain_payee: Address) -> None:
    blind = unknown(cast, chain_payee)
    looked_twice(blind)
    with refused_by("a_resend_needs_the_providers_promise"):
        insert("submission", **resend_row(blind))


def test_a_resend_follows_two_looks(cast: Cast, payee: Address) -> None:
    lost = unknown(cast, payee)
    for _ in range(3):
        with refused_by("a_resend_follows_two_looks"):
            insert("submission", **resend_row(lost))
        insert("look", **look_row(lost))


@pytest.mark.parametrize("result", ["found", "ambiguous", "unavailable"])
def test_the_last_look_found_nothing(lost: Withdrawal, result: str) -> None:
    insert("look", **look_row(lost, result=result))
    with refused_by("a_resend_follows_two_looks"):
        insert("submission", **resend_row(lost))


@pytest.mark.parametrize("result", ["found", "ambiguous", "unavailable"])
def test_both_looks_found_nothing(lost: Withdrawal, result: str) -> None:
    forge(lost.looks.earliest("id"), result=result)
    with refused_by("a_resend_follows_two_looks"):
        insert("submission", **resend_row(lost))


@pytest.mark.parametrize("column", ["looked_at", "until", "since"])
def test_looks_that_do_not_cover_the_call_count_for_nothing(lost: Withdrawal, column: str) -> None:
    sent_at = lost.submissions.get().claimed_at
    past = timedelta(minutes=1 if column == "since" else -1)
    forge(lost.looks.earliest("id"), **{column: sent_at + past})
    with refused_by("a_resend_follows_two_looks"):
        insert("submission", **resend_row(lost))


def test_looks_for_another_count_for_nothing(cast: Cast, lost: Withdrawal, payee: Address) -> None:
    other = unknown(cast, payee, amount=lost.amount + 1)
    for look in Look.objects.all():
        forge(look, withdrawal=other)
    with refused_by("a_resend_follows_two_looks"):
        insert("submission", **resend_row(lost))


@pytest.mark.parametrize("state", ["open", "carried"])
def test_nothing_is_resent_that_people_decide(cast: Cast, lost: Withdrawal, state: str) -> None:
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    insert("resolutionline", **line_row(row, lost))
    proposal = Resolution.objects.get().proposal
    if state == "carried":
        carry(proposal, cast.second_approver)
    with refused_by("nothing_is_resent_that_people_decide"):
        insert("submission", **resend_row(lost))


@pytest.mark.parametrize("state", ["rejected", "withdrawn", "lapsed"])
def test_what_people_decide_no_more_is_resent(cast: Cast, lost: Withdrawal, state: str) -> None:
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    insert("resolutionline", **line_row(row, lost))
    close(Resolution.objects.get().proposal, state, cast.first_approver)
    insert("submission", **resend_row(lost))


def test_what_expired_was_stopped_or_left_the_address_book_is_not_resent(cast: Cast, lost: Withdrawal) -> None:
    fresh = lost.expires_at
    forge(lost, expires_at=timezone.now() - timedelta(minutes=1))
    with refused_by("nothing_expired_is_sent"):
        insert("submission", **resend_row(lost))
    forge(lost, expires_at=fresh, stopped_because="It differs")
    with refused_by("what_is_stopped_is_not_sent"):
        insert("submission", **resend_row(lost))
    forge(lost, stopped_because="")
    address_book.revoke(lost.address_id, reason="Left", by=cast.keeper)
    with refused_by("nothing_is_sent_to_an_inactive_address"):
        insert("submission", **resend_row(lost))


@pytest.mark.parametrize("outcome", ["accepted", "refused", "unknown"])
def test_nothing_is_resent_twice(lost: Withdrawal, outcome: str) -> None:
    update(resent(lost), outcome=outcome, answered_at=timezone.now())
    with refused_by("nothing_is_resent_twice"):
        insert("submission", **resend_row(lost) | {"number": 3})


def test_a_resend_that_was_provably_not_executed_may_be_tried_again(lost: Withdrawal) -> None:
    update(resent(lost), **NOT_EXECUTED)
    insert("submission", **resend_row(lost) | {"number": 3})


def test_a_first_call_is_never_made_again_in_the_name_of_a_first_call(lost: Withdrawal) -> None:
    with refused_by("submission_only_while_submitting"):
        insert("submission", **submission_row(lost, number=2))


def test_a_call_does_not_turn_into_a_resend_nor_back(lost: Withdrawal) -> None:
    for call in (lost.submissions.get(), resent(lost)):
        with refused_by("what_was_sent_never_changes"):
            update(call, is_resend=not call.is_resend)


def test_an_open_call_keeps_it_unknown(lost: Withdrawal) -> None:
    resent(lost)
    for status in ("submitted", "completed", "failed"):
        with refused_by("an_open_call_keeps_it_unknown"):
            update(lost, status=status)


def test_a_yes_to_a_resend_says_that_it_was_taken_under_that_id(lost: Withdrawal) -> None:
    update(resent(lost), outcome="accepted", answered_at=timezone.now(), provider_id_given=GIVEN)
    for other in ("10196", ""):
        with refused_by("found_means_a_record_or_an_answer"):
            update(lost, status="submitted", provider_id=other)
    update(lost, status="submitted", provider_id=GIVEN)


@pytest.mark.parametrize("outcome", ["refused", "unknown", "not_executed"])
def test_anything_else_to_a_resend_says_nothing(lost: Withdrawal, outcome: str) -> None:
    update(resent(lost), outcome=outcome, answered_at=timezone.now())
    with refused_by("found_means_a_record_or_an_answer"):
        update(lost, status="submitted")
    for status in ("completed", "failed"):
        with refused_by("it_ends_by_evidence"):
            update(lost, status=status)


def test_an_account_that_lost_the_promise_resends_nothing(lost: Withdrawal, treasury: Account) -> None:
    Account.objects.filter(pk=treasury.pk).update(resend_allowed=False)
    with refused_by("a_resend_needs_the_providers_promise"):
        insert("submission", **resend_row(lost))
