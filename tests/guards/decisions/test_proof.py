"""Raw SQL against proofs of presence and second factors: used once, never rewritten, one authenticator per person."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from payouts.domain.decisions.proposal import list_digest
from payouts.domain.people.roles import Act
from payouts.models import Address, Authenticator, PresenceProof
from tests.props.cast import Cast, raised
from tests.props.decisions import proof_of
from tests.props.rows.decisions import say_yes
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def proof(cast: Cast) -> PresenceProof:
    """A proof that is fresh and not used."""
    return proof_of(cast.first_approver, Act.APPROVE, "d" * 64)


def proof_row(by: User, digests: list[Any], **changes: Any) -> dict[str, Any]:
    """The columns of a fresh proof of this list."""
    return {
        "id": uuid4(),
        "person_id": by.pk,
        "act": Act.APPROVE.value,
        "kind": "code",
        "digests": digests,
        "subject": list_digest(each or "" for each in digests),
        "device": "by hand",
        "proved_at": timezone.now(),
    } | changes


@pytest.mark.parametrize("digests", [[A], [A, B], [B, A], [C, A, B]], ids=["one", "two", "unsorted", "three"])
def test_a_proof_is_of_its_list(cast: Cast, digests: list[str]) -> None:
    insert("presenceproof", **proof_row(cast.first_approver, digests))
    for shown in (digests[:-1], [*digests, "0" * 64], ["0" * 64]):
        with refused_by("a_proof_is_of_its_list"):
            insert("presenceproof", **proof_row(cast.first_approver, digests, subject=list_digest(shown)))


@pytest.mark.parametrize("digests", [[], [None], [A, None], [A, A], [A, B, A]])
def test_a_proof_is_of_something_and_of_nothing_twice(cast: Cast, digests: list[Any]) -> None:
    with refused_by("a_proof_is_of_its_list"):
        insert("presenceproof", **proof_row(cast.first_approver, digests))


def test_a_proof_of_a_list_serves_for_each_thing_on_it_once(cast: Cast, payee: Address) -> None:
    first, second, third = (raised(cast, payee).proposal for _ in range(3))
    proof = proof_of(cast.first_approver, Act.APPROVE, first.digest, second.digest)
    for proposal in (first, second):
        say_yes(proposal, cast.first_approver, proof_id=proof.pk)
    with refused_by("approval_carries_its_own_proof"):
        say_yes(third, cast.first_approver, proof_id=proof.pk)
    with refused_by("approval_carries_its_own_proof"):
        say_yes(first, cast.second_approver, proof_id=proof.pk)
    with guards_off(), refused_by("a_proof_covers_a_digest_once"):
        say_yes(first, cast.second_approver, proof_id=proof.pk)


def test_what_stands_for_a_list_is_no_digest_on_it(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee).proposal
    proof = proof_of(cast.first_approver, Act.APPROVE, A, B)
    forge(asked, digest=proof.subject)
    with refused_by("approval_carries_its_own_proof"):
        say_yes(asked, cast.first_approver, proof_id=proof.pk)


def test_a_proof_starts_unused(cast: Cast) -> None:
    with refused_by("a_proof_is_used_once"):
        insert("presenceproof", **proof_row(cast.first_approver, [A], used_at=timezone.now()))


def test_a_used_proof_cannot_be_made_fresh(proof: PresenceProof) -> None:
    update(proof, used_at=timezone.now())
    with refused_by("a_proof_is_used_once"):
        update(proof, used_at=None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", uuid4()),
        ("act", "reject"),
        ("kind", "key"),
        ("digests", ["e" * 64]),
        ("digests", ["d" * 64, "e" * 64]),
        ("subject", "e" * 64),
        ("device", "other"),
        ("proved_at", timezone.now()),
    ],
)
def test_what_a_proof_proves_cannot_be_rewritten(proof: PresenceProof, column: str, value: object) -> None:
    with refused_by("what_was_proved_never_changes"):
        update(proof, **{column: value})


def test_a_proof_cannot_be_given_to_somebody_else(cast: Cast, proof: PresenceProof) -> None:
    with refused_by("what_was_proved_never_changes"):
        update(proof, person_id=cast.second_approver.pk)


def test_a_proof_cannot_be_deleted(proof: PresenceProof) -> None:
    with refused_by("proofs_are_never_deleted"):
        delete(proof)


def test_proofs_cannot_be_emptied(proof: PresenceProof) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks pending cannot be emptied anyhow
    with refused_by("proofs_are_never_deleted"):
        truncate("presenceproof")


def test_nobody_has_two_confirmed_authenticators(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="one_confirmed_authenticator_per_person"), transaction.atomic():
        Authenticator.objects.create(user=cast.keeper, name="second", confirmed=True)
    Authenticator.objects.create(user=cast.keeper, name="being set up", confirmed=False)
