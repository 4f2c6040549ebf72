"""Raw SQL against approvals of every kind: nobody twice, nothing but what was shown, and nothing changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.decisions.proposal import State
from payouts.domain.people.roles import Act
from payouts.models import Address
from payouts.workflow.decisions.registry import KINDS
from tests.props.cast import Cast
from tests.props.decisions import proof_of
from tests.props.rows.decisions import approval_row, say_yes
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.kinds import EXAMPLES, Example
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

NOW = timezone.now()
OTHER_DIGEST = "e" * 64


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest, cast: Cast, payee: Address) -> Example:
    """A proposal of each kind in turn."""
    return EXAMPLES[request.param](cast, payee)


def test_every_kind_has_its_example() -> None:
    assert EXAMPLES.keys() == KINDS.keys()


def test_every_kind_has_its_two_guards(db: None) -> None:
    for kind in KINDS:
        for guard in (
            f"countersign_{kind}_proposed(payouts_proposal)",
            f"countersign_{kind}_approved(payouts_proposal, payouts_approval)",
        ):
            execute("SELECT %s::regprocedure", guard)


def test_the_rows_that_these_tests_spoil_are_sound(example: Example) -> None:
    for approver in example.approvers:
        say_yes(example.proposal, approver)
    assert example.proposal.approvals.count() == 2


def test_an_approval_cannot_be_of_another_digest(example: Example) -> None:
    with refused_by("approval_names_the_digest"):
        say_yes(example.proposal, example.approvers[0], digest=OTHER_DIGEST)


def test_an_approval_carries_the_approvers_own_proof_of_this(example: Example) -> None:
    digest, act = example.proposal.digest, example.proposal.act
    approver, other = example.approvers
    wrong = [proof_of(other, act, digest), proof_of(approver, act, OTHER_DIGEST)]
    wrong += [proof_of(approver, another, digest) for another in Act if another != act]
    for proof in wrong:
        with refused_by("approval_carries_its_own_proof"):
            say_yes(example.proposal, approver, proof_id=proof.pk)


@pytest.mark.parametrize("age", [timedelta(minutes=3), -timedelta(minutes=3)], ids=["old", "of a time to come"])
def test_the_proof_of_an_approval_is_fresh(example: Example, age: timedelta) -> None:
    proof = proof_of(example.approvers[0], example.proposal.act, example.proposal.digest)
    forge(proof, proved_at=timezone.now() - age)
    with refused_by("approval_carries_a_fresh_proof"):
        say_yes(example.proposal, example.approvers[0], proof_id=proof.pk)


def test_one_proof_is_behind_one_approval_of_a_digest(example: Example, cast: Cast, payee: Address) -> None:
    """Two proposals have two digests; were there one of the same, the proof would serve for one of them."""
    approver = example.approvers[0]
    proof = proof_of(approver, example.proposal.act, example.proposal.digest)
    say_yes(example.proposal, approver, proof_id=proof.pk)
    second = EXAMPLES["address"](cast, payee).proposal
    with refused_by("approval_carries_its_own_proof"):
        say_yes(second, approver, proof_id=proof.pk)
    with guards_off(), refused_by("a_proof_covers_a_digest_once"):
        say_yes(second, approver, proof_id=proof.pk, digest=proof.digests[0])


def test_whoever_does_not_hold_the_role_is_no_approver(example: Example, cast: Cast) -> None:
    for person in (example.stranger, cast.outsider, cast.superuser):
        with refused_by("approver_holds_the_role"):
            say_yes(example.proposal, person)


def test_a_role_that_the_proposal_does_not_ask_for_is_none(example: Example) -> None:
    forge(example.proposal, roles=["Requesters"])
    with refused_by("approver_holds_the_role"):
        say_yes(example.proposal, example.approvers[0])


def test_whoever_was_deactivated_is_no_approver(example: Example) -> None:
    User.objects.filter(pk=example.approvers[0].pk).update(is_active=False)
    with refused_by("approver_holds_the_role"):
        say_yes(example.proposal, example.approvers[0])


def test_whoever_is_excluded_is_no_approver(example: Example) -> None:
    forge(example.proposal, excluded=[example.approvers[0].pk])
    with refused_by("approver_is_not_excluded"):
        say_yes(example.proposal, example.approvers[0])


def test_nobody_approves_twice(example: Example) -> None:
    say_yes(example.proposal, example.approvers[0])
    with refused_by("one_approval_per_person"):
        say_yes(example.proposal, example.approvers[0])


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_nobody_approves_what_was_decided(example: Example, state: State) -> None:
    forge(
        example.proposal,
        state=state.value,
        decided_at=NOW,
        decided_by=example.approvers[1],
        decided_because="It was",
    )
    with refused_by("approval_only_while_open"):
        say_yes(example.proposal, example.approvers[0])


def test_nobody_approves_what_is_overdue(example: Example) -> None:
    forge(example.proposal, open_until=timezone.now() - timedelta(minutes=1))
    with refused_by("approval_comes_in_time"):
        say_yes(example.proposal, example.approvers[0])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("digest", OTHER_DIGEST),
        ("approved_at", NOW - timedelta(days=1)),
        ("approver_id", 1),
        ("note", "Other"),
        ("id", 10**6),
    ],
)
def test_approvals_never_change(cast: Cast, payee: Address, column: str, value: Any) -> None:
    example = EXAMPLES["withdrawal"](cast, payee)
    say_yes(example.proposal, example.approvers[0])
    with refused_by("approvals_never_change"):
        update(example.proposal.approvals.get(), **{column: value})


def test_an_approval_never_changes_hands(example: Example) -> None:
    say_yes(example.proposal, example.approvers[0])
    other = approval_row(example.proposal, example.approvers[1])
    for column in ("approver_id", "proof_id"):
        with refused_by("approvals_never_change"):
            update(example.proposal.approvals.get(), **{column: other[column]})


def test_nobody_dates_an_approval_but_the_database(example: Example) -> None:
    say_yes(example.proposal, example.approvers[0], approved_at=NOW - timedelta(days=9))
    assert example.proposal.approvals.get().approved_at > NOW - timedelta(minutes=9)


def test_approvals_are_never_deleted(example: Example) -> None:
    say_yes(example.proposal, example.approvers[0])
    with refused_by("approvals_never_change"):
        delete(example.proposal.approvals.get())
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("approvals_never_change"):
        truncate("approval")


def test_nothing_is_approved_of_which_there_is_no_proposal(cast: Cast, payee: Address) -> None:
    row = approval_row(EXAMPLES["address"](cast, payee).proposal, cast.keeper, proposal_id=payee.pk)
    with refused_by("approval_carries_its_own_proof"):
        insert("approval", **row)
