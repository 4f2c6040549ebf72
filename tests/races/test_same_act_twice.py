"""The same form sent twice at the same instant: it is done once, the other post hears why, and the trail tells both."""

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act, Role
from payouts.models import Address, AuditEvent, Authenticator, PersonSession, ProviderRecord, Statement, person
from payouts.workflow.days import statement
from payouts.workflow.people import people, second_factor
from tests.props.cast import Cast
from tests.props.decisions import proof_of
from tests.props.races import ROUNDS, Deed, at_once, codes, told
from tests.props.twice import TWICE, WHY, Stage, Twice
from tests.workflow.days.test_statement import MakeUpload, line, upload
from tests.workflow.people.test_people import sign_in

__all__ = ["upload"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("act", TWICE, ids=lambda act: act.name)
def test_the_same_act_twice_is_done_once_and_the_other_hears_why(
    cast: Cast, payee: Address, act: Twice, _: int
) -> None:
    posts = act.prepare(Stage(cast, payee))
    before = {event: told(event) for event in (act.done, act.objected)}
    results = at_once(*posts)
    assert codes(results) == [act.code]
    assert {event: told(event) - times for event, times in before.items()} == {act.done: 1, act.objected: 1}
    assert AuditEvent.objects.filter(event=act.objected).latest("id").facts["why"] == act.code


@pytest.mark.parametrize("_", ROUNDS)
def test_two_auditors_sign_one_day(cast: Cast, payee: Address, _: int) -> None:
    (sign_off,) = [act for act in TWICE if act.name == "sign off"]
    first, _second = sign_off.prepare(Stage(cast, payee))
    other, _second = sign_off.prepare(Stage(cast, payee, signer=cast.third_approver))
    assert codes(at_once(first, other)) == ["signed_already"]
    assert told(Event.DAY_SIGNED_OFF) == 1


# -- uploads --


@pytest.mark.parametrize("_", ROUNDS)
def test_a_statement_that_is_added_twice_is_one_statement(cast: Cast, upload: MakeUpload, _: int) -> None:
    it = upload(line())
    results = at_once(*[lambda: statement.add(it, by=cast.requester)] * 2)
    assert [error.code for error in results if isinstance(error, InvalidValue)] == ["added_already"]
    assert (Statement.objects.count(), ProviderRecord.objects.count()) == (1, 1)
    assert told(Event.STATEMENT_ADDED) == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_two_uploads_of_one_export_are_two_statements_of_the_same_records(
    cast: Cast, upload: MakeUpload, _: int
) -> None:
    """Two people may bring the same file, or files that overlap: what it records is there once."""
    files = [upload(line()), upload(line())]
    results = at_once(*[lambda it=it: statement.add(it, by=cast.requester) for it in files])
    assert [type(each) for each in results] == [Statement, Statement]
    assert (ProviderRecord.objects.count(), told(Event.ORPHAN_FOUND)) == (1, 1)


# -- people --


def changing(user: User, by: User, *roles: Role) -> Deed:
    proof = proof_of(by, Act.MANAGE_PEOPLE, str(user.pk))
    return lambda: people.change_roles(user, roles=roles, proof=proof, by=by)


def deactivating(user: User, by: User) -> Deed:
    proof = proof_of(by, Act.MANAGE_PEOPLE, str(user.pk))
    return lambda: people.deactivate(user, proof=proof, by=by)


def reactivating(user: User, by: User) -> Deed:
    proof = proof_of(by, Act.MANAGE_PEOPLE, str(user.pk))
    return lambda: people.reactivate(user, proof=proof, by=by)


def unblocking(user: User, by: User) -> Deed:
    proof = proof_of(by, Act.MANAGE_PEOPLE, str(user.pk))
    return lambda: people.unblock(user, proof=proof, by=by)


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize(
    ("act", "done"),
    [
        (changing, Event.ROLES_CHANGED),
        (deactivating, Event.PERSON_DEACTIVATED),
        (reactivating, Event.PERSON_REACTIVATED),
        (unblocking, Event.SIGN_IN_UNBLOCKED),
    ],
)
def test_one_code_changes_a_person_once(cast: Cast, act: object, done: Event, _: int) -> None:
    assert callable(act)
    deed = act(cast.keeper, cast.administrator)
    assert codes(at_once(deed, deed)) == ["proof_used"]
    assert (told(done), told(Event.PEOPLE_OBJECTED)) == (1, 1)


@pytest.mark.parametrize("_", ROUNDS)
def test_roles_from_two_administrators_at_once_are_one_of_theirs_and_no_mixture(cast: Cast, _: int) -> None:
    """A requester or an approver, as they said: nobody has made one person both."""
    results = at_once(
        changing(cast.outsider, cast.administrator, Role.REQUESTER),
        changing(cast.outsider, cast.second_administrator, Role.APPROVER),
    )
    assert codes(results) == []
    first, last = (event.facts for event in AuditEvent.objects.filter(event=Event.ROLES_CHANGED).order_by("id"))
    assert (first["before"], last["before"]) == ([], first["after"])
    assert sorted(role.value for role in person(cast.outsider).roles) == last["after"]


@pytest.mark.parametrize("_", ROUNDS)
def test_who_is_deactivated_and_reactivated_at_once_is_what_the_trail_says_last(cast: Cast, _: int) -> None:
    results = at_once(
        deactivating(cast.keeper, cast.administrator), reactivating(cast.keeper, cast.second_administrator)
    )
    assert codes(results) == []
    last = AuditEvent.objects.filter(event__in=[Event.PERSON_DEACTIVATED, Event.PERSON_REACTIVATED]).latest("id")
    assert User.objects.get(pk=cast.keeper.pk).is_active == (last.event == Event.PERSON_REACTIVATED)


@pytest.mark.parametrize("_", ROUNDS)
def test_sessions_that_are_ended_twice_are_counted_once(cast: Cast, _: int) -> None:
    sign_in(cast.keeper, times=3)
    results = at_once(*[lambda: people.end_sessions(cast.keeper, by=cast.administrator)] * 2)
    assert sorted(results) == [0, 3]
    assert not PersonSession.objects.filter(person_id=cast.keeper.pk).exists()
    counts = AuditEvent.objects.filter(event=Event.SESSIONS_ENDED).values_list("facts__count", flat=True)
    assert sorted(counts) == [0, 3]


@pytest.mark.parametrize("_", ROUNDS)
def test_a_second_factor_that_is_reset_twice_is_forgotten_and_its_sessions_counted_once(cast: Cast, _: int) -> None:
    sign_in(cast.keeper, times=3)
    at_once(*[lambda: second_factor.reset(cast.keeper, reason=WHY, by=cast.administrator)] * 2)
    assert not Authenticator.objects.filter(user=cast.keeper).exists()
    resets = AuditEvent.objects.filter(event=Event.SECOND_FACTOR_RESET)
    assert sorted(resets.values_list("facts__sessions_ended", flat=True)) == [0, 3]


@pytest.mark.parametrize("_", ROUNDS)
def test_a_person_who_is_invited_twice_is_one_person(cast: Cast, _: int) -> None:
    """The other post hears that the name is taken or, where the first commits in between, the address."""

    def inviting() -> Deed:
        proof = proof_of(cast.administrator, Act.MANAGE_PEOPLE, "grace")
        facts = {"full_name": "Grace H", "email": "grace@x.test", "roles": [Role.REQUESTER]}
        return lambda: people.invite("grace", **facts, proof=proof, by=cast.administrator)  # type: ignore[arg-type]

    results = at_once(inviting(), inviting())
    (refused,) = [error for error in results if isinstance(error, InvalidValue)]
    assert refused.field in {"username", "email"}
    assert "already" in refused.message
    assert (User.objects.filter(username="grace").count(), told(Event.PERSON_ADDED)) == (1, 1)
