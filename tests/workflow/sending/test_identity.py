"""Another host, customer or key for an account: proposed by a command, accepted by two, and what it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from payouts.admin.shell.story import why_not_sent_yet
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, IdentityChange, Withdrawal
from payouts.preview import fields_to_send
from payouts.workflow.decisions import deciding
from payouts.workflow.sending import identity
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown import looking, resend
from tests.props.cast import Cast, approved, raised
from tests.props.decisions import approve, proof_of, yes
from tests.props.identities import NEW_KEY, another, another_key, becoming
from tests.props.providers.doubles import NOT_EXECUTED, PROMISES, UNKNOWN
from tests.props.rows.guards import forge
from tests.props.rows.rows import accepted, called, looked_twice, unknown
from tests.props.trail import objected, told
from tests.props.worker import WORKER, alerts, claim, claim_next, finish_jobs, wake

pytestmark = pytest.mark.django_db
HOST = "https://openapi.zoomex.com"


def accept(change: IdentityChange, *people: User) -> Account:
    """Their yes; the account as it is afterwards."""
    for by in people:
        yes(change, by)
    return Account.objects.get(pk=change.account_id)


def carried(cast: Cast, account: Account, **changes: Any) -> Account:
    return accept(another(account, **changes), cast.administrator, cast.second_administrator)


def test_it_is_proposed_with_old_beside_new_and_told(treasury: Account) -> None:
    with told() as events:
        change = another(treasury, said=True, host=HOST)
    assert (change.before(), change.after()) == (treasury.identity(), becoming(treasury, host=HOST))
    proposal = change.proposal
    assert (proposal.raised_by, proposal.needed, proposal.roles, proposal.excluded) == (None, 2, ["Administrators"], [])
    assert (change.same_customer, change.accepted_at, change.seen_by) == (True, None, "worker test:1")
    assert [event.event for event in events] == [Event.IDENTITY_PROPOSED]
    assert (events[0].actor_name, events[0].facts["differ"]) == ("command line", ["host"])


def test_what_may_not_be_proposed_is_not(treasury: Account, merchant: Account) -> None:
    with objected("nothing_differs", Event.IDENTITY_OBJECTED, by=None):
        another(treasury, said=True, host=treasury.host)
    with objected("customer_unsaid", Event.IDENTITY_OBJECTED, by=None):
        another(treasury)
    with objected("customers_contradict", Event.IDENTITY_OBJECTED, by=None):
        another(merchant, said=True, customer="100106")
    with objected("another_provider", Event.IDENTITY_OBJECTED, by=None):
        another(treasury, said=True, provider="swapspace")
    with objected("key_taken", Event.IDENTITY_OBJECTED, by=None):
        another(treasury, said=True, key_fingerprint=merchant.key_fingerprint)
    another_key(treasury)
    with objected("proposed_already", Event.IDENTITY_OBJECTED, by=None):
        another(treasury, said=True, host=HOST)


def test_two_administrators_accept_it_and_the_trail_tells(cast: Cast, treasury: Account) -> None:
    change = another_key(treasury)
    account = accept(change, cast.administrator)
    assert account.identity() == treasury.identity()
    finish_jobs()
    with told() as events:
        account = accept(change, cast.second_administrator)
    assert account.identity() == change.after()
    assert account.customer_since is None
    change.refresh_from_db()
    assert change.accepted_at is not None
    assert change.proposal.state == State.CARRIED
    assert [event.event for event in events] == [Event.IDENTITY_ACCEPTED, Event.IDENTITY_CHANGED]
    assert {event.actor for event in events} == {cast.second_administrator}
    assert events[1].facts == {
        "host": account.host, "customer": "", "key": NEW_KEY[:16], "same_customer": True,
    }  # fmt: skip
    assert ProcrastinateJob.objects.filter(status="todo", args__account="treasury").exists()


@pytest.mark.parametrize("name", ["requester", "first_approver", "keeper", "auditor", "outsider", "superuser"])
def test_nobody_else_accepts_or_declines_it(cast: Cast, treasury: Account, name: str) -> None:
    change, by = another_key(treasury), getattr(cast, name)
    proof = proof_of(by, "accept_identity", change.proposal.digest)
    with objected("no_role", Event.IDENTITY_OBJECTED, by=by):
        approve(change, proof=proof, by=by)
    with objected("no_role", Event.IDENTITY_OBJECTED, by=by):
        deciding.reject(change.proposal.pk, reason="Not ours", by=by)


def test_nobody_accepts_it_twice_or_without_a_code(cast: Cast, treasury: Account) -> None:
    change = another_key(treasury)
    with objected("no_proof", Event.IDENTITY_OBJECTED, by=cast.administrator):
        approve(change, proof=None, by=cast.administrator)
    yes(change, cast.administrator)
    proof = proof_of(cast.administrator, "accept_identity", change.proposal.digest)
    with objected("approved_already", Event.IDENTITY_OBJECTED, by=cast.administrator):
        approve(change, proof=proof, by=cast.administrator)


def test_a_page_that_showed_another_key_accepts_nothing(cast: Cast, treasury: Account) -> None:
    change = another_key(treasury)
    proof = proof_of(cast.administrator, "accept_identity", "e" * 64)
    with objected("stale_page", Event.IDENTITY_OBJECTED, by=cast.administrator):
        approve(change, shown="e" * 64, proof=proof, by=cast.administrator)


def test_it_is_not_accepted_once_the_account_is_another_one(cast: Cast, treasury: Account) -> None:
    change = another_key(treasury)
    forge(treasury, host="https://elsewhere")
    proof = proof_of(cast.administrator, "accept_identity", change.proposal.digest)
    with objected("identity_moved", Event.IDENTITY_OBJECTED, by=cast.administrator):
        approve(change, proof=proof, by=cast.administrator)


def test_one_administrator_declines_it_with_a_reason_and_it_may_be_proposed_again(
    cast: Cast, treasury: Account
) -> None:
    change = another_key(treasury)
    with pytest.raises(InvalidValue):
        deciding.reject(change.proposal.pk, reason="", by=cast.administrator)
    with told() as events:
        deciding.reject(change.proposal.pk, reason="Nobody changed the key", by=cast.administrator)
    change.proposal.refresh_from_db()
    assert (change.proposal.state, change.proposal.decided_by) == (State.REJECTED, cast.administrator)
    assert [(event.event, event.facts["why"]) for event in events] == [
        (Event.IDENTITY_DECLINED, "Nobody changed the key")
    ]
    treasury.refresh_from_db()
    assert treasury.key_fingerprint != NEW_KEY
    another_key(treasury)


# -- what becomes of what is open --


@pytest.fixture
def open_ones(cast: Cast, payee: Address) -> list[Withdrawal]:
    """One that awaits its approval, and one that is approved."""
    return [raised(cast, payee), approved(cast, payee)]


def statuses(withdrawals: list[Withdrawal]) -> list[str]:
    for withdrawal in withdrawals:
        withdrawal.refresh_from_db()
    return [withdrawal.status for withdrawal in withdrawals]


def test_with_another_key_of_the_same_customer_what_was_approved_goes_on(
    cast: Cast, treasury: Account, open_ones: list[Withdrawal]
) -> None:
    account = carried(cast, treasury, said=True)
    assert statuses(open_ones) == [Status.AWAITING_APPROVAL, Status.APPROVED]
    for each in open_ones:
        each.account = account
        assert each.order().digest() == each.digest


OTHERS = [
    {"said": True, "host": HOST},
    {"said": True, "customer": "1000001"},
    {"said": False},
    {"said": False, "customer": "1000001", "host": HOST, "key_fingerprint": NEW_KEY},
]


@pytest.mark.parametrize("changes", OTHERS, ids=str)
def test_with_another_host_or_customer_it_ends_with_its_proposal(
    cast: Cast, treasury: Account, open_ones: list[Withdrawal], changes: dict[str, Any]
) -> None:
    with told() as events:
        carried(cast, treasury, **changes)
    assert statuses(open_ones) == [Status.EXPIRED, Status.EXPIRED]
    assert [each.proposal.state for each in Withdrawal.objects.order_by("requested_at")] == ["lapsed", "carried"]
    assert {each.closed_because for each in open_ones} == {identity.ENDED}
    moved = [event for event in events if event.event == Event.STATUS_MOVED]
    assert {event.actor for event in moved} == {cast.second_administrator}
    assert len(moved) == 2


def test_what_belongs_to_another_account_goes_on(cast: Cast, treasury: Account, chain_payee: Address) -> None:
    other = approved(cast, chain_payee)
    carried(cast, treasury, said=False, host=HOST)
    assert statuses([other]) == [Status.APPROVED]


@pytest.fixture
def lost(cast: Cast, payee: Address) -> Withdrawal:
    """Unknown, and due to be looked for."""
    withdrawal = unknown(cast, payee)
    looked_twice(withdrawal)
    Withdrawal.objects.filter(pk=withdrawal.pk).update(next_look_at=timezone.now() - timedelta(seconds=1))
    return withdrawal


def test_of_the_same_customer_what_is_unknown_is_looked_for_and_may_be_sent_again(
    cast: Cast, treasury: Account, lost: Withdrawal
) -> None:
    account = carried(cast, treasury, said=True)
    assert [one.id for one in looking.due(account)] == [lost.pk]
    assert [each.pk for each in resend.due()] == [lost.pk]
    assert alerts() == []


def test_of_another_customer_it_stays_unknown_with_people(cast: Cast, treasury: Account, lost: Withdrawal) -> None:
    assert [one.id for one in looking.due(treasury)] == [lost.pk]
    assert resend.looks_of(lost, PROMISES).promised
    account = carried(cast, treasury, said=False)
    assert account.customer_since is not None
    assert statuses([lost]) == [Status.UNKNOWN]
    assert looking.due(account) == []
    assert looking.accounts_due() == []
    assert list(resend.due()) == []
    assert not resend.looks_of(lost, PROMISES).promised
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_what_was_accepted_of_another_customer_is_not_followed(cast: Cast, treasury: Account, payee: Address) -> None:
    it = accepted(cast, payee)
    Withdrawal.objects.filter(pk=it.pk).update(next_look_at=timezone.now() - timedelta(seconds=1))
    assert [one.id for one in looking.due(treasury)] == [it.pk]
    assert looking.due(carried(cast, treasury, said=False)) == []
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]
    it.refresh_from_db()
    assert (it.status, it.next_look_at) == (Status.SUBMITTED, None)


def test_what_is_sent_by_the_new_customer_is_looked_for(cast: Cast, treasury: Account, payee: Address) -> None:
    account = carried(cast, treasury, said=False)
    payee.account.refresh_from_db()
    it = approved(cast, payee)
    called(it, outcome="unknown")
    forge(it, status="unknown", next_look_at=timezone.now() - timedelta(seconds=1))
    assert [one.id for one in looking.due(account)] == [it.pk]


def test_a_call_of_the_old_customer_that_ends_unknown_is_told_to_people_at_once(
    cast: Cast, treasury: Account, payee: Address
) -> None:
    approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    carried(cast, treasury, said=False)
    record_answer(claimed.submission, UNKNOWN, promises=PROMISES, came_at=None, by=WORKER)
    claimed.submission.withdrawal.refresh_from_db()
    assert claimed.submission.withdrawal.next_look_at is None
    assert alerts() == [Alert.UNKNOWN_NEEDS_A_PERSON]


def test_a_call_of_the_old_customer_that_was_not_executed_is_not_made_for_the_new_one(
    cast: Cast, treasury: Account, payee: Address
) -> None:
    it = approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    account = carried(cast, treasury, said=False)
    record_answer(claimed.submission, NOT_EXECUTED, promises=PROMISES, came_at=None, by=WORKER)
    wake(account)
    assert statuses([it]) == [Status.APPROVED]
    found = claim("treasury", fields=fields_to_send, here=account.identity(), by=WORKER)
    assert found is None
    assert "became another customer" in why_not_sent_yet(it)


def test_a_call_that_is_under_way_is_left_to_its_answer(cast: Cast, treasury: Account, payee: Address) -> None:
    it = approved(cast, payee)
    call = called(it)
    carried(cast, treasury, said=False, host=HOST)
    call.refresh_from_db()
    assert (statuses([it]), call.outcome) == ([Status.SUBMITTING], "open")


# -- who differs, as the pages say it --


def test_a_process_that_differs_is_shown_until_the_account_changes(
    cast: Cast, treasury: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payouts import audit

    audit.record(Event.IDENTITY_DIFFERS, by=Worker("worker a:1"), about=treasury, differ=["key"])
    audit.record(Event.IDENTITY_DIFFERS, by=Worker("worker gone:2"), about=treasury, differ=["key"])
    monkeypatch.setattr(identity, "is_gone", lambda worker: "gone" in worker)
    assert [event.actor_name for event in identity.strangers(treasury)] == ["worker a:1"]
    carried(cast, treasury, said=True)
    assert identity.strangers(treasury) == []
