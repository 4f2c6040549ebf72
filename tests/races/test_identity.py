"""An account becomes another customer's at the very instant in which something of it is asked for or claimed."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from payouts.domain.decisions.proposal import State
from payouts.domain.errors import NotPermitted, Objection
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, IdentityChange, Submission, Withdrawal
from payouts.workflow.sending import identity, submission
from payouts.workflow.sending.submission import Claim
from payouts.workflow.withdrawals import request
from tests.props.accounts.identities import NEW_KEY, another, another_key
from tests.props.cast import Cast, approved, raised, request_for
from tests.props.decisions import yes
from tests.props.races import ROUNDS, at_once, in_thread, status_of
from tests.props.worker import claim_next, here

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "https://openapi.zoomex.com"
LONG_ENOUGH = 3.0  # seconds, for who would not wait to be through


@pytest.fixture
def change(cast: Cast, treasury: Account) -> IdentityChange:
    """To another, unsaid customer: one of the two has said yes."""
    found = another(treasury, said=False, host=HOST)
    yes(found, cast.administrator)
    return found


def somebody_waits() -> None:
    """Until somebody waits for a lock, or would have been through if nobody had to."""
    deadline = time.monotonic() + LONG_ENOUGH
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)


def beside(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, first: Callable[[], Any], then: Callable[[], Any]
) -> None:
    """`first` runs until it has done `name`; `then` begins, and `first` ends once that waits for it."""
    original, inside = getattr(where, name), threading.Event()

    def done_and_held(*args: Any, **kwargs: Any) -> Any:
        came = original(*args, **kwargs)
        inside.set()
        somebody_waits()
        return came

    monkeypatch.setattr(where, name, done_and_held)
    running = in_thread(first)
    assert inside.wait(timeout=60)
    beginning = in_thread(then)
    running.join(timeout=60)
    beginning.join(timeout=60)


@pytest.mark.parametrize("_", ROUNDS)
def test_an_acceptance_and_a_claim_have_one_winner(cast: Cast, payee: Address, change: IdentityChange, _: int) -> None:
    """Either it is under way for the old one, and left to its answer, or it has ended and was never called."""
    asked = approved(cast, payee)
    claimed, _accepted = at_once(claim_next, lambda: yes(change, cast.second_administrator))
    assert Account.objects.get(pk=payee.account_id).host == HOST
    was_claimed = isinstance(claimed, Claim)
    assert status_of(asked) == (Status.SUBMITTING if was_claimed else Status.EXPIRED)
    assert Submission.objects.count() == was_claimed


def test_a_claim_waits_for_an_acceptance_and_then_claims_nothing(
    cast: Cast, payee: Address, change: IdentityChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, who = approved(cast, payee), here()
    came: list[object] = []
    beside(
        monkeypatch,
        identity,
        "_end_requests",
        lambda: yes(change, cast.second_administrator),
        lambda: came.append(claim_next()),
    )
    [objection] = came
    assert isinstance(objection, Objection)
    assert (objection.code, status_of(asked)) == ("identity_differs", Status.EXPIRED)
    assert not Submission.objects.exists()
    assert who.host != HOST


def test_an_acceptance_waits_for_a_claim_that_was_there_first(
    cast: Cast, payee: Address, treasury: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of another key, which ends nothing: the call is the old key's, and the account is the new one's afterwards."""
    change = another_key(treasury)
    yes(change, cast.administrator)
    approved(cast, payee)
    came: list[object] = []
    beside(
        monkeypatch,
        submission,
        "next_step",
        lambda: came.append(claim_next()),
        lambda: yes(change, cast.second_administrator),
    )
    [claimed] = came
    assert isinstance(claimed, Claim)
    assert Submission.objects.get().key_fingerprint == treasury.key_fingerprint
    assert Account.objects.get(pk=treasury.pk).key_fingerprint == NEW_KEY


def test_a_request_that_is_just_being_raised_ends_with_the_others(
    cast: Cast, payee: Address, change: IdentityChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acceptance waits for it."""
    beside(
        monkeypatch,
        request,
        "_insert",
        lambda: raised(cast, payee),
        lambda: yes(change, cast.second_administrator),
    )
    it = Withdrawal.objects.get()
    assert (it.status, it.proposal.state) == (Status.EXPIRED, State.LAPSED)
    assert Account.objects.get(pk=payee.account_id).host == HOST


def test_a_request_that_waits_for_an_acceptance_is_of_what_was_accepted(
    cast: Cast, payee: Address, change: IdentityChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its preview showed the old one, so it is not raised; asked for again, it is."""
    asked = request_for(payee)
    shown = request.draft(asked, payee, by=cast.requester).digest
    came: list[NotPermitted] = []

    def ask() -> None:
        try:
            request.raise_withdrawal(asked, shown_digest=shown, by=cast.requester)
        except NotPermitted as refused:
            came.append(refused)

    beside(monkeypatch, identity, "_end_requests", lambda: yes(change, cast.second_administrator), ask)
    assert [refused.objection.code for refused in came] == ["stale_page"]
    assert not Withdrawal.objects.exists()
    assert raised(cast, payee).order().host == HOST
