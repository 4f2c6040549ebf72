"""Raw SQL against proofs of presence and second factors: used once, never rewritten, one authenticator per person."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from payouts.domain.people.roles import Act
from payouts.models import Authenticator, PresenceProof
from tests.props.cast import Cast, proof_of
from tests.props.rows.sql import delete, execute, refused_by, truncate, update


@pytest.fixture
def proof(cast: Cast) -> PresenceProof:
    """Fresh, and not used."""
    return proof_of(cast.first_approver, Act.APPROVE, "d" * 64)


def test_a_used_proof_cannot_be_made_fresh(proof: PresenceProof) -> None:
    update(proof, used_at=timezone.now())
    with refused_by("a_proof_is_used_once"):
        update(proof, used_at=None)


@pytest.mark.parametrize(
    ("column", "value"), [("act", "reject"), ("subject", "e" * 64), ("device", "other"), ("proved_at", timezone.now())]
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
