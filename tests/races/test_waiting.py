"""Who waited for the lock on a thing reads its proposal as it is by then, whatever the kind."""

import pytest
from django.db import transaction

from payouts.domain.decisions.proposal import State
from payouts.models import Address
from payouts.workflow.decisions.proposing import close
from payouts.workflow.decisions.registry import KINDS
from tests.props.cast import Cast
from tests.props.races import in_thread, until_somebody_waits
from tests.props.rows.kinds import EXAMPLES
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "sign_off"])  # raised and carried in one act
def test_a_decision_that_was_waited_for_is_seen(name: str, cast: Cast, payee: Address) -> None:
    kind, proposal, seen = KINDS[name], EXAMPLES[name](cast, payee).proposal, []

    def look() -> None:
        with transaction.atomic():
            seen.append(kind.held(proposal.subject).proposal.state)

    with transaction.atomic():
        kind.held(proposal.subject)
        waiting = in_thread(look)
        until_somebody_waits()
        close(proposal, State.LAPSED, reason="Nobody has to decide it", by=WORKER)
    waiting.join(timeout=60)
    assert seen == [State.LAPSED]
