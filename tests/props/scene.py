"""A site with something in every state that a page shows, for tests that look at all of it."""

from decimal import Decimal

from django.contrib.auth.models import User

from payouts.domain.people.roles import Role
from payouts.models import Address, Submission
from payouts.worker import dispatch
from payouts.workflow.recipients import address_book
from tests.props.cast import Cast, approved, person_with, proposal, raised
from tests.props.days import covering, days_ago, orphan_of
from tests.props.rows.guards import forge


def busy_site(cast: Cast, payee: Address, chain_payee: Address) -> Cast:
    """Withdrawals in seven states, two calls that never opened, an entry that waits for activation, an orphan."""
    for status in ("awaiting_approval", "rejected", "unknown", "submitted", "refused"):
        forge(raised(cast, payee, invoice_reference="INV-1"), status=status, error_code="10001")
    approved(cast, chain_payee)
    approved(cast, payee, amount=Decimal("99"))  # an equal one would wait for the unknown one
    address_book.propose(proposal(payee.account), by=cast.second_requester)
    for account in ("treasury", "merchant"):
        dispatch.drain(account, stop=lambda: False)  # nobody listens there
    assert Submission.objects.count() == 2
    orphan_of(payee.account)
    covering(chain_payee.account, cast.requester, days_ago(1))
    return cast


def person_with_everything() -> User:
    """Somebody with every role, and Django's own flag for everything."""
    user = person_with("ada", *Role)
    User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
    user.refresh_from_db()
    return user
