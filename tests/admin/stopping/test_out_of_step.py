"""The page of a pause that a loss began: what to do first, and what was lost, as far as one may see it."""

from uuid import uuid4

import pytest
from django.utils import timezone

from payouts.domain.sending.witness import Differences, Entry, Known
from payouts.models import Account, Address, Pause, Withdrawal
from payouts.preview import fields_to_send
from payouts.workflow.sending import went_back
from tests.conftest import SignIn
from tests.props.cast import Cast, approved
from tests.props.pages.pages import act_on, page_of, words
from tests.props.witness.back_in_time import released
from tests.props.witness.believing import in_step
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db

TODO, LOST = "Before you release it, in this order", "Calls that the database had lost"


@pytest.fixture
def lost(cast: Cast, payee: Address) -> Withdrawal:
    """Approved, as the rows say; the witness knows that it was sent."""
    return approved(cast, payee)


@pytest.fixture
def it(treasury: Account, lost: Withdrawal) -> Pause:
    """Begun because its call and another one, whose withdrawal is gone as well, have no rows."""
    calls = [
        Entry(treasury.name, 1, uuid4(), lost.reference, lost.digest, timezone.now()),
        Entry(treasury.name, 2, uuid4(), "f" * 32, "e" * 64, timezone.now()),
    ]
    known = Known(in_step().witness, {treasury.name: calls[-1]})
    begun = went_back.stop(known, Differences(lost_calls=(treasury.name,)), calls, fields=fields_to_send, by=WORKER)
    assert begun is not None
    return begun


def test_approvers_see_what_was_lost_and_where_it_stands(
    cast: Cast, it: Pause, lost: Withdrawal, sign_in: SignIn
) -> None:
    client = sign_in(cast.first_approver)
    for path in (page_of(it), act_on(it, "release")):
        page = client.get(path)
        assert f'href="{page_of(lost)}"' in page.text
        text = words(page)
        assert f"USDT to {lost.address.label}" in text
        assert lost.reference not in text.partition("Audit trail")[0]
        assert "f" * 32 in text
        assert "Look for it at the provider" in text


def test_administrators_see_references_and_no_payee(cast: Cast, it: Pause, lost: Withdrawal, sign_in: SignIn) -> None:
    page = sign_in(cast.administrator).get(page_of(it))
    assert lost.reference in page.text
    assert lost.address.label not in page.text
    assert page_of(lost) not in page.text
    assert 'href="/payouts/resolution/"' not in page.text


def test_what_comes_before_a_release_is_said_until_it_is_over(cast: Cast, it: Pause, sign_in: SignIn) -> None:
    client = sign_in(cast.first_approver)
    assert TODO in words(client.get(page_of(it)))
    released(cast, it)
    text = words(client.get(page_of(it)))
    assert TODO not in text
    assert LOST in text


def test_nothing_was_lost_where_the_witness_is_moved(cast: Cast, treasury: Account, sign_in: SignIn) -> None:
    it = went_back.pause_for_move(uuid4(), "/somewhere/else", reason="A new disk", by=WORKER)
    text = words(sign_in(cast.first_approver).get(page_of(it)))
    assert "The witness is moved to /somewhere/else. A new disk" in text
    assert TODO not in text
    assert LOST not in text
