"""Raw SQL against authority: a number grows with what is taken away, and what rests on an earlier one moves nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone

from payouts.domain.people.roles import Role
from payouts.models import Address, Approval, Authority, Proposal, Withdrawal
from tests.props.cast import Cast, approve, approved, raised
from tests.props.rows.decisions import close, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

pytestmark = pytest.mark.django_db


def number(user: User) -> int:
    return Authority.objects.filter(person=user).values_list("number", flat=True).first() or 0


def without_access(user: User) -> None:
    execute("UPDATE auth_user SET is_active = false WHERE id = %s", user.pk)


def test_the_number_grows_with_whatever_is_taken_away_and_with_nothing_else(cast: Cast) -> None:
    person = cast.first_approver
    without_access(person)
    assert number(person) == 1
    execute("UPDATE auth_user SET is_active = false WHERE id = %s", person.pk)
    execute("UPDATE auth_user SET is_active = true, last_name = 'New' WHERE id = %s", person.pk)
    person.groups.add(Group.objects.get(name=Role.KEEPER.value))
    assert number(person) == 1
    execute("DELETE FROM auth_user_groups WHERE user_id = %s", person.pk)
    assert number(person) == 3  # two roles
    assert {number(user) for user in (cast.second_approver, cast.requester)} == {0}


def test_a_role_that_is_turned_into_another_was_taken_away(cast: Cast) -> None:
    other = Group.objects.get(name=Role.AUDITOR.value)
    execute("UPDATE auth_user_groups SET group_id = %s WHERE user_id = %s", other.pk, cast.first_approver.pk)
    assert number(cast.first_approver) == 1


def test_the_number_only_grows_by_one(cast: Cast) -> None:
    person = cast.first_approver
    without_access(person)
    row = Authority.objects.get(person=person)
    for wrong in (0, 1, 3):
        with refused_by("authority_only_grows"):
            update(row, number=wrong)
    with refused_by("authority_only_grows"):
        update(row, person_id=cast.second_approver.pk, number=2)
    with refused_by("authority_only_grows"):
        insert("authority", person_id=cast.second_approver.pk, number=2, ended_at=timezone.now())
    with refused_by("authority_numbers_are_never_deleted"):
        delete(row)


def test_the_numbers_are_not_wiped_out() -> None:
    with refused_by("authority_numbers_are_never_deleted"):
        truncate("authority")


def test_roles_are_not_taken_away_where_no_row_is_told() -> None:
    with refused_by("roles_are_taken_away_one_by_one"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE auth_user_groups")


def test_nobody_says_under_which_authority_they_said_yes_or_asked(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    without_access(cast.first_approver)
    execute("UPDATE auth_user SET is_active = true WHERE id = %s", cast.first_approver.pk)
    say_yes(asked.proposal, cast.first_approver, authority=0)
    given = Approval.objects.get(proposal=asked.proposal)
    assert (given.authority, asked.proposal.raised_under) == (1, None)  # as it was written; the row says:
    assert Proposal.objects.get(pk=asked.proposal_id).raised_under == 0
    with refused_by("approvals_never_change"):
        update(given, authority=2)
    with refused_by("what_was_proposed_never_changes"):
        update(asked.proposal, raised_under=5)


def test_the_same_yes_counts_once_under_one_authority(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    say_yes(asked.proposal, cast.first_approver)
    with refused_by("one_approval_per_person"):
        say_yes(asked.proposal, cast.first_approver)


@pytest.fixture
def void(cast: Cast, payee: Address) -> Withdrawal:
    """Approved, and one of the two has been deactivated and let in again since."""
    asked = approved(cast, payee)
    without_access(cast.second_approver)
    execute("UPDATE auth_user SET is_active = true WHERE id = %s", cast.second_approver.pk)
    return asked


def test_what_is_void_carries_nothing(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    for approver in (cast.first_approver, cast.second_approver):
        say_yes(asked.proposal, approver)
    without_access(cast.first_approver)
    with refused_by("carried_means_enough_approvals"):
        close(asked.proposal, "carried", cast.second_approver)


def test_what_is_void_is_not_claimed(void: Withdrawal) -> None:
    with refused_by("approved_means_enough_approvals"):
        update(void, status="submitting")


@pytest.mark.parametrize("take", ["UPDATE auth_user SET is_active = false WHERE id = %s",
                                  "DELETE FROM auth_user_groups WHERE user_id = %s"])  # fmt: skip
def test_what_its_requester_may_not_ask_for_any_more_is_not_claimed(cast: Cast, payee: Address, take: str) -> None:
    asked = approved(cast, payee)
    execute(take, cast.requester.pk)
    with refused_by("who_asked_may_still_ask"):
        update(asked, status="submitting")


def test_it_waits_again_only_under_its_first_deadline_and_with_an_open_proposal(void: Withdrawal) -> None:
    until = void.proposal.open_until
    with refused_by("what_awaits_approval_is_open"):
        update(void, status="awaiting_approval", expires_at=until)
    close(void.proposal, "open", None, decided_at=None, decided_because="")
    with refused_by("approvals_are_not_prolonged"):
        update(void, status="awaiting_approval", expires_at=timezone.now() + timedelta(days=9))
    update(void, status="awaiting_approval", expires_at=until)


def test_what_is_not_an_unsent_withdrawal_is_not_opened_again(cast: Cast, payee: Address) -> None:
    entry = payee.proposal
    with refused_by("what_was_decided_never_changes"):
        close(entry, "open", None, decided_at=None, decided_because="")
    sent = approve(approve(raised(cast, payee), cast.first_approver), cast.second_approver)
    forge(sent, status="submitted")
    with refused_by("what_was_decided_never_changes"):
        close(sent.proposal, "open", None, decided_at=None, decided_because="")
