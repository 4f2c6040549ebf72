"""What acts are on: things in the status that the act is for."""

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from payouts.domain.people.roles import Role
from payouts.models import Account, Address, IdentityChange, LostFinding, Pause, Resolution, Withdrawal
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping.pause import pause_account
from tests.conftest import SignIn
from tests.props import findings
from tests.props.accounts.identities import another_key
from tests.props.cast import Cast, person_with, proposal, raised
from tests.props.pages.cases import Case, Thing
from tests.props.rows.lost import lost_finding_row, over
from tests.props.rows.sql import insert


@pytest.fixture
def waiting(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal of the requester's that nobody has approved yet."""
    return raised(cast, payee)


@pytest.fixture
def proposed(cast: Cast, payee: Address) -> Address:
    """An entry that waits for its second person."""
    return address_book.propose(proposal(payee.account), by=cast.requester)


@pytest.fixture
def colleague(cast: Cast) -> User:
    """Somebody whom administrators look after."""
    return cast.second_requester


@pytest.fixture
def left(colleague: User) -> User:
    """Somebody who was deactivated."""
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    return colleague


@pytest.fixture
def pressed(cast: Cast, treasury: Account) -> Pause:
    """A pause of the Zoomex account that a keeper began."""
    return pause_account(treasury.pk, reason="A payee looks wrong", by=cast.keeper)


@pytest.fixture
def finding(cast: Cast, payee: Address) -> Resolution:
    """What the second requester found about a withdrawal of the requester's."""
    return findings.proposed(cast, findings.lost(cast, payee))


@pytest.fixture
def found_lost(cast: Cast, payee: Address) -> LostFinding:
    """What the second requester found about a lost call of a withdrawal of the requester's."""
    row = lost_finding_row(over(cast, payee), cast.second_requester)
    insert("lostfinding", **row)
    return LostFinding.objects.get(pk=row["id"])


@pytest.fixture
def changing(cast: Cast, treasury: Account) -> IdentityChange:
    """Another key for the Zoomex account, proposed by a command."""
    return another_key(treasury)


@pytest.fixture
def thing(request: pytest.FixtureRequest) -> Thing:
    """`thing(case)` is what the act is on."""

    def made(case: Case) -> Model:
        found = request.getfixturevalue(case.on)
        assert isinstance(found, Model)
        return found

    return made


@pytest.fixture
def requester(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.requester)


@pytest.fixture
def swap_payee(chain_payee: Address) -> Address:
    """A payee of a provider that carries no remark."""
    return chain_payee


@pytest.fixture
def everybody(db: None, sign_in: SignIn) -> Client:
    """A browser of somebody who may look at every list."""
    return sign_in(person_with("ada", *Role))
