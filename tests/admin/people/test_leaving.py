"""Before access or a role is taken away, the page says what is open of that person's and whether work would stop."""

import pytest
from django.contrib.auth.models import User
from django.utils.html import strip_tags

from payouts.models import Address
from payouts.workflow.recipients import address_book
from tests.conftest import SignIn
from tests.props.cast import Cast, approve, approved, proposal, raised

pytestmark = pytest.mark.django_db


def words(sign_in: SignIn, cast: Cast, user: User, act: str) -> str:
    """What an administrator reads there, in one line."""
    response = sign_in(cast.administrator).get(f"/auth/user/{user.pk}/{act}")
    assert response.status_code == 200
    return " ".join(strip_tags(response.content.decode()).split())


@pytest.mark.parametrize("act", ["", "deactivate/", "roles/"])
def test_what_is_open_of_theirs_is_counted(cast: Cast, payee: Address, sign_in: SignIn, act: str) -> None:
    raised(cast, payee)
    approved(cast, payee)
    address_book.propose(proposal(payee.account), by=cast.requester)
    said = words(sign_in, cast, cast.requester, act)
    assert "Requests that were not sent yet2 Without access or the role they are cancelled." in said
    assert "Other proposals that wait for a decision1 They stay" in said
    assert "Approvals of payments that were not sent yet1 " in words(sign_in, cast, cast.first_approver, act)
    assert "Nothing is open of theirs." in words(sign_in, cast, cast.third_approver, act)


@pytest.mark.parametrize("act", ["deactivate/", "roles/"])
def test_a_warning_comes_before_too_few_remain(cast: Cast, sign_in: SignIn, act: str) -> None:
    assert "among the active" not in words(sign_in, cast, cast.first_approver, act)
    User.objects.filter(pk=cast.third_approver.pk).update(is_active=False)
    warned = words(sign_in, cast, cast.first_approver, act)
    assert "Only one other person is among the active Approvers: a payment needs 2 approvals" in warned
    assert "Only one other person is among the active Administrators" in words(
        sign_in, cast, cast.second_administrator, act
    )


def test_the_withdrawals_page_says_which_yes_does_not_count_any_more(
    cast: Cast, payee: Address, sign_in: SignIn
) -> None:
    asked = approve(raised(cast, payee), cast.first_approver)
    client = sign_in(cast.auditor)
    page = f"/payouts/withdrawal/{asked.pk}/"
    assert "does not count any more" not in client.get(page).content.decode()
    User.objects.filter(pk=cast.first_approver.pk).update(is_active=False)
    said = client.get(page).content.decode()
    assert "It does not count any more: access or a role was taken from them since." in said
    assert "0 of 2 approvals" in said
    assert said.count("One more person has to approve") == 2
