"""Raw SQL against the approval of withdrawals: never by whoever asked, and only in the queue."""

import pytest
from django.contrib.auth.models import Group, User

from payouts.domain.people.roles import Role
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Proposal, Withdrawal
from tests.props.cast import Cast, person_with, raised
from tests.props.rows.decisions import say_yes
from tests.props.rows.guards import forge
from tests.props.rows.rows import withdrawal_row
from tests.props.rows.sql import refused_by


@pytest.fixture
def asked(cast: Cast, payee: Address) -> Withdrawal:
    """It awaits two approvals."""
    return raised(cast, payee)


def test_the_requester_is_never_an_approver(cast: Cast, asked: Withdrawal) -> None:
    with refused_by("approver_is_not_the_requester"):
        say_yes(asked.proposal, cast.requester)


def test_a_superuser_who_asked_is_never_an_approver(cast: Cast, payee: Address) -> None:
    chief = person_with("chief", *Role)
    User.objects.filter(pk=chief.pk).update(is_superuser=True)
    asked = raised(cast, payee, by=chief)
    with refused_by("approver_is_not_the_requester"):
        say_yes(asked.proposal, chief)


def test_no_proposal_lies_about_who_asked(cast: Cast, asked: Withdrawal) -> None:
    cast.requester.groups.add(Group.objects.get(name=Role.APPROVER))
    forge(asked.proposal, raised_by=cast.second_requester, excluded=[cast.second_requester.pk])
    with refused_by("approver_is_not_the_requester"):
        say_yes(asked.proposal, cast.requester)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWAITING_APPROVAL])
def test_nobody_approves_what_has_left_the_queue(cast: Cast, asked: Withdrawal, status: Status) -> None:
    forge(asked, status=status, error_code="10001")
    with refused_by("approval_only_while_awaiting"):
        say_yes(asked.proposal, cast.first_approver)


def test_nobody_approves_what_nobody_asked_for(cast: Cast, payee: Address) -> None:
    proposal = Proposal.objects.get(pk=withdrawal_row(payee, cast.requester)["proposal_id"])
    with refused_by("approval_only_while_awaiting"):
        say_yes(proposal, cast.first_approver)
