"""Raw SQL at the same instant: what one transaction decides, the other does not decide otherwise unseen."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.models import Address, Resolution, ResolutionLine, Submission
from tests.props.accounts import same_payee, twin_of
from tests.props.cast import Cast, approved, raised
from tests.props.races import in_thread
from tests.props.rows.decisions import close, say_yes
from tests.props.rows.rows import line_row, looked_twice, record_of, resend_row, resolution_row, unknown
from tests.props.rows.sql import insert, submission_row, update

pytestmark = pytest.mark.django_db(transaction=True)


def refused_after(first: Callable[[], Any], second: Callable[[], Any]) -> str:
    """What a second session is told that begins its deed before the first has committed its own."""
    told: list[str] = []

    def attempt() -> None:
        try:
            second()
        except IntegrityError as err:
            told.append(err.__cause__.diag.constraint_name)  # type: ignore[union-attr]
        else:
            told.append("nothing")

    with transaction.atomic():
        first()
        late = in_thread(attempt)
        late.join(timeout=0.2)
        assert told == [], "it did not wait"
    late.join(timeout=10)
    assert connection.in_atomic_block is False
    return told[0]


def test_no_line_is_added_while_a_resolution_is_being_confirmed(cast: Cast, payee: Address) -> None:
    lost, other = unknown(cast, payee), unknown(cast, payee, amount=Decimal("7"))
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    insert("resolutionline", **line_row(row, lost))
    proposal = Resolution.objects.get().proposal
    say_yes(proposal, cast.second_approver)
    told = refused_after(
        lambda: close(proposal, "carried", cast.second_approver),
        lambda: insert("resolutionline", **line_row(row, other)),
    )
    assert told == "what_was_proposed_never_changes"
    assert ResolutionLine.objects.count() == 1


def test_no_resolution_is_confirmed_while_a_line_is_being_added(cast: Cast, payee: Address) -> None:
    lost, other = unknown(cast, payee), unknown(cast, payee, amount=Decimal("7"))
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    insert("resolutionline", **line_row(row, lost))
    proposal = Resolution.objects.get().proposal
    say_yes(proposal, cast.second_approver)
    told = refused_after(
        lambda: insert("resolutionline", **line_row(row, other)),
        lambda: close(proposal, "carried", cast.second_approver),
    )
    assert told == "what_is_approved_is_what_the_rows_say"


def test_nobody_approves_while_it_is_being_decided(cast: Cast, payee: Address) -> None:
    proposal = raised(cast, payee).proposal
    told = refused_after(lambda: close(proposal, "lapsed", None), lambda: say_yes(proposal, cast.first_approver))
    assert told == "approval_only_while_open"


def test_nobody_rejects_while_it_is_being_claimed(cast: Cast, payee: Address) -> None:
    ready = approved(cast, payee)
    told = refused_after(
        lambda: update(ready, status="submitting"), lambda: close(ready.proposal, "rejected", cast.third_approver)
    )
    assert told == "what_was_decided_never_changes"


def test_nothing_is_claimed_while_it_is_being_rejected(cast: Cast, payee: Address) -> None:
    ready = approved(cast, payee)
    told = refused_after(
        lambda: close(ready.proposal, "rejected", cast.third_approver), lambda: update(ready, status="submitting")
    )
    assert told == "approved_means_enough_approvals"


def test_no_call_begins_while_what_was_claimed_is_being_given_back(cast: Cast, payee: Address) -> None:
    claimed = approved(cast, payee)
    update(claimed, status="submitting")
    insert("submission", **submission_row(claimed))
    call = Submission.objects.get()
    update(call, outcome="not_executed", answered_at=call.claimed_at)
    told = refused_after(
        lambda: update(claimed, status="approved"),
        lambda: insert("submission", **submission_row(claimed, number=2)),
    )
    assert told == "submission_only_while_submitting"


def test_nothing_is_resolved_while_it_is_being_resent(cast: Cast, payee: Address) -> None:
    lost = unknown(cast, payee)
    looked_twice(lost)
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    told = refused_after(
        lambda: insert("submission", **resend_row(lost)), lambda: insert("resolutionline", **line_row(row, lost))
    )
    assert told == "nothing_is_resolved_during_a_call"


def test_nothing_is_resent_while_people_propose_what_became_of_it(cast: Cast, payee: Address) -> None:
    lost = unknown(cast, payee)
    looked_twice(lost)
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    told = refused_after(
        lambda: insert("resolutionline", **line_row(row, lost)), lambda: insert("submission", **resend_row(lost))
    )
    assert told == "nothing_is_resent_that_people_decide"


def test_no_equal_payment_leaves_another_account_while_one_is_being_claimed(cast: Cast, payee: Address) -> None:
    first = approved(cast, payee)
    second = approved(cast, same_payee(cast, payee, twin_of(payee.account)))
    told = refused_after(lambda: update(first, status="submitting"), lambda: update(second, status="submitting"))
    assert told == "equals_wait_across_accounts"


def test_no_record_becomes_another_accounts_while_it_is_being_tied(cast: Cast, payee: Address) -> None:
    twin_payee = same_payee(cast, payee, twin_of(payee.account))
    first, second = unknown(cast, payee), unknown(cast, twin_payee, amount=Decimal("7"))
    told = refused_after(
        lambda: insert("providerrecord", **record_of(first)), lambda: insert("providerrecord", **record_of(second))
    )
    assert told == "a_record_is_claimed_once"
