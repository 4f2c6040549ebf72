"""People: administrators change the roles and the access of others, with a fresh code, and never their own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act, Role
from payouts.models import PersonSession, PresenceProof, Throttle, person
from payouts.workflow.people import people, throttle
from tests.props.cast import Cast
from tests.props.decisions import proof_of
from tests.props.trail import objected, told, unchanged

Change = Callable[[User, PresenceProof | None, User], object]

SETUP = Worker("setup")


def give_every_role(user: User, proof: PresenceProof | None, by: User) -> None:
    people.change_roles(user, roles=list(Role), proof=proof, by=by)


def deactivate(user: User, proof: PresenceProof | None, by: User) -> None:
    people.deactivate(user, proof=proof, by=by)


def reactivate(user: User, proof: PresenceProof | None, by: User) -> None:
    people.reactivate(user, proof=proof, by=by)


def unblock(user: User, proof: PresenceProof | None, by: User) -> None:
    people.unblock(user, proof=proof, by=by)


def invite(user: User, proof: PresenceProof | None, by: User) -> None:
    people.invite("grace", full_name="Grace H", email="grace@x.test", roles=[], proof=proof, by=by)


ON_A_PERSON: list[Change] = [give_every_role, deactivate, reactivate, unblock]
NEVER_ON_ONESELF: list[Change] = [give_every_role, deactivate, reactivate]


def proof_for(change: Change, user: User, by: User) -> PresenceProof:
    return proof_of(by, Act.MANAGE_PEOPLE, "grace" if change is invite else str(user.pk))


def sign_in(user: User, *, times: int = 1) -> None:
    for number in range(times):
        PersonSession.objects.create(
            session_key=f"{user.pk}-{number}",
            session_data="",
            expire_date=timezone.now() + timedelta(hours=1),
            person_id=user.pk,
        )


def sessions_of(user: User) -> int:
    return PersonSession.objects.filter(person_id=user.pk).count()


# -- permitted --


def test_changed_roles_end_the_persons_sessions_and_nobody_elses(cast: Cast) -> None:
    sign_in(cast.requester, times=2)
    sign_in(cast.keeper)
    proof = proof_for(give_every_role, cast.requester, cast.administrator)
    with told() as events:
        people.change_roles(cast.requester, roles=[Role.APPROVER, Role.AUDITOR], proof=proof, by=cast.administrator)
    assert person(cast.requester).roles == {Role.APPROVER, Role.AUDITOR}
    assert (sessions_of(cast.requester), sessions_of(cast.keeper)) == (0, 1)
    assert [(event.event, event.facts) for event in events] == [
        (Event.ROLES_CHANGED, {"before": ["Requesters"], "after": ["Approvers", "Auditors"]})
    ]


def test_the_trail_names_the_new_roles_however_they_were_handed_over(cast: Cast) -> None:
    proof = proof_for(give_every_role, cast.outsider, cast.administrator)
    with told() as events:
        people.change_roles(cast.outsider, roles=(role for role in [Role.KEEPER]), proof=proof, by=cast.administrator)
    assert events[0].facts["after"] == ["Address keepers"]
    assert person(cast.outsider).roles == {Role.KEEPER}


def test_a_deactivated_person_has_no_roles_and_no_sessions(cast: Cast) -> None:
    sign_in(cast.first_approver)
    with told() as events:
        deactivate(
            cast.first_approver,
            proof_for(deactivate, cast.first_approver, cast.administrator),
            cast.administrator,
        )
    gone = User.objects.get(pk=cast.first_approver.pk)
    assert person(gone).roles == frozenset()
    assert sessions_of(gone) == 0
    assert [event.event for event in events] == [Event.PERSON_DEACTIVATED]


def test_a_reactivated_person_has_the_roles_from_before(cast: Cast) -> None:
    User.objects.filter(pk=cast.keeper.pk).update(is_active=False)
    with told() as events:
        reactivate(cast.keeper, proof_for(reactivate, cast.keeper, cast.administrator), cast.administrator)
    assert person(User.objects.get(pk=cast.keeper.pk)).roles == {Role.KEEPER}
    assert [event.event for event in events] == [Event.PERSON_REACTIVATED]


def test_unblocking_opens_the_doors_of_one_person(cast: Cast) -> None:
    for door in ("password:keeper:x", "code:keeper:session", "code:requester:session"):
        throttle.knock(door)
    with told() as events:
        unblock(cast.keeper, proof_for(unblock, cast.keeper, cast.administrator), cast.administrator)
    assert list(Throttle.objects.filter(failures__gt=0).values_list("door", flat=True)) == ["code:requester:session"]
    assert [event.event for event in events] == [Event.SIGN_IN_UNBLOCKED]


def test_an_invited_person_has_the_roles_and_no_password(cast: Cast) -> None:
    with told() as events:
        people.invite(
            "grace",
            full_name="Grace van Hopper",
            email="grace@x.test",
            roles=(role for role in [Role.REQUESTER]),
            proof=proof_for(invite, cast.outsider, cast.administrator),
            by=cast.administrator,
        )
    grace = User.objects.get(username="grace")
    assert (grace.first_name, grace.last_name, grace.has_usable_password()) == ("Grace", "van Hopper", False)
    assert (grace.is_staff, grace.is_superuser) == (True, False)
    assert person(grace).roles == {Role.REQUESTER}
    assert [(event.event, event.facts["roles"]) for event in events] == [(Event.PERSON_ADDED, ["Requesters"])]


def test_one_signs_oneself_out_everywhere_and_administrators_anybody(cast: Cast) -> None:
    sign_in(cast.keeper, times=2)
    with told() as events:
        assert people.end_sessions(cast.keeper, by=cast.keeper) == 2
        sign_in(cast.keeper)
        assert people.end_sessions(cast.keeper, by=cast.administrator) == 1
    assert [(event.event, event.facts["count"]) for event in events] == [
        (Event.SESSIONS_ENDED, 2),
        (Event.SESSIONS_ENDED, 1),
    ]


# -- objections --


@pytest.mark.parametrize("change", NEVER_ON_ONESELF)
def test_nobody_changes_their_own_roles_or_access(cast: Cast, change: Change) -> None:
    proof = proof_for(change, cast.administrator, cast.administrator)
    with objected("own_roles", Event.PEOPLE_OBJECTED, by=cast.administrator):
        change(cast.administrator, proof, cast.administrator)


@pytest.mark.parametrize("name", ["requester", "first_approver", "keeper", "auditor", "outsider", "superuser"])
@pytest.mark.parametrize("change", [*ON_A_PERSON, invite])
def test_only_administrators_change_people(cast: Cast, change: Change, name: str) -> None:
    by: User = getattr(cast, name)
    proof = proof_for(change, cast.second_requester, by)
    with objected("no_role", Event.PEOPLE_OBJECTED, by=by):
        change(cast.second_requester, proof, by)


def test_only_administrators_end_the_sessions_of_others(cast: Cast) -> None:
    sign_in(cast.keeper)
    with objected("no_role", Event.PEOPLE_OBJECTED, by=cast.superuser):
        people.end_sessions(cast.keeper, by=cast.superuser)


@pytest.mark.parametrize("change", [*ON_A_PERSON, invite])
def test_without_the_right_proof_nobody_is_changed(cast: Cast, change: Change) -> None:
    right = proof_for(change, cast.keeper, cast.administrator)
    of_another = proof_for(change, cast.keeper, cast.second_administrator)
    for_another = proof_of(cast.administrator, Act.MANAGE_PEOPLE, str(cast.auditor.pk))
    of_another_act = proof_of(cast.administrator, Act.APPROVE, right.subject)
    for wrong in (None, of_another, for_another, of_another_act):
        with objected("no_proof", Event.PEOPLE_OBJECTED, by=cast.administrator):
            change(cast.keeper, wrong, cast.administrator)
    PresenceProof.objects.filter(pk=right.pk).update(used_at=timezone.now())
    with objected("proof_used", Event.PEOPLE_OBJECTED, by=cast.administrator):
        change(cast.keeper, right, cast.administrator)


# -- names --


@pytest.mark.parametrize(
    ("username", "email", "field", "code"),
    [
        ("KEEPER", "new@x.test", "username", "taken"),
        ("grace", "Keeper@Example.com", "email", "taken"),
        ("gr ace", "new@x.test", "username", "invalid"),
        ("gr:ace", "new@x.test", "username", "invalid"),
        ("", "new@x.test", "username", "blank"),
        ("g" * 151, "new@x.test", "username", "max_length"),
        ("grace", "no address", "email", "invalid"),
    ],
)
def test_a_name_or_an_address_that_is_taken_or_impossible_is_refused(
    cast: Cast, username: str, email: str, field: str, code: str
) -> None:
    with unchanged(), pytest.raises(InvalidValue) as caught:
        people.add_person(username, full_name="G", email=email, roles=[], by=SETUP)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_there_is_a_group_for_every_role(db: None) -> None:
    Group.objects.filter(name=Role.KEEPER).delete()
    people.write_groups()
    people.write_groups()
    assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in Role}


def test_the_trail_names_the_former_roles_of_a_person_who_is_kept_out(cast: Cast) -> None:
    User.objects.filter(pk=cast.keeper.pk).update(is_active=False)
    gone = User.objects.get(pk=cast.keeper.pk)
    with told() as events:
        people.change_roles(
            gone, roles=[], proof=proof_for(deactivate, gone, cast.administrator), by=cast.administrator
        )
    assert events[0].facts == {"before": ["Address keepers"], "after": []}
