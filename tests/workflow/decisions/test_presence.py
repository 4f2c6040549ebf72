"""Codes: accepted once, only from the person's own confirmed authenticator, and counted at a door."""

from datetime import timedelta

import pytest
from django.db import transaction

from payouts.audit import Event
from payouts.domain.decisions.proposal import list_digest
from payouts.domain.people.roles import Act
from payouts.models import Authenticator, PresenceProof, Throttle
from payouts.workflow.decisions import presence
from payouts.workflow.people import throttle
from tests.props.cast import Cast, code_of, person_with
from tests.props.trail import told

pytestmark = pytest.mark.django_db


def test_a_right_code_becomes_a_proof_of_one_act_on_one_thing(cast: Cast) -> None:
    code = code_of(cast.first_approver)
    with told() as events:
        proof = presence.prove(code, act=Act.APPROVE, digests=["d" * 64], by=cast.first_approver)
    kept = PresenceProof.objects.get()
    assert (kept, kept.person, kept.act, kept.digests) == (proof, cast.first_approver, Act.APPROVE, ["d" * 64])
    assert kept.subject == list_digest(["d" * 64])
    assert kept.used_at is None
    assert events == []


def test_a_code_is_accepted_once(cast: Cast) -> None:
    code = code_of(cast.first_approver)
    presence.prove(code, act=Act.APPROVE, digests=["1" * 64], by=cast.first_approver)
    with told() as events, pytest.raises(presence.WrongCode):
        presence.prove(code, act=Act.APPROVE, digests=["2" * 64], by=cast.first_approver)
    assert PresenceProof.objects.count() == 1
    assert [(event.event, event.actor) for event in events] == [(Event.CODE_WRONG, cast.first_approver)]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_neighbouring_half_minute_is_accepted(cast: Cast, steps: int) -> None:
    presence.check_code(code_of(cast.keeper, steps=steps), by=cast.keeper, door="session")


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_is_not(cast: Cast, steps: int) -> None:
    with pytest.raises(presence.WrongCode):
        presence.check_code(code_of(cast.keeper, steps=steps), by=cast.keeper, door="session")


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "-12345", "\x00", "\N{FULLWIDTH DIGIT ONE}" * 6])
def test_what_is_no_code_is_wrong_and_told(cast: Cast, code: str) -> None:
    with told() as events, pytest.raises(presence.WrongCode) as caught:
        presence.check_code(code, by=cast.keeper, door="session")
    assert str(caught.value).startswith("That code is wrong")
    assert [event.event for event in events] == [Event.CODE_WRONG]
    assert code not in str(events[0].facts) or not code


def test_the_code_of_a_colleague_is_wrong(cast: Cast) -> None:
    with pytest.raises(presence.WrongCode):
        presence.check_code(code_of(cast.second_approver), by=cast.first_approver, door="session")


def test_an_authenticator_that_was_not_confirmed_proves_nothing(cast: Cast) -> None:
    code = code_of(cast.keeper)
    Authenticator.objects.filter(user=cast.keeper).update(confirmed=False)
    with pytest.raises(presence.WrongCode):
        presence.check_code(code, by=cast.keeper, door="session")


def test_without_an_authenticator_every_code_is_wrong(db: None) -> None:
    newcomer = person_with("newcomer", enrolled=False)
    with pytest.raises(presence.WrongCode):
        presence.check_code("123456", by=newcomer, door="session")


def test_a_right_code_is_not_looked_at_while_the_door_is_shut(cast: Cast) -> None:
    for _ in range(throttle.PERSON.free + 1):
        with pytest.raises(presence.WrongCode):
            presence.check_code("000000x", by=cast.keeper, door="session")
    with told() as events, pytest.raises(throttle.Throttled) as caught:
        presence.check_code(code_of(cast.keeper), by=cast.keeper, door="session")
    assert caught.value.until is not None
    assert [event.event for event in events] == [Event.CODE_THROTTLED]
    presence.check_code(code_of(cast.keeper), by=cast.keeper, door="another")


def test_a_right_code_opens_the_door_again(cast: Cast) -> None:
    with pytest.raises(presence.WrongCode):
        presence.check_code("000000x", by=cast.keeper, door="session")
    presence.check_code(code_of(cast.keeper), by=cast.keeper, door="session")
    assert Throttle.objects.get().failures == 0


@pytest.mark.django_db(transaction=True)
def test_a_code_is_never_judged_inside_a_transaction_that_could_roll_back(transactional_db: None) -> None:
    keeper = person_with("keeper")
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        presence.check_code(code_of(keeper), by=keeper, door="session")


def test_a_proof_serves_for_a_minute() -> None:
    assert timedelta(seconds=60) == presence.FRESH_FOR


def test_a_proof_of_a_list_is_used_for_that_list_and_for_nothing_less(cast: Cast) -> None:
    one, two = "1" * 64, "2" * 64
    proof = presence.prove(code_of(cast.keeper), act=Act.APPROVE, digests=[two, one], by=cast.keeper)
    for shown in ([one], [two], [one, two, "3" * 64]):
        objection = presence.use(proof, act=Act.APPROVE, digests=shown, by=cast.keeper)
        assert objection is not None
        assert objection.code == "no_proof"
    assert presence.use(proof, act=Act.APPROVE, digests=[one, two], by=cast.keeper) is None
    again = presence.use(proof, act=Act.APPROVE, digests=[one, two], by=cast.keeper)
    assert again is not None
    assert again.code == "proof_used"
