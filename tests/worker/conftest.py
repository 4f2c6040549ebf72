"""A withdrawal that was lost on its way, and the provider that can be asked for it."""

import pytest

from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Withdrawal
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import UNKNOWN, LookUpProvider
from tests.props.worker import Plug, drain


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(UNKNOWN))  # type: ignore[return-value]


@pytest.fixture
def lost(cast: Cast, payee: Address, provider: LookUpProvider) -> Withdrawal:
    """Sent, and nobody knows what became of it."""
    withdrawal = approved(cast, payee)
    drain()
    withdrawal.refresh_from_db()
    assert withdrawal.status == Status.UNKNOWN
    return withdrawal
