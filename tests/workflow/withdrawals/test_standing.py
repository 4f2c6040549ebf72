"""Authority counts when it is used: what was approved by somebody who has lost access or a role since is not sent."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User

from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.decisions.proposal import State, key_digest
from payouts.domain.people.roles import Act, Role
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, AuditEvent, Submission, Withdrawal
from payouts.worker import dispatch
from payouts.workflow.people import people, second_factor
from payouts.workflow.sending.submission import Claim, may_still_send
from payouts.workflow.withdrawals.standing import fall_back_all
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, raised
from tests.props.decisions import proof_of
from tests.props.providers.doubles import ACCEPTED, ScriptedProvider
from tests.props.trail import objected
from tests.props.worker import WORKER, Plug, claim_next, drain, wake

pytestmark = pytest.mark.django_db

TakeAway = Callable[[User, User], None]


def proof(user: User, by: User) -> dict[str, object]:
    return {"proof": proof_of(by, Act.MANAGE_PEOPLE, key_digest("person", str(user.pk))), "by": by}


def deactivated(user: User, by: User) -> None:
    people.deactivate(user, **proof(user, by))  # type: ignore[arg-type]


def deactivated_for_a_while(user: User, by: User) -> None:
    """And let in again: what was theirs to decide is not theirs to have decided."""
    deactivated(user, by)
    people.reactivate(user, **proof(user, by))  # type: ignore[arg-type]


def without_role(user: User, by: User) -> None:
    people.change_roles(user, roles=[], **proof(user, by))  # type: ignore[arg-type]


def without_role_for_a_while(user: User, by: User) -> None:
    roles = [Role(name) for name in user.groups.values_list("name", flat=True)]
    without_role(user, by)
    people.change_roles(user, roles=roles, **proof(user, by))  # type: ignore[arg-type]


def without_factor(user: User, by: User) -> None:
    second_factor.reset(user, reason="Lost the phone", by=Worker("command line"))


def by_hand(user: User, by: User) -> None:
    """With the database's password, and no page."""
    User.objects.filter(pk=user.pk).update(is_active=False)


LOST = [deactivated, deactivated_for_a_while, without_role, without_role_for_a_while, without_factor, by_hand]


def alerts(about: Withdrawal) -> list[str]:
    events = AuditEvent.objects.filter(event=Event.ALERT_RAISED, subject_id=str(about.pk))
    return [event.facts["alert"] for event in events]


def swept(asked: Withdrawal) -> int:
    return fall_back_all(by=WORKER)


def claimed(asked: Withdrawal) -> int:
    assert not isinstance(claim_next(asked.account.name), Claim)
    return 1


@pytest.mark.parametrize("noticed", [swept, claimed])
@pytest.mark.parametrize("lose", LOST)
def test_what_too_few_stand_behind_waits_for_approval_again_under_its_first_deadline(
    cast: Cast, payee: Address, lose: TakeAway, noticed: Callable[[Withdrawal], int]
) -> None:
    asked = approved(cast, payee)
    deadline = asked.proposal.open_until
    lose(cast.second_approver, cast.administrator)
    assert noticed(asked) == 1
    asked.refresh_from_db()
    asked.proposal.refresh_from_db()
    assert (asked.status, asked.proposal.state) == (Status.AWAITING_APPROVAL, State.OPEN)
    assert (asked.expires_at, asked.proposal.decided_at) == (deadline, None)
    assert (Submission.objects.count(), alerts(asked)) == (0, [Alert.APPROVAL_VOID])
    assert noticed is claimed or swept(asked) == 0


def test_somebody_else_approves_it_and_it_is_sent(cast: Cast, payee: Address, plug: Plug) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    deactivated(cast.second_approver, cast.administrator)
    swept(asked)
    assert drain() == 0
    approve(asked, cast.third_approver)
    assert drain() == 1
    assert [order.reference for order in provider.orders] == [asked.reference]


def test_the_same_person_approves_anew_once_they_may_again(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    deactivated_for_a_while(cast.second_approver, cast.administrator)
    swept(asked)
    approve(asked, cast.second_approver)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert asked.proposal.approvals.filter(approver=cast.second_approver).count() == 2


@pytest.mark.parametrize("lose", LOST)
def test_a_yes_that_is_void_does_not_count_at_the_last_one(cast: Cast, payee: Address, lose: TakeAway) -> None:
    asked = raised(cast, payee)
    approve(asked, cast.first_approver)
    lose(cast.first_approver, cast.administrator)
    approve(asked, cast.second_approver)
    asked.refresh_from_db()
    assert asked.status == Status.AWAITING_APPROVAL
    approve(asked, cast.third_approver)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED


@pytest.mark.parametrize("lose", LOST)
@pytest.mark.parametrize("status", [Status.AWAITING_APPROVAL, Status.APPROVED])
def test_what_its_requester_may_not_ask_for_any_more_is_cancelled_by_the_system(
    cast: Cast, payee: Address, lose: TakeAway, status: Status
) -> None:
    asked = raised(cast, payee) if status is Status.AWAITING_APPROVAL else approved(cast, payee)
    lose(cast.requester, cast.administrator)
    assert swept(asked) == 1
    asked.refresh_from_db()
    asked.proposal.refresh_from_db()
    assert (asked.status, alerts(asked)) == (Status.CANCELLED, [Alert.APPROVAL_VOID])
    assert asked.proposal.state == (State.LAPSED if status is Status.AWAITING_APPROVAL else State.CARRIED)
    moved = AuditEvent.objects.filter(event=Event.STATUS_MOVED, subject_id=str(asked.pk)).latest("id")
    assert (moved.actor_id, moved.facts["why"]) == (None, "requester_gone")


def test_nobody_approves_what_its_requester_may_not_ask_for_any_more(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    without_role(cast.requester, cast.administrator)
    fresh = proof_of(cast.first_approver, Act.APPROVE, asked.proposal.digest)
    with objected("requester_gone", Event.APPROVAL_OBJECTED, by=cast.first_approver):
        decisions.approve(asked, proof=fresh, by=cast.first_approver)


def test_another_persons_loss_touches_nothing(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    for person in (cast.third_approver, cast.keeper, cast.second_requester):
        deactivated(person, cast.administrator)
    assert swept(asked) == 0
    assert isinstance(claim_next(), Claim)


def test_a_role_more_takes_nothing_away(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    people.change_roles(
        cast.second_approver,
        roles=[Role.APPROVER, Role.KEEPER],
        **proof(cast.second_approver, cast.administrator),  # type: ignore[arg-type]
    )
    assert swept(asked) == 0
    assert isinstance(claim_next(), Claim)


@pytest.mark.parametrize("who", ["second_approver", "requester"])
def test_what_is_taken_away_between_claim_and_call_holds_the_call_back(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    asked = approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))

    def meanwhile(submission: Submission) -> bool:
        if getattr(cast, who).is_active:
            by_hand(getattr(cast, who), cast.administrator)
        return may_still_send(submission)

    monkeypatch.setattr(dispatch, "may_still_send", meanwhile)
    drain()
    asked.refresh_from_db()
    assert (provider.orders, asked.status) == ([], Status.APPROVED)  # provably unsent: not asked on the way back
    wake(asked.account)
    drain()
    asked.refresh_from_db()
    assert asked.status == (Status.CANCELLED if who == "requester" else Status.AWAITING_APPROVAL)


def test_more_than_are_needed_may_lose_one(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    assert asked.proposal.needed == settings.APPROVALS_REQUIRED == 2
    deactivated(cast.first_approver, cast.administrator)
    swept(asked)
    approve(asked, cast.third_approver)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert isinstance(claim_next(), Claim)


def test_a_role_that_is_taken_by_hand_ends_the_authority_as_well(cast: Cast, payee: Address) -> None:
    asked = approved(cast, payee)
    cast.second_approver.groups.remove(Group.objects.get(name=Role.APPROVER.value))
    cast.second_approver.groups.add(Group.objects.get(name=Role.APPROVER.value))
    assert swept(asked) == 1
