"""Resolutions: another person confirms a finding with a code, all lines or none, or declines it."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act, Role
from payouts.domain.sending.answer import Accepted, Exchange, Unknown
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Resolution, ResolutionLine, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.preview import fields_to_send
from payouts.workflow.decisions import deciding
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown import resolution
from payouts.workflow.withdrawals.transition import move
from tests.props import decisions
from tests.props.cast import Cast, approved, person_with
from tests.props.decisions import proof_of
from tests.props.findings import TRANSACTION, confirm, lost, proposed, record_of, status_of
from tests.props.providers.doubles import PROMISES
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged
from tests.props.worker import claim, here

WORKER = Worker("worker")
DECIDED = [status for status in Status if status not in (Status.UNKNOWN, Status.SUBMITTED)]


# -- confirming --


def test_paid_completes_it_with_what_was_found(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    record = record_of(it, "10195")
    found = proposed(cast, it, found_as="10195")
    with told() as events:
        confirm(found, cast.first_approver)
    it.refresh_from_db()
    assert (it.status, it.provider_id, it.tx_id) == ("completed", "10195", "")
    record.refresh_from_db()
    assert record.withdrawal == it
    found.refresh_from_db()
    found.proposal.refresh_from_db()
    assert (found.proposal.state, found.proposal.decided_by) == (State.CARRIED, cast.first_approver)
    assert found.proposal.approvals.get().proof.used_at
    assert not found.lines.get().is_open
    assert [event.event for event in events] == [Event.RESOLUTION_CONFIRMED, Event.STATUS_MOVED]
    assert (events[1].subject_id, events[1].facts["new"]) == (str(it.pk), "completed")


@pytest.mark.parametrize(
    ("status", "which", "found_as", "kept"),
    [
        ("unknown", "payee", "10195", ("10195", "")),
        ("unknown", "payee", TRANSACTION, ("", TRANSACTION)),
        ("submitted", "payee", "10195", ("77", "")),
        ("submitted", "payee", TRANSACTION, ("77", TRANSACTION)),
        ("unknown", "chain_payee", "10195", ("", "")),
        ("unknown", "chain_payee", "yes", ("", "")),
        ("submitted", "chain_payee", TRANSACTION, ("", TRANSACTION)),
        ("submitted", "chain_payee", "Statement of March", ("", "")),
    ],
)
def test_an_id_is_the_providers_only_where_it_gives_any(
    cast: Cast, request: pytest.FixtureRequest, status: str, which: str, found_as: str, kept: tuple[str, str]
) -> None:
    it = lost(cast, request.getfixturevalue(which), status=status)
    if status == "submitted" and which == "payee":
        forge(it, provider_id="77")
    confirm(proposed(cast, it, found_as=found_as), cast.first_approver)
    it.refresh_from_db()
    assert (it.status, it.provider_id, it.tx_id) == ("completed", *kept)


@pytest.mark.parametrize("status", ["unknown", "submitted"])
def test_not_paid_fails_it_and_says_who_found_that(cast: Cast, payee: Address, status: str) -> None:
    it = lost(cast, payee, status=status)
    confirm(proposed(cast, it, verdict=Verdict.NOT_PAID, found_as=""), cast.first_approver)
    it.refresh_from_db()
    assert it.status == Status.FAILED
    for part in ("Not paid", "second_requester", "first_approver", "panel, page 3"):
        assert part in it.closed_because


def test_it_holds_for_all_lines_or_for_none(cast: Cast, chain_payee: Address) -> None:
    first, second, third = (lost(cast, chain_payee, status="submitted") for _ in range(3))
    found = proposed(cast, first, second, third)
    forge(second, status="completed")
    proof = proof_of(cast.first_approver, Act.CONFIRM_RESOLUTION, found.proposal.digest)
    with objected("moved_meanwhile", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
        decisions.approve(found, proof=proof, by=cast.first_approver)
    assert [status_of(each) for each in (first, second, third)] == ["submitted", "completed", "submitted"]
    with pytest.raises(NotPermitted, match=second.reference[:8]):
        confirm(found, cast.first_approver)


def test_one_that_was_found_meanwhile_is_not_failed(cast: Cast, payee: Address) -> None:
    """Also where whoever found it forgot to say that people are overtaken."""
    it = lost(cast, payee)
    found = proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="")
    forge(it, status="submitted", status_changed_at=timezone.now())
    with pytest.raises(NotPermitted, match="submitted by now"):
        confirm(found, cast.first_approver)


def test_nobody_confirms_what_they_found_themselves(cast: Cast, payee: Address) -> None:
    found = proposed(cast, lost(cast, payee), by=cast.first_approver)
    proof = proof_of(cast.first_approver, Act.CONFIRM_RESOLUTION, found.proposal.digest)
    with objected("own_proposal", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
        decisions.approve(found, proof=proof, by=cast.first_approver)


def test_nobody_confirms_what_became_of_their_own_request(cast: Cast, payee: Address) -> None:
    both = person_with("chief", Role.REQUESTER, Role.APPROVER)
    found = proposed(cast, lost(cast, payee), lost(cast, payee, by=both))
    proof = proof_of(both, Act.CONFIRM_RESOLUTION, found.proposal.digest)
    with objected("own_request", Event.RESOLUTION_OBJECTED, by=both):
        decisions.approve(found, proof=proof, by=both)


@pytest.mark.parametrize("name", ["requester", "keeper", "auditor", "administrator", "outsider", "superuser"])
def test_only_approvers_confirm_and_decline(cast: Cast, payee: Address, name: str) -> None:
    stranger: User = getattr(cast, name)
    found = proposed(cast, lost(cast, payee))
    with objected("no_role", Event.RESOLUTION_OBJECTED, by=stranger):
        decisions.approve(found, proof=None, by=stranger)
    with objected("no_role", Event.RESOLUTION_OBJECTED, by=stranger):
        deciding.reject(found.proposal_id, reason="Not ours", by=stranger)


def test_a_confirmation_carries_its_own_proof(cast: Cast, payee: Address) -> None:
    found, other = proposed(cast, lost(cast, payee)), proposed(cast, lost(cast, payee))
    for proof in (
        None,
        proof_of(cast.second_approver, Act.CONFIRM_RESOLUTION, found.proposal.digest),
        proof_of(cast.first_approver, Act.APPROVE, found.proposal.digest),
        proof_of(cast.first_approver, Act.CONFIRM_RESOLUTION, other.proposal.digest),
    ):
        with objected("no_proof", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
            decisions.approve(found, proof=proof, by=cast.first_approver)


def test_a_finding_is_confirmed_once(cast: Cast, payee: Address) -> None:
    found = proposed(cast, lost(cast, payee))
    confirm(found, cast.first_approver)
    proof = proof_of(cast.second_approver, Act.CONFIRM_RESOLUTION, found.proposal.digest)
    with objected("already_decided", Event.RESOLUTION_OBJECTED, by=cast.second_approver):
        decisions.approve(found, proof=proof, by=cast.second_approver)


# -- while it is being sent once more --


def test_nothing_is_said_of_it_while_a_call_is_open(cast: Cast, payee: Address) -> None:
    it = approved(cast, payee)
    assert isinstance(claim(it.account.name, fields=fields_to_send, here=here(it.account.name), by=WORKER), Claim)
    close(it)
    found = proposed(cast, it)
    reopen(it)
    with pytest.raises(NotPermitted, match="being sent once more"):
        confirm(found, cast.first_approver)
    deciding.reject(found.proposal_id, reason="Let it be sent", by=cast.first_approver)
    with objected("call_open", Event.RESOLUTION_OBJECTED, by=cast.second_requester):
        proposed(cast, it)


def close(it: Withdrawal) -> None:
    """Its call ended without an answer."""
    forge(it, status="unknown")
    forge(it.submissions.get(), outcome="unknown", answered_at=timezone.now())


def reopen(it: Withdrawal) -> None:
    """As if it were being sent once more."""
    forge(it.submissions.get(), outcome="open")


# -- declining, and being overtaken --


@pytest.mark.parametrize("name", ["first_approver", "second_requester"])
def test_another_approver_declines_and_its_finder_takes_it_back(cast: Cast, payee: Address, name: str) -> None:
    it = lost(cast, payee)
    found = proposed(cast, it)
    person: User = getattr(cast, name)
    with told() as events:
        deciding.reject(found.proposal_id, reason="It is another payment", by=person)
    found.refresh_from_db()
    found.proposal.refresh_from_db()
    assert found.proposal.state == (State.WITHDRAWN if person == found.proposed_by else State.REJECTED)
    assert (found.proposal.decided_by, found.proposal.decided_because) == (person, "It is another payment")
    assert status_of(it) == Status.UNKNOWN
    assert [(event.event, event.facts["why"]) for event in events] == [
        (Event.RESOLUTION_DECLINED, "It is another payment")
    ]
    proposed(cast, it)  # anew


def test_declining_needs_a_reason_and_happens_once(cast: Cast, payee: Address) -> None:
    found = proposed(cast, lost(cast, payee))
    with unchanged(), pytest.raises(InvalidValue):
        deciding.reject(found.proposal_id, reason="", by=cast.first_approver)
    deciding.reject(found.proposal_id, reason="Not ours", by=cast.first_approver)
    with objected("already_decided", Event.RESOLUTION_OBJECTED, by=cast.second_approver):
        deciding.reject(found.proposal_id, reason="Not ours", by=cast.second_approver)


def test_the_machine_is_not_held_up_by_people(cast: Cast, payee: Address) -> None:
    """Found by a look-up while somebody was about to call it lost."""
    it, other = lost(cast, payee), lost(cast, payee)
    found = proposed(cast, it, other, verdict=Verdict.NOT_PAID, found_as="")
    record_of(it, "10195", withdrawal=it)
    with told() as events, transaction.atomic():
        locked = Withdrawal.objects.locked(it.pk)
        assert resolution.overtaken(locked, by=WORKER)
        move(locked, Status.SUBMITTED, by=WORKER, provider_id="10195")
    found.refresh_from_db()
    found.proposal.refresh_from_db()
    assert (found.proposal.state, found.proposal.decided_by) == (State.LAPSED, None)
    assert it.reference[:8] in found.proposal.decided_because
    assert not ResolutionLine.objects.filter(is_open=True).exists()
    assert [(event.event, event.actor_name) for event in events] == [
        (Event.RESOLUTION_DECLINED, "worker"),
        (Event.STATUS_MOVED, "worker"),
    ]
    assert status_of(other) == Status.UNKNOWN


def test_without_a_proposal_nobody_is_overtaken(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    with unchanged(), transaction.atomic():
        assert not resolution.overtaken(it, by=WORKER)


def test_what_people_completed_is_not_moved_by_a_late_answer(cast: Cast, payee: Address) -> None:
    it = approved(cast, payee)
    claimed = claim(it.account.name, fields=fields_to_send, here=here(it.account.name), by=WORKER)
    assert isinstance(claimed, Claim)
    answer = Unknown("timeout", "No answer.", Exchange(None, 5, ""))
    record_answer(claimed.submission, answer, promises=PROMISES, by=WORKER)
    confirm(proposed(cast, it, found_as="10195"), cast.first_approver)
    record_answer(claimed.submission, Accepted("10195", Exchange(200, 5, "")), promises=PROMISES, by=WORKER)
    assert status_of(it) == Status.COMPLETED


def test_locks_are_taken_in_the_order_of_every_answer(cast: Cast, payee: Address) -> None:
    """The account, then its withdrawals by id, then the resolution: nobody can wait for somebody who waits for them."""
    withdrawals = [lost(cast, payee) for _ in range(3)]
    acts: list[Callable[[], Resolution]] = [
        lambda: proposed(cast, *withdrawals),
        lambda: confirm(Resolution.objects.get(), cast.first_approver),
    ]
    for act in acts:
        with CaptureQueriesContext(connection) as queries:
            act()
        held = [str(query["sql"]) for query in queries if re.search(" FOR (NO KEY )?UPDATE", str(query["sql"]))]
        tables = [re.findall(r'FROM "payouts_(\w+)"', sql)[0] for sql in held]
        assert tables[:3] == ["account", "withdrawal", "resolution"][: len(tables)]
        assert 'ORDER BY "payouts_withdrawal"."id" ASC' in held[1]


# -- who waits for whom --


def test_what_waits_for_whom(cast: Cast, payee: Address) -> None:
    both = person_with("chief", Role.REQUESTER, Role.APPROVER)
    found = proposed(cast, lost(cast, payee), lost(cast, payee, by=both), by=cast.first_approver)
    waits = {
        user: list(Resolution.objects.confirmable_by(user))
        for user in (cast.first_approver, cast.second_approver, both)
    }
    assert waits == {cast.first_approver: [], cast.second_approver: [found], both: []}
