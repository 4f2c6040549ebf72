"""A site with something on every page, and somebody who may see all of it."""

import pytest
from django.contrib.auth.models import User

from payouts.models import Address
from tests.props.cast import Cast
from tests.props.scene import busy_site, person_with_everything


@pytest.fixture
def scene(cast: Cast, payee: Address, chain_payee: Address) -> Cast:
    """Something in every state that a page shows."""
    return busy_site(cast, payee, chain_payee)


@pytest.fixture
def everybody(db: None) -> User:
    """Somebody with every role, and Django's own flag for everything."""
    return person_with_everything()
