"""An entry of the address book that waits for its yes."""

import pytest

from payouts.models import Account, Address
from payouts.workflow.recipients import address_book
from tests.props.cast import Cast, proposal


@pytest.fixture
def entry(cast: Cast, treasury: Account) -> Address:
    """A proposal of the requester."""
    return address_book.propose(proposal(treasury), by=cast.requester)
