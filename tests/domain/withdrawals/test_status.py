"""The two state graphs: every status is in them, and money cannot take a way back."""

import pytest

from payouts.domain.recipients.book import ADDRESS_MOVES, AddressStatus
from payouts.domain.withdrawals.status import MOVES, Status

FINAL = {
    Status.COMPLETED,
    Status.REFUSED,
    Status.FAILED,
    Status.REJECTED,
    Status.CANCELLED,
    Status.EXPIRED,
}
STOPPED_BY_PEOPLE_OR_TIME = {Status.REJECTED, Status.CANCELLED, Status.EXPIRED}


def reachable(start: Status) -> set[Status]:
    """Every status that can follow, in one move or many."""
    found: set[Status] = set()
    ahead = [start]
    while ahead:
        new = MOVES[ahead.pop()] - found
        found |= new
        ahead.extend(new)
    return found


def leading_to(target: Status) -> set[Status]:
    return {status for status in Status if target in MOVES[status]}


def test_the_moves_name_every_status() -> None:
    assert set(MOVES) == set(Status)
    assert set(ADDRESS_MOVES) == set(AddressStatus)


def test_every_target_of_a_move_is_a_status() -> None:
    assert frozenset().union(*MOVES.values()) <= set(Status)
    assert frozenset().union(*ADDRESS_MOVES.values()) <= set(AddressStatus)


@pytest.mark.parametrize("status", Status)
def test_final_means_that_nothing_follows(status: Status) -> None:
    assert status.is_final is (status in FINAL)
    assert bool(MOVES[status]) is (status not in FINAL)


@pytest.mark.parametrize("status", [status for status in Status if status not in FINAL])
def test_every_open_status_can_come_to_an_end(status: Status) -> None:
    assert reachable(status) & FINAL


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWAITING_APPROVAL])
def test_every_status_is_reached_from_the_request(status: Status) -> None:
    assert status in reachable(Status.AWAITING_APPROVAL)


@pytest.mark.parametrize("status", Status)
def test_nothing_moves_to_itself(status: Status) -> None:
    assert status not in MOVES[status]


def test_only_what_was_not_sent_returns_to_awaiting_approval() -> None:
    assert leading_to(Status.AWAITING_APPROVAL) == {Status.APPROVED}


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.SUBMITTED, *sorted(FINAL)])
def test_what_may_have_been_paid_never_becomes_sendable_again(status: Status) -> None:
    assert not reachable(status) & {Status.AWAITING_APPROVAL, Status.APPROVED, Status.SUBMITTING}


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.UNKNOWN, Status.SUBMITTED])
def test_nobody_stops_directly_what_may_have_left(status: Status) -> None:
    assert not MOVES[status] & STOPPED_BY_PEOPLE_OR_TIME


def test_only_what_is_approved_is_submitted() -> None:
    assert leading_to(Status.SUBMITTING) == {Status.APPROVED}


def test_only_a_submission_can_be_refused_or_become_unknown_or_what_had_one_that_was_lost() -> None:
    assert leading_to(Status.REFUSED) == {Status.SUBMITTING}
    assert leading_to(Status.UNKNOWN) == {Status.SUBMITTING, Status.AWAITING_APPROVAL, Status.APPROVED}


def test_only_what_may_have_left_can_complete_or_fail() -> None:
    assert leading_to(Status.COMPLETED) == {Status.UNKNOWN, Status.SUBMITTED}
    assert leading_to(Status.FAILED) == {Status.UNKNOWN, Status.SUBMITTED}


def test_an_address_is_active_only_after_it_was_proposed_and_never_again() -> None:
    assert {status for status, to in ADDRESS_MOVES.items() if AddressStatus.ACTIVE in to} == {AddressStatus.PROPOSED}
    assert ADDRESS_MOVES[AddressStatus.DECLINED] == ADDRESS_MOVES[AddressStatus.REVOKED] == frozenset()
    assert AddressStatus.PROPOSED not in frozenset().union(*ADDRESS_MOVES.values())


@pytest.mark.parametrize("status", [*Status, *AddressStatus])
def test_every_status_has_a_label_for_people(status: Status | AddressStatus) -> None:
    assert status.label
    assert "_" not in status.label
    assert status.label[0].isupper()
