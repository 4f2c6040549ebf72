"""Who may say what became of a lost call, and what the provider's records have against it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from payouts.domain.decisions.proposal import ProposalFacts, State
from payouts.domain.people.roles import Person, Role
from payouts.domain.unknown import lost_call as rules
from payouts.domain.unknown.lost_call import FoundFacts, LostFacts
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.status import Status

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GONE = LostFacts(left=True, has_row=False, verdict="", status=None, requested_by=None, proposed=False)
OVER = replace(GONE, status=Status.CANCELLED, requested_by=1)
REQUESTER, FINDER, APPROVER = Person(1, frozenset(Role)), Person(2, frozenset(Role)), Person(3, frozenset(Role))
RECORD = Record(
    "10195", "", "USDT", Decimal(1), None, "20013", RecordStatus.COMPLETED, "ok", True, NOW - timedelta(hours=1), "{}"
)


def proposal(**changes: object) -> ProposalFacts:
    facts = ProposalFacts(
        state=State.OPEN, digest="d", digest_now="d", needed=1, roles=frozenset({Role.APPROVER}),
        excluded=frozenset({2}), approvals={}, raised_by=2,
    )  # fmt: skip
    return replace(facts, **changes)  # type: ignore[arg-type]


def code(objection: object) -> str | None:
    return getattr(objection, "code", None)


@pytest.mark.parametrize("status", list(Status))
def test_people_find_out_only_where_no_withdrawal_does(status: Status) -> None:
    said = code(rules.may_propose(replace(OVER, status=status), FINDER))
    assert said == (None if status.is_final else "withdrawal_decides")


def test_and_where_the_withdrawal_is_gone() -> None:
    assert rules.may_propose(GONE, FINDER) is None


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(OVER, left=False), "never_left"),
        (replace(OVER, has_row=True), "withdrawal_decides"),
        (replace(OVER, verdict="Paid"), "already_decided"),
    ],
)
def test_what_needs_no_finding_gets_none(facts: LostFacts, why: str) -> None:
    assert code(rules.waits(facts)) == why
    assert code(rules.may_propose(facts, FINDER)) == why
    assert code(rules.may_try(facts, FINDER)) == why
    confirmed = rules.may_confirm(FoundFacts(facts, 2, proposal()), APPROVER, shown_digest="d")
    assert code(confirmed) == why


@pytest.mark.parametrize("role", list(Role))
def test_who_finds_out_and_who_confirms(role: Role) -> None:
    person = Person(9, frozenset({role}))
    finds, confirms = role in (Role.REQUESTER, Role.APPROVER), role is Role.APPROVER
    assert (rules.may_propose(OVER, person) is None) is finds
    assert (rules.may_try(OVER, person) is None) is finds
    found = FoundFacts(OVER, 2, proposal())
    assert (rules.may_confirm(found, person, shown_digest="d") is None) is confirms
    assert (rules.may_decline(found, person) is None) is confirms


def test_nobody_says_it_of_their_own_request_nor_alone_nor_twice() -> None:
    assert code(rules.may_propose(OVER, REQUESTER)) == "own_request"
    assert code(rules.may_propose(replace(OVER, proposed=True), FINDER)) == "already_proposed"
    found = FoundFacts(OVER, 2, proposal())
    assert code(rules.may_confirm(found, FINDER, shown_digest="d")) == "own_proposal"
    assert code(rules.may_confirm(found, REQUESTER, shown_digest="d")) == "own_request"
    assert code(rules.may_confirm(found, APPROVER, shown_digest="e")) == "stale_page"
    assert rules.may_confirm(found, APPROVER, shown_digest="d") is None
    assert rules.may_decline(found, Person(2, frozenset())) is None


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_it_is_decided_once(state: State) -> None:
    found = FoundFacts(OVER, 2, proposal(state=state))
    assert code(rules.may_confirm(found, APPROVER, shown_digest="d")) == "already_decided"
    assert code(rules.may_decline(found, APPROVER)) == "already_decided"


def against(record: Record, *, paid: bool, named: bool = True) -> str | None:
    found = [record] if paid and named else []
    return code(rules.says_otherwise([record], found, paid=paid, now=NOW))


def test_a_record_of_what_was_sent_is_not_contradicted() -> None:
    assert against(RECORD, paid=False) == "record_says_otherwise"
    assert against(replace(RECORD, status=RecordStatus.FAILED), paid=True) == "record_says_otherwise"
    assert against(replace(RECORD, status=RecordStatus.PENDING), paid=False) == "still_pending"
    old = replace(RECORD, status=RecordStatus.PENDING, created_at=NOW - timedelta(days=2))
    assert against(old, paid=False) is None
    assert against(RECORD, paid=True) is None
    assert against(replace(RECORD, status=RecordStatus.FAILED), paid=False) is None
    assert against(replace(RECORD, status=RecordStatus.FAILED), paid=True, named=False) is None
    failed = replace(RECORD, status=RecordStatus.FAILED)
    assert code(rules.says_otherwise([], [failed], paid=True, now=NOW)) == "record_says_otherwise"
