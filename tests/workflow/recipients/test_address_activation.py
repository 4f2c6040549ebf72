"""Entries come into use by another person with a fresh code; one keeper, or the proposer, stops them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act, Role
from payouts.domain.recipients.book import AddressStatus
from payouts.models import Account, Address, PresenceProof
from payouts.workflow.decisions import deciding, presence
from payouts.workflow.recipients import address_book
from tests.props import decisions
from tests.props.cast import Cast, person_with, proposal
from tests.props.decisions import proof_of, yes
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged

# -- activating --


def test_another_person_activates_with_a_fresh_code(cast: Cast, entry: Address) -> None:
    with told() as events:
        yes(entry, cast.keeper)
    entry.refresh_from_db()
    entry.proposal.refresh_from_db()
    assert (entry.status, entry.proposal.state) == (AddressStatus.ACTIVE, State.CARRIED)
    assert entry.proposal.decided_by == cast.keeper
    assert entry.proposal.approvals.get().proof.used_at is not None
    assert [event.event for event in events] == [Event.ADDRESS_ACTIVATED]


def test_the_own_proposal_is_not_activated(cast: Cast, treasury: Account) -> None:
    own = address_book.propose(proposal(treasury), by=cast.keeper)
    proof = proof_of(cast.keeper, Act.ACTIVATE_ADDRESS, own.proposal.digest)
    with objected("own_proposal", Event.ADDRESS_OBJECTED, by=cast.keeper):
        decisions.approve(own, proof=proof, by=cast.keeper)


def test_a_superuser_with_every_role_does_not_activate_the_own_proposal(treasury: Account) -> None:
    chief = person_with("superuser", *Role)
    own = address_book.propose(proposal(treasury), by=chief)
    proof = proof_of(chief, Act.ACTIVATE_ADDRESS, own.proposal.digest)
    with objected("own_proposal", Event.ADDRESS_OBJECTED, by=chief):
        decisions.approve(own, proof=proof, by=chief)


@pytest.mark.parametrize(
    "name", ["second_requester", "first_approver", "auditor", "administrator", "outsider", "superuser"]
)
def test_only_keepers_activate_decline_and_revoke(cast: Cast, entry: Address, payee: Address, name: str) -> None:
    by: User = getattr(cast, name)
    proof = proof_of(by, Act.ACTIVATE_ADDRESS, entry.proposal.digest)
    with objected("no_role", Event.ADDRESS_OBJECTED, by=by):
        decisions.approve(entry, proof=proof, by=by)
    with objected("no_role", Event.ADDRESS_OBJECTED, by=by):
        _decline(entry, by)
    with objected("no_role", Event.ADDRESS_OBJECTED, by=by):
        address_book.revoke(payee.pk, reason="Not ours", by=by)


def _decline(entry: Address, by: User) -> Address:
    done: Address = deciding.reject(entry.proposal_id, reason="Not ours", by=by)
    return done


@pytest.mark.parametrize("status", AddressStatus)
def test_each_act_is_for_one_status(cast: Cast, entry: Address, status: AddressStatus) -> None:
    if status is AddressStatus.ACTIVE:
        yes(entry, cast.second_keeper)
    forge(entry, status=status)
    if status is not AddressStatus.PROPOSED:
        proof = proof_of(cast.keeper, Act.ACTIVATE_ADDRESS, entry.proposal.digest)
        with objected("already_moved_on", Event.ADDRESS_OBJECTED, by=cast.keeper):
            decisions.approve(entry, proof=proof, by=cast.keeper)
        with objected("already_moved_on", Event.ADDRESS_OBJECTED, by=cast.keeper):
            _decline(entry, cast.keeper)
    if status is not AddressStatus.ACTIVE:
        with objected("already_moved_on", Event.ADDRESS_OBJECTED, by=cast.keeper):
            address_book.revoke(entry.pk, reason="Left", by=cast.keeper)


# -- proofs --


def test_without_the_right_proof_nothing_is_activated(cast: Cast, entry: Address, payee: Address) -> None:
    right = str(entry.pk)
    wrong = [
        None,
        proof_of(cast.second_keeper, Act.ACTIVATE_ADDRESS, right),
        proof_of(cast.keeper, Act.APPROVE, right),
        proof_of(cast.keeper, Act.ACTIVATE_ADDRESS, payee.proposal.digest),
    ]
    for proof in wrong:
        with objected("no_proof", Event.ADDRESS_OBJECTED, by=cast.keeper):
            decisions.approve(entry, proof=proof, by=cast.keeper)


def test_an_old_or_used_proof_activates_nothing(cast: Cast, entry: Address) -> None:
    proof = proof_of(cast.keeper, Act.ACTIVATE_ADDRESS, entry.proposal.digest)
    proof.proved_at = timezone.now() - presence.FRESH_FOR - timedelta(seconds=1)
    with objected("proof_too_old", Event.ADDRESS_OBJECTED, by=cast.keeper):
        decisions.approve(entry, proof=proof, by=cast.keeper)
    proof.proved_at = timezone.now()
    PresenceProof.objects.filter(pk=proof.pk).update(used_at=timezone.now())
    with objected("proof_used", Event.ADDRESS_OBJECTED, by=cast.keeper):
        decisions.approve(entry, proof=proof, by=cast.keeper)


# -- closing --


@pytest.mark.parametrize("name", ["requester", "keeper"])
def test_a_keeper_declines_and_the_proposer_takes_back(cast: Cast, entry: Address, name: str) -> None:
    by: User = getattr(cast, name)
    with told() as events:
        _decline(entry, by)
    entry.refresh_from_db()
    assert (entry.status, entry.closed_by) == (AddressStatus.DECLINED, by)
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.ADDRESS_DECLINED, "Not ours")]


def test_one_keeper_revokes_even_their_own_activation(cast: Cast, payee: Address) -> None:
    with told() as events:
        address_book.revoke(payee.pk, reason="Account closed", by=cast.keeper)
    payee.refresh_from_db()
    assert (payee.status, payee.closed_because) == (AddressStatus.REVOKED, "Account closed")
    assert [event.event for event in events] == [Event.ADDRESS_REVOKED]


def test_closing_needs_a_reason(cast: Cast, entry: Address, payee: Address) -> None:
    with unchanged(), pytest.raises(InvalidValue):
        deciding.reject(entry.proposal_id, reason="", by=cast.keeper)
    with unchanged(), pytest.raises(InvalidValue):
        address_book.revoke(payee.pk, reason="", by=cast.keeper)
