"""The rules about one withdrawal: each act, each status it is not for, each person it is not for."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from payouts.domain.decisions.proposal import State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Person, Role
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.withdrawals.policy import (
    Facts,
    may_approve,
    may_cancel,
    may_claim,
    may_raise,
    may_reject,
    may_send_again,
)
from payouts.domain.withdrawals.status import Status
from tests.props.facts.proposals import proposal_facts

DIGEST = "d" * 64
OTHER_DIGEST = "e" * 64
REQUESTER = Person(1, frozenset({Role.REQUESTER}))
APPROVER = Person(2, frozenset({Role.APPROVER}))
SECOND_APPROVER = Person(3, frozenset({Role.APPROVER}))
KEEPER = Person(4, frozenset({Role.KEEPER}))
EVERYTHING = frozenset(Role)
CONTENT = "c" * 64
OPEN = proposal_facts(excluded=frozenset({REQUESTER.id}), needed=2, digest=CONTENT, digest_now=CONTENT)
ASKED = Facts(Status.AWAITING_APPROVAL, REQUESTER.id, DIGEST, DIGEST, AddressStatus.ACTIVE, OPEN)
APPROVED = replace(ASKED, status=Status.APPROVED, proposal=replace(OPEN, state=State.CARRIED))

HELD_UP: dict[str, Any] = {"expired": True, "paused_because": "A payee looks wrong", "equal_in_flight": True}

NOT_AWAITING = [status for status in Status if status is not Status.AWAITING_APPROVAL]
CLAIMED_OR_CLOSED = [status for status in Status if status not in (Status.AWAITING_APPROVAL, Status.APPROVED)]
NOT_APPROVED = [status for status in Status if status is not Status.APPROVED]


def code(objection: Objection | None) -> str | None:
    return objection.code if objection else None


def approve_code(facts: Facts, person: Person = APPROVER, shown_digest: str = CONTENT) -> str | None:
    return code(may_approve(facts, person, shown_digest=shown_digest))


def claim_code(facts: Facts, *digests: str) -> str | None:
    return code(may_claim(approved(facts, *digests)))


def approved(facts: Facts, *digests: str) -> Facts:
    """Each of these digests was approved by another person."""
    return replace(facts, proposal=replace(facts.proposal, approvals=dict(enumerate(digests, start=APPROVER.id))))


def other(facts: Facts) -> Facts:
    """The rows say something else by now than what was asked for."""
    return replace(facts, order_digest=OTHER_DIGEST, proposal=replace(facts.proposal, digest_now=OTHER_DIGEST))


# -- approve --


def test_an_approver_approves_what_awaits_approval() -> None:
    assert may_approve(ASKED, APPROVER, shown_digest=CONTENT) is None


@pytest.mark.parametrize("status", NOT_AWAITING)
def test_nobody_approves_once_it_has_left_the_queue(status: Status) -> None:
    objection = may_approve(replace(ASKED, status=status), APPROVER, shown_digest=CONTENT)
    assert objection == Objection("already_moved_on", f"Too late: this withdrawal is already {status.label.lower()}.")


def test_nobody_approves_their_own_request_whatever_their_roles() -> None:
    assert approve_code(ASKED, replace(REQUESTER, roles=EVERYTHING)) == "own_request"


def test_nobody_approves_twice() -> None:
    once = replace(OPEN, approvals={APPROVER.id: CONTENT})
    assert approve_code(replace(ASKED, proposal=once)) == "approved_already"


def test_what_the_page_showed_has_to_be_what_would_be_sent() -> None:
    assert approve_code(ASKED, shown_digest=OTHER_DIGEST) == "stale_page"
    assert approve_code(ASKED, shown_digest="") == "stale_page"


@pytest.mark.parametrize("status", [status for status in AddressStatus if status is not AddressStatus.ACTIVE])
def test_nobody_approves_a_payment_to_an_address_that_is_not_active(status: AddressStatus) -> None:
    assert approve_code(replace(ASKED, address_status=status)) == "address_not_active"


def test_an_approval_needs_everything_at_once() -> None:
    """All combinations of role, author, earlier approval, page and address: one of them is right."""
    permitted = [combination for combination in product((True, False), repeat=5) if _approves(*combination)]
    assert permitted == [(True, True, True, True, True)]


def _approves(has_role: bool, is_another: bool, is_first_time: bool, is_current: bool, is_active: bool) -> bool:
    proposal = replace(
        OPEN,
        excluded=frozenset({REQUESTER.id if is_another else APPROVER.id}),
        approvals={} if is_first_time else {APPROVER.id: CONTENT},
    )
    address_status = AddressStatus.ACTIVE if is_active else AddressStatus.REVOKED
    facts = replace(ASKED, proposal=proposal, address_status=address_status)
    person = APPROVER if has_role else replace(APPROVER, roles=EVERYTHING - {Role.APPROVER})
    return approve_code(facts, person, CONTENT if is_current else OTHER_DIGEST) is None


# -- reject and cancel --


@pytest.mark.parametrize("facts", [ASKED, APPROVED])
def test_an_approver_rejects_until_a_worker_has_claimed_it(facts: Facts) -> None:
    assert may_reject(facts, APPROVER) is None
    assert may_reject(facts, SECOND_APPROVER) is None


@pytest.mark.parametrize("status", CLAIMED_OR_CLOSED)
def test_nobody_rejects_or_cancels_what_is_claimed_or_closed(status: Status) -> None:
    facts = replace(APPROVED, status=status)
    assert code(may_reject(facts, APPROVER)) == "already_moved_on"
    assert code(may_cancel(facts, REQUESTER)) == "already_moved_on"


def test_one_rejects_the_requests_of_others_only() -> None:
    assert code(may_reject(ASKED, replace(REQUESTER, roles=EVERYTHING))) == "own_request"


@pytest.mark.parametrize("facts", [ASKED, APPROVED])
def test_a_requester_cancels_until_a_worker_has_claimed_it(facts: Facts) -> None:
    assert may_cancel(facts, REQUESTER) is None


def test_only_the_requester_cancels_whatever_the_roles_of_others() -> None:
    assert code(may_cancel(ASKED, Person(9, EVERYTHING))) == "not_requester"


# -- raise --


def test_a_requester_raises_a_request_to_an_active_address() -> None:
    assert may_raise(REQUESTER, AddressStatus.ACTIVE) is None


@pytest.mark.parametrize("status", [status for status in AddressStatus if status is not AddressStatus.ACTIVE])
def test_nobody_raises_a_request_to_an_address_that_is_not_active(status: AddressStatus) -> None:
    assert code(may_raise(REQUESTER, status)) == "address_not_active"


# -- claim --


def test_a_worker_claims_what_enough_people_approved_byte_for_byte() -> None:
    assert claim_code(APPROVED, CONTENT, CONTENT) is None


@pytest.mark.parametrize("status", NOT_APPROVED)
def test_a_worker_claims_approved_withdrawals_only(status: Status) -> None:
    expected = "not_approved" if status is Status.AWAITING_APPROVAL else "already_moved_on"
    assert claim_code(replace(APPROVED, status=status), CONTENT, CONTENT) == expected


def test_a_worker_sends_nothing_whose_purpose_is_not_what_was_approved() -> None:
    changed = replace(APPROVED, proposal=replace(APPROVED.proposal, digest_now=OTHER_DIGEST))
    assert claim_code(changed, CONTENT, CONTENT) == "digest_differs"
    assert claim_code(replace(APPROVED, order_digest=OTHER_DIGEST), CONTENT, CONTENT) == "digest_differs"


@pytest.mark.parametrize("status", [status for status in AddressStatus if status is not AddressStatus.ACTIVE])
def test_a_worker_sends_nothing_to_an_address_that_is_not_active(status: AddressStatus) -> None:
    assert claim_code(replace(APPROVED, address_status=status), CONTENT, CONTENT) == "address_not_active"


def test_a_worker_sends_nothing_that_differs_from_what_was_asked_for() -> None:
    assert claim_code(other(APPROVED), CONTENT, CONTENT) == "digest_differs"
    assert claim_code(other(APPROVED), OTHER_DIGEST, OTHER_DIGEST) == "digest_differs"


@pytest.mark.parametrize(
    "digests", [(), (CONTENT,), (CONTENT, OTHER_DIGEST), (DIGEST, DIGEST), (OTHER_DIGEST, OTHER_DIGEST)]
)
def test_approvals_of_something_else_do_not_count_for_a_worker(digests: tuple[str, ...]) -> None:
    assert claim_code(APPROVED, *digests) == "not_enough_approvals"


def test_the_requesters_own_yes_does_not_count_for_a_worker() -> None:
    yes = {REQUESTER.id: CONTENT, APPROVER.id: CONTENT}
    assert (
        code(may_claim(replace(APPROVED, proposal=replace(APPROVED.proposal, approvals=yes)))) == "not_enough_approvals"
    )


# -- roles, and order --


@pytest.mark.parametrize("roles", [frozenset(), EVERYTHING - {Role.APPROVER}])
def test_without_the_role_nobody_approves_or_rejects(roles: frozenset[Role]) -> None:
    assert approve_code(ASKED, Person(9, roles)) == "no_role"
    assert code(may_reject(ASKED, Person(9, roles))) == "no_role"


def test_without_the_role_nobody_raises() -> None:
    assert code(may_raise(Person(9, EVERYTHING - {Role.REQUESTER}), AddressStatus.ACTIVE)) == "no_role"


# -- what holds a worker up, the first time and once more --


@pytest.mark.parametrize("fact", HELD_UP)
def test_a_worker_sends_nothing_that_is_late_paused_or_equal_to_what_is_under_way(fact: str) -> None:
    held_up = replace(APPROVED, **{fact: HELD_UP[fact]})
    assert claim_code(held_up, CONTENT, CONTENT) == fact.removesuffix("_because")


@pytest.mark.parametrize("fact", HELD_UP)
def test_and_no_more_so_once_more(fact: str) -> None:
    unknown = replace(approved(APPROVED, CONTENT, CONTENT), status=Status.UNKNOWN)
    assert may_send_again(unknown) is None
    held_up = replace(unknown, **{fact: HELD_UP[fact]})
    assert code(may_send_again(held_up)) == fact.removesuffix("_because")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.UNKNOWN])
def test_only_the_unknown_is_sent_once_more(status: Status) -> None:
    assert may_send_again(replace(approved(APPROVED, CONTENT, CONTENT), status=status)) is not None
