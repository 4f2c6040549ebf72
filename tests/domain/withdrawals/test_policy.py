"""The rules about one withdrawal and one address: each act, each status it is not for, each person it is not for."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, Role
from payouts.domain.withdrawals.policy import (
    AddressFacts,
    Facts,
    first,
    has_quorum,
    may_activate,
    may_approve,
    may_cancel,
    may_claim,
    may_decline,
    may_raise,
    may_reject,
    may_revoke,
    may_send_again,
    role_objection,
)
from payouts.domain.withdrawals.status import AddressStatus, Status

DIGEST = "d" * 64
OTHER_DIGEST = "e" * 64
REQUESTER = Person(1, frozenset({Role.REQUESTER}))
APPROVER = Person(2, frozenset({Role.APPROVER}))
SECOND_APPROVER = Person(3, frozenset({Role.APPROVER}))
KEEPER = Person(4, frozenset({Role.KEEPER}))
EVERYTHING = frozenset(Role)
ASKED = Facts(Status.AWAITING_APPROVAL, REQUESTER.id, frozenset(), 2, DIGEST, DIGEST, AddressStatus.ACTIVE)
APPROVED = replace(ASKED, status=Status.APPROVED, approved_by=frozenset({2, 3}))
PROPOSED = AddressFacts(AddressStatus.PROPOSED, proposed_by=REQUESTER.id)
ACTIVE = AddressFacts(AddressStatus.ACTIVE, proposed_by=REQUESTER.id)

HELD_UP: dict[str, Any] = {"expired": True, "paused_because": "A payee looks wrong", "equal_in_flight": True}

NOT_AWAITING = [status for status in Status if status is not Status.AWAITING_APPROVAL]
CLAIMED_OR_CLOSED = [status for status in Status if status not in (Status.AWAITING_APPROVAL, Status.APPROVED)]
NOT_APPROVED = [status for status in Status if status is not Status.APPROVED]


def code(objection: Objection | None) -> str | None:
    return objection.code if objection else None


def approve_code(facts: Facts, person: Person = APPROVER, shown_digest: str = DIGEST) -> str | None:
    return code(may_approve(facts, person, shown_digest=shown_digest))


def claim_code(facts: Facts, *approved_digests: str, order_digest: str = DIGEST) -> str | None:
    return code(may_claim(replace(facts, order_digest=order_digest), approved_digests=approved_digests))


# -- approve --


def test_an_approver_approves_what_awaits_approval() -> None:
    assert may_approve(ASKED, APPROVER, shown_digest=DIGEST) is None


@pytest.mark.parametrize("status", NOT_AWAITING)
def test_nobody_approves_once_it_has_left_the_queue(status: Status) -> None:
    objection = may_approve(replace(ASKED, status=status), APPROVER, shown_digest=DIGEST)
    assert objection == Objection("already_moved_on", f"Too late: this withdrawal is already {status.label.lower()}.")


def test_nobody_approves_their_own_request_whatever_their_roles() -> None:
    assert approve_code(ASKED, replace(REQUESTER, roles=EVERYTHING)) == "own_request"


def test_nobody_approves_twice() -> None:
    assert approve_code(replace(ASKED, approved_by=frozenset({APPROVER.id}))) == "approved_already"


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
    facts = replace(
        ASKED,
        requested_by=REQUESTER.id if is_another else APPROVER.id,
        approved_by=frozenset() if is_first_time else frozenset({APPROVER.id}),
        address_status=AddressStatus.ACTIVE if is_active else AddressStatus.REVOKED,
    )
    person = APPROVER if has_role else replace(APPROVER, roles=EVERYTHING - {Role.APPROVER})
    return approve_code(facts, person, DIGEST if is_current else OTHER_DIGEST) is None


# -- quorum --


@pytest.mark.parametrize(
    ("required", "people", "enough"),
    [(1, set(), False), (1, {2}, True), (2, {2}, False), (2, {2, 3}, True), (2, {2, 3, 4}, True), (3, {2, 3}, False)],
)
def test_a_quorum_is_so_many_different_people(required: int, people: set[int], enough: bool) -> None:
    facts = replace(ASKED, approvals_required=required, approved_by=frozenset(people))
    assert has_quorum(facts) is enough


def test_the_requester_never_counts_towards_the_quorum() -> None:
    assert not has_quorum(replace(ASKED, approved_by=frozenset({REQUESTER.id, APPROVER.id})))


def test_a_quorum_of_nobody_does_not_exist() -> None:
    assert not has_quorum(replace(ASKED, approvals_required=0))


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
    assert claim_code(APPROVED, DIGEST, DIGEST) is None


@pytest.mark.parametrize("status", NOT_APPROVED)
def test_a_worker_claims_approved_withdrawals_only(status: Status) -> None:
    expected = "not_approved" if status is Status.AWAITING_APPROVAL else "already_moved_on"
    assert claim_code(replace(APPROVED, status=status), DIGEST, DIGEST) == expected


@pytest.mark.parametrize("status", [status for status in AddressStatus if status is not AddressStatus.ACTIVE])
def test_a_worker_sends_nothing_to_an_address_that_is_not_active(status: AddressStatus) -> None:
    assert claim_code(replace(APPROVED, address_status=status), DIGEST, DIGEST) == "address_not_active"


def test_a_worker_sends_nothing_that_differs_from_what_was_asked_for() -> None:
    assert claim_code(APPROVED, DIGEST, DIGEST, order_digest=OTHER_DIGEST) == "digest_differs"
    assert claim_code(APPROVED, OTHER_DIGEST, OTHER_DIGEST, order_digest=OTHER_DIGEST) == "digest_differs"


@pytest.mark.parametrize("digests", [(), (DIGEST,), (DIGEST, OTHER_DIGEST), (OTHER_DIGEST, OTHER_DIGEST)])
def test_approvals_of_something_else_do_not_count_for_a_worker(digests: tuple[str, ...]) -> None:
    assert claim_code(APPROVED, *digests) == "not_enough_approvals"


# -- the address book --


def test_a_keeper_activates_and_declines_proposals_and_revokes_what_is_active() -> None:
    assert may_activate(PROPOSED, KEEPER) is None
    assert may_decline(PROPOSED, KEEPER) is None
    assert may_revoke(ACTIVE, KEEPER) is None


@pytest.mark.parametrize("status", AddressStatus)
def test_each_act_on_an_address_is_for_one_status(status: AddressStatus) -> None:
    facts = AddressFacts(status, proposed_by=REQUESTER.id)
    on_proposals = None if status is AddressStatus.PROPOSED else "already_moved_on"
    on_active = None if status is AddressStatus.ACTIVE else "already_moved_on"
    assert code(may_activate(facts, KEEPER)) == on_proposals
    assert code(may_decline(facts, KEEPER)) == on_proposals
    assert code(may_revoke(facts, KEEPER)) == on_active


def test_nobody_activates_what_they_proposed_whatever_their_roles() -> None:
    assert code(may_activate(PROPOSED, Person(REQUESTER.id, EVERYTHING))) == "own_proposal"


def test_the_proposer_may_take_a_proposal_back_without_being_a_keeper() -> None:
    assert may_decline(PROPOSED, REQUESTER) is None
    assert code(may_decline(PROPOSED, Person(9, REQUESTER.roles))) == "no_role"


def test_the_proposer_alone_cannot_revoke_what_is_active() -> None:
    assert code(may_revoke(ACTIVE, REQUESTER)) == "no_role"


# -- roles, and order --


@pytest.mark.parametrize("act", Act)
def test_every_act_needs_a_role(act: Act) -> None:
    assert code(role_objection(Person(9, frozenset()), act)) == "no_role"
    assert role_objection(Person(9, EVERYTHING), act) is None


@pytest.mark.parametrize("roles", [frozenset(), EVERYTHING - {Role.APPROVER}])
def test_without_the_role_nobody_approves_or_rejects(roles: frozenset[Role]) -> None:
    assert approve_code(ASKED, Person(9, roles)) == "no_role"
    assert code(may_reject(ASKED, Person(9, roles))) == "no_role"


def test_without_the_role_nobody_raises_activates_or_revokes() -> None:
    assert code(may_raise(Person(9, EVERYTHING - {Role.REQUESTER}), AddressStatus.ACTIVE)) == "no_role"
    assert code(may_activate(PROPOSED, Person(9, EVERYTHING - {Role.KEEPER}))) == "no_role"
    assert code(may_revoke(ACTIVE, Person(9, EVERYTHING - {Role.KEEPER}))) == "no_role"


def test_the_first_objection_is_the_one_that_is_told() -> None:
    second = Objection("second", "")
    assert first([None, second, Objection("third", "")]) is second
    assert first([None, None]) is None


# -- what holds a worker up, the first time and once more --


@pytest.mark.parametrize("fact", HELD_UP)
def test_a_worker_sends_nothing_that_is_late_paused_or_equal_to_what_is_under_way(fact: str) -> None:
    held_up = replace(APPROVED, **{fact: HELD_UP[fact]})
    assert claim_code(held_up, DIGEST, DIGEST) == fact.removesuffix("_because")


@pytest.mark.parametrize("fact", HELD_UP)
def test_and_no_more_so_once_more(fact: str) -> None:
    unknown = replace(APPROVED, status=Status.UNKNOWN)
    assert may_send_again(unknown, approved_digests=[DIGEST, DIGEST]) is None
    held_up = replace(unknown, **{fact: HELD_UP[fact]})
    assert code(may_send_again(held_up, approved_digests=[DIGEST, DIGEST])) == fact.removesuffix("_because")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.UNKNOWN])
def test_only_the_unknown_is_sent_once_more(status: Status) -> None:
    assert may_send_again(replace(APPROVED, status=status), approved_digests=[DIGEST, DIGEST]) is not None
