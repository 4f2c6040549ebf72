"""Approvals."""

from payouts.domain.status import Status
from payouts.models import Address
from tests.cast import Cast, approve, approved, raised


def test_two_people_approve_and_a_job_is_deferred(cast: Cast, payee: Address) -> None:
    withdrawal = approved(cast, payee)
    assert withdrawal.status == Status.APPROVED
