"""A hundred posts at once, and twins in the address book: one clean result, and words for the others."""

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.people.roles import Act
from payouts.domain.recipients.book import AddressStatus
from payouts.models import Account, Address, PresenceProof, Withdrawal
from payouts.workflow.decisions import deciding, presence
from payouts.workflow.decisions.presence import WrongCode
from payouts.workflow.people.throttle import Throttled
from payouts.workflow.recipients import address_book
from payouts.workflow.withdrawals import request
from tests.props import decisions
from tests.props.cast import Cast, code_of, proposal, request_for
from tests.props.decisions import proof_of
from tests.props.races import MANY, ROUNDS, Deed, at_once, codes, many_at_once, told

pytestmark = pytest.mark.django_db(transaction=True)


# -- requests --


def test_a_hundred_posts_of_one_form_are_one_request(cast: Cast, payee: Address) -> None:
    asked = request_for(payee)
    digest = request.draft(asked, payee, by=cast.requester).digest
    ends = many_at_once(lambda: request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester))
    assert ends == {"done": 1, "RaisedAlready": MANY - 1}
    assert Withdrawal.objects.count() == 1
    assert told(Event.WITHDRAWAL_RAISED) == 1


@pytest.mark.parametrize("_", ROUNDS)
def test_raise_against_revoke(cast: Cast, payee: Address, _: int) -> None:
    asked = request_for(payee)
    digest = request.draft(asked, payee, by=cast.requester).digest
    made, revoked = at_once(
        lambda: request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester),
        lambda: address_book.revoke(payee.pk, reason="Left", by=cast.keeper),
    )
    assert isinstance(revoked, Address)
    assert codes([made]) == ([] if isinstance(made, Withdrawal) else ["address_not_active"])
    assert Withdrawal.objects.count() == (1 if isinstance(made, Withdrawal) else 0)


# -- codes --


def test_a_hundred_posts_of_one_code_at_one_door_are_accepted_once(cast: Cast) -> None:
    code = code_of(cast.first_approver)
    ends = many_at_once(lambda: presence.check_code(code, by=cast.first_approver, door="session"))
    assert ends["done"] == 1
    assert set(ends) <= {"done", WrongCode.__name__, Throttled.__name__}


def test_a_hundred_posts_of_one_code_at_a_hundred_doors_are_accepted_once(cast: Cast) -> None:
    code = code_of(cast.first_approver)
    doors = iter(range(MANY))

    def post() -> None:
        presence.prove(code, act=Act.APPROVE, digests=["d" * 64], by=cast.first_approver, door=f"tab {next(doors)}")

    assert many_at_once(post) == {"done": 1, "WrongCode": MANY - 1}
    assert PresenceProof.objects.count() == 1
    assert told(Event.CODE_WRONG) == MANY - 1


# -- the address book --


@pytest.mark.parametrize("_", ROUNDS)
def test_activating_two_entries_for_one_recipient(cast: Cast, treasury: Account, _: int) -> None:
    twins = [address_book.propose(proposal(treasury, address="777"), by=cast.requester) for _ in range(2)]
    keepers = (cast.keeper, cast.second_keeper)

    def activating(entry: Address, by: User) -> Deed:
        proof = proof_of(by, Act.ACTIVATE_ADDRESS, entry.proposal.digest)
        return lambda: decisions.approve(entry, proof=proof, by=by)

    results = at_once(*[activating(entry, by) for entry, by in zip(twins, keepers, strict=True)])
    assert codes(results) == ["already_active"]
    assert Address.objects.active().count() == 1
    assert (told(Event.ADDRESS_ACTIVATED), told(Event.ADDRESS_OBJECTED)) == (1, 1)


@pytest.mark.parametrize("_", ROUNDS)
def test_activate_against_decline(cast: Cast, treasury: Account, _: int) -> None:
    entry = address_book.propose(proposal(treasury), by=cast.requester)
    proof = proof_of(cast.keeper, Act.ACTIVATE_ADDRESS, entry.proposal.digest)
    results = at_once(
        lambda: decisions.approve(entry, proof=proof, by=cast.keeper),
        lambda: deciding.reject(entry.proposal_id, reason="Not ours", by=cast.second_keeper),
    )
    assert codes(results) == ["already_moved_on"]
    assert told(Event.ADDRESS_ACTIVATED) + told(Event.ADDRESS_DECLINED) == 1
    assert Address.objects.get(pk=entry.pk).status in (AddressStatus.ACTIVE, AddressStatus.DECLINED)
