"""Raw SQL against approvals: nobody's own request, nobody twice, nothing but what was shown, and nothing changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from payouts.domain.people.roles import Act, Role
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Withdrawal
from tests.props.cast import Cast, approve, person_with, proof_of, raised
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.sql import approval_row, delete, execute, insert, refused_by, truncate, update

OTHER_DIGEST = "e" * 64


@pytest.fixture
def asked(cast: Cast, payee: Address) -> Withdrawal:
    """It awaits two approvals."""
    return raised(cast, payee)


def test_the_requester_is_never_an_approver(cast: Cast, asked: Withdrawal) -> None:
    with refused_by("approver_is_not_the_requester"):
        insert("approval", **approval_row(asked, cast.requester))


def test_a_superuser_who_asked_is_never_an_approver(payee: Address, cast: Cast) -> None:
    chief = person_with("chief", *Role)
    User.objects.filter(pk=chief.pk).update(is_superuser=True)
    asked = raised(cast, payee, by=chief)
    with refused_by("approver_is_not_the_requester"):
        insert("approval", **approval_row(asked, chief))


def test_an_approval_cannot_lie_about_who_asked(cast: Cast, asked: Withdrawal) -> None:
    cast.requester.groups.add(Group.objects.get(name=Role.APPROVER))
    row = approval_row(asked, cast.requester, requester_id=cast.second_requester.pk)
    with refused_by("approval_names_the_requester_and_the_digest"):
        insert("approval", **row)


def test_an_approval_cannot_be_of_another_digest(cast: Cast, asked: Withdrawal) -> None:
    with refused_by("approval_names_the_requester_and_the_digest"):
        insert("approval", **approval_row(asked, cast.first_approver, digest=OTHER_DIGEST))


def test_the_proof_of_an_approval_is_fresh(cast: Cast, asked: Withdrawal) -> None:
    old = proof_of(cast.first_approver, Act.APPROVE, asked.digest)
    forge(old, proved_at=timezone.now() - timedelta(minutes=3))
    with refused_by("approval_carries_a_fresh_proof"):
        insert("approval", **approval_row(asked, cast.first_approver, proof_id=old.pk))


@pytest.mark.parametrize("name", ["second_requester", "keeper", "auditor", "administrator", "outsider", "superuser"])
def test_whoever_does_not_hold_the_role_is_no_approver(cast: Cast, asked: Withdrawal, name: str) -> None:
    with refused_by("approver_holds_the_role"):
        insert("approval", **approval_row(asked, getattr(cast, name)))


def test_a_deactivated_approver_is_no_approver(cast: Cast, asked: Withdrawal) -> None:
    User.objects.filter(pk=cast.first_approver.pk).update(is_active=False)
    with refused_by("approver_holds_the_role"):
        insert("approval", **approval_row(asked, cast.first_approver))


def test_nobody_approves_twice(cast: Cast, asked: Withdrawal) -> None:
    approve(asked, cast.first_approver)
    with refused_by("one_approval_per_person"):
        insert("approval", **approval_row(asked, cast.first_approver))


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWAITING_APPROVAL])
def test_nobody_approves_what_has_left_the_queue(cast: Cast, asked: Withdrawal, status: Status) -> None:
    forge(asked, status=status, error_code="10001")
    with refused_by("approval_only_while_awaiting"):
        insert("approval", **approval_row(asked, cast.first_approver))


def test_an_approval_carries_the_approvers_own_proof_of_this(cast: Cast, asked: Withdrawal) -> None:
    wrong = [
        proof_of(cast.second_approver, Act.APPROVE, asked.digest),
        proof_of(cast.first_approver, Act.REJECT, asked.digest),
        proof_of(cast.first_approver, Act.APPROVE, OTHER_DIGEST),
    ]
    for proof in wrong:
        with refused_by("approval_carries_its_own_proof"):
            insert("approval", **approval_row(asked, cast.first_approver, proof_id=proof.pk))


def test_one_proof_is_behind_one_approval_only(cast: Cast, asked: Withdrawal, payee: Address) -> None:
    """The rule about the proof's subject refuses it first; behind that one stands a unique column."""
    approve(asked, cast.first_approver)
    second = raised(cast, payee)
    row = approval_row(second, cast.first_approver, proof_id=asked.approvals.get().proof_id)
    with refused_by("approval_carries_its_own_proof"):
        insert("approval", **row)
    with guards_off(), refused_by("payouts_approval_proof_id_key"):
        insert("approval", **row)


@pytest.mark.parametrize(
    ("column", "value"),
    [("digest", OTHER_DIGEST), ("approved_at", timezone.now() - timedelta(days=1)), ("approver_id", 1)],
)
def test_approvals_never_change(cast: Cast, asked: Withdrawal, column: str, value: Any) -> None:
    approve(asked, cast.first_approver)
    with refused_by("approvals_never_change"):
        update(asked.approvals.get(), **{column: value})


def test_approvals_are_never_deleted(cast: Cast, asked: Withdrawal) -> None:
    approve(asked, cast.first_approver)
    with refused_by("approvals_never_change"):
        delete(asked.approvals.get())
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("approvals_never_change"):
        truncate("approval")
