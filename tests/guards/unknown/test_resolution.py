"""Raw SQL against resolutions: two people, neither of them the requester, with evidence, about what is not known."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from payouts.domain.people.roles import Role
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Proposal, Resolution, ResolutionLine, Withdrawal
from tests.props.cast import Cast
from tests.props.rows.decisions import carry, close, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.rows import (
    accepted,
    line_row,
    looked_twice,
    record_of,
    resend_row,
    resolution_row,
    sent_long_ago,
    unknown,
)
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

NOW = timezone.now()


@pytest.fixture
def lost(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal of the requester's whose outcome is unknown."""
    return unknown(cast, payee)


def said(by: User, *withdrawals: Withdrawal, **changes: Any) -> dict[str, Any]:
    """A proposal that speaks of these."""
    row = resolution_row(by, *withdrawals, **changes)
    insert("resolution", **row)
    for withdrawal in withdrawals:
        insert("resolutionline", **line_row(row, withdrawal))
    return row


def confirm(row: dict[str, Any], by: User) -> None:
    """Another person's yes, and its proposal carried."""
    carry(of(row).proposal, by)


def decline(row: dict[str, Any], by: User) -> None:
    """Its proposal rejected."""
    close(of(row).proposal, "rejected", by)


def of(row: dict[str, Any]) -> Resolution:
    return Resolution.objects.get(pk=row["id"])


@pytest.fixture
def proposed(cast: Cast, lost: Withdrawal) -> dict[str, Any]:
    """The first approver says that it was paid."""
    return said(cast.first_approver, lost)


# -- proposing --


def test_a_resolution_has_a_known_verdict_and_evidence(cast: Cast) -> None:
    with refused_by("resolution_verdict_is_known"):
        said(cast.first_approver, verdict="perhaps")
    with refused_by("resolution_has_evidence"):
        said(cast.first_approver, note="")


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.UNKNOWN, Status.SUBMITTED)])
def test_only_what_is_not_known_is_resolved(cast: Cast, lost: Withdrawal, status: Status) -> None:
    forge(lost, status=status, error_code="10001")
    with refused_by("only_what_is_not_known_is_resolved"):
        said(cast.first_approver, lost)


def test_nobody_proposes_about_their_own_request(cast: Cast, lost: Withdrawal) -> None:
    with refused_by("nobody_resolves_their_own_request"):
        said(cast.requester, lost)


def test_paid_names_what_was_found(cast: Cast, lost: Withdrawal) -> None:
    row = said(cast.first_approver)
    with refused_by("paid_names_what_was_found"):
        insert("resolutionline", **line_row(row, lost, found_as=""))
    sent_long_ago(lost)
    row = said(cast.first_approver, verdict="not_paid")
    insert("resolutionline", **line_row(row, lost, found_as=""))


@pytest.mark.parametrize(
    ("sent", "looked"),
    [(timedelta(seconds=50), timedelta()), (timedelta(minutes=30), timedelta(minutes=29, seconds=30))],
    ids=["just sent", "looked just after it was sent"],
)
def test_not_paid_leaves_time_to_book(cast: Cast, lost: Withdrawal, sent: timedelta, looked: timedelta) -> None:
    now = timezone.now()
    forge(lost.submissions.get(), claimed_at=now - sent)
    with refused_by("not_paid_leaves_time_to_book"):
        said(cast.first_approver, lost, verdict="not_paid", looked_at=now - looked)
    said(cast.first_approver, lost, verdict="paid", looked_at=now - looked)


def test_a_time_that_has_not_come_is_no_time_to_book(cast: Cast, lost: Withdrawal) -> None:
    """As a web server whose clock is an hour fast would write it."""
    with refused_by("not_paid_leaves_time_to_book"):
        said(cast.first_approver, lost, verdict="not_paid", looked_at=timezone.now() + timedelta(hours=1))


def test_a_withdrawal_is_in_one_open_resolution_once(cast: Cast, lost: Withdrawal, proposed: dict[str, Any]) -> None:
    with refused_by("one_open_resolution_per_withdrawal"):
        said(cast.second_approver, lost)
    decline(proposed, cast.second_approver)
    update(ResolutionLine.objects.get(), is_open=False)
    row = said(cast.second_approver, lost)
    execute("DROP INDEX one_open_resolution_per_withdrawal")
    with refused_by("one_line_per_withdrawal"):
        insert("resolutionline", **line_row(row, lost))


def test_nothing_is_resolved_during_a_call(cast: Cast, lost: Withdrawal) -> None:
    looked_twice(lost)
    insert("submission", **resend_row(lost))
    with refused_by("nothing_is_resolved_during_a_call"):
        said(cast.first_approver, lost)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("verdict", "not_paid"),
        ("where_looked", "Elsewhere"),
        ("looked_at", NOW - timedelta(days=1)),
        ("note", "Other"),
        ("proposed_at", NOW - timedelta(days=1)),
        ("id", uuid4()),
    ],
)
def test_what_was_proposed_never_changes(proposed: dict[str, Any], column: str, value: Any) -> None:
    with refused_by("what_was_proposed_never_changes"):
        update(of(proposed), **{column: value})


def test_a_proposal_never_changes_hands(cast: Cast, proposed: dict[str, Any]) -> None:
    columns = {"proposed_by_id": cast.third_approver.pk, "proposal_id": of(said(cast.first_approver)).proposal_id}
    for column, value in columns.items():
        with refused_by("what_was_proposed_never_changes"):
            update(of(proposed), **{column: value})


def test_a_line_never_speaks_of_something_else(cast: Cast, payee: Address, proposed: dict[str, Any]) -> None:
    other = unknown(cast, payee, amount=Decimal("7"))
    for columns in ({"withdrawal_id": other.pk}, {"found_as": "7"}, {"resolution_id": said(cast.first_approver)["id"]}):
        with refused_by("what_was_proposed_never_changes"):
            update(ResolutionLine.objects.get(), **columns)


def test_a_line_closes_with_its_resolution(cast: Cast, proposed: dict[str, Any]) -> None:
    line = ResolutionLine.objects.get()
    with refused_by("a_line_closes_with_its_resolution"):
        update(line, is_open=False)
    decline(proposed, cast.second_approver)
    update(line, is_open=False)
    with refused_by("what_was_proposed_never_changes"):
        update(line, is_open=True)


# -- deciding --


def test_nothing_is_added_to_what_was_decided(cast: Cast, payee: Address, proposed: dict[str, Any]) -> None:
    other = unknown(cast, payee, amount=Decimal("7"))
    with refused_by("what_was_proposed_never_changes"):
        insert("resolutionline", **line_row(proposed, other, is_open=False))
    confirm(proposed, cast.second_approver)
    with refused_by("what_was_proposed_never_changes"):
        insert("resolutionline", **line_row(proposed, other))


def test_a_resolution_is_decided_once(cast: Cast, proposed: dict[str, Any]) -> None:
    say_yes(of(proposed).proposal, cast.second_approver)
    decline(proposed, cast.third_approver)
    with refused_by("what_was_decided_never_changes"):
        close(of(proposed).proposal, "carried", cast.second_approver)


def test_a_resolution_is_confirmed_by_another_person(cast: Cast, proposed: dict[str, Any]) -> None:
    with refused_by("resolution_is_confirmed_by_another_person"):
        say_yes(of(proposed).proposal, cast.first_approver)


def test_no_proposal_lies_about_who_found_it_out(cast: Cast, proposed: dict[str, Any]) -> None:
    forge(of(proposed).proposal, raised_by=cast.third_approver, excluded=[cast.third_approver.pk])
    with refused_by("resolution_is_confirmed_by_another_person"):
        say_yes(of(proposed).proposal, cast.first_approver)


def test_nobody_confirms_what_nobody_found_out(cast: Cast) -> None:
    proposal = Proposal.objects.get(pk=resolution_row(cast.first_approver)["proposal_id"])
    with refused_by("resolution_is_confirmed_by_another_person"):
        say_yes(proposal, cast.second_approver)


def test_nobody_confirms_about_their_own_request(cast: Cast, proposed: dict[str, Any]) -> None:
    cast.requester.groups.add(Group.objects.get(name=Role.APPROVER))
    assert cast.requester.pk not in of(proposed).proposal.excluded
    with refused_by("nobody_resolves_their_own_request"):
        say_yes(of(proposed).proposal, cast.requester)


def test_a_confirmed_resolution_names_who_and_when(cast: Cast, proposed: dict[str, Any]) -> None:
    say_yes(of(proposed).proposal, cast.second_approver)
    with refused_by("it_is_carried_by_who_approved_it"):
        close(of(proposed).proposal, "carried", cast.third_approver)
    with refused_by("what_is_decided_says_when"):
        close(of(proposed).proposal, "carried", cast.second_approver, decided_at=None)


# -- what it leads to --


@pytest.mark.parametrize(("verdict", "status"), [("paid", "completed"), ("not_paid", "failed")])
def test_it_ends_by_what_two_people_said(cast: Cast, lost: Withdrawal, verdict: str, status: str) -> None:
    sent_long_ago(lost)
    row = said(cast.first_approver, lost, verdict=verdict)
    with refused_by("it_ends_by_evidence"):
        update(lost, status=status)
    confirm(row, cast.second_approver)
    with refused_by("it_ends_by_evidence"):
        update(lost, status="failed" if status == "completed" else "completed")
    update(lost, status=status)


@pytest.mark.parametrize(("verdict", "status"), [("paid", "completed"), ("not_paid", "failed")])
def test_it_does_not_end_by_a_yes_that_was_not_carried(cast: Cast, lost: Withdrawal, verdict: str, status: str) -> None:
    sent_long_ago(lost)
    say_yes(of(said(cast.first_approver, lost, verdict=verdict)).proposal, cast.second_approver)
    with refused_by("it_ends_by_evidence"):
        update(lost, status=status)


def test_what_two_people_declined_ends_nothing(cast: Cast, lost: Withdrawal, proposed: dict[str, Any]) -> None:
    decline(proposed, cast.second_approver)
    with refused_by("it_ends_by_evidence"):
        update(lost, status="completed")


@pytest.mark.parametrize(
    ("verdict", "record", "new"), [("paid", "failed", "completed"), ("not_paid", "completed", "failed")]
)
def test_nobody_contradicts_a_final_record(cast: Cast, payee: Address, verdict: str, record: str, new: str) -> None:
    taken = accepted(cast, payee)
    insert("providerrecord", **record_of(taken, status="pending", created_at=NOW - timedelta(days=1)))
    sent_long_ago(taken)
    row = said(cast.first_approver, taken, verdict=verdict)
    confirm(row, cast.second_approver)
    update(taken.record, status=record)
    with refused_by("nobody_contradicts_a_final_record"):
        update(taken, status=new)
    update(taken.record, status="pending")
    update(taken, status=new)


def called_unpaid(cast: Cast, payee: Address, **record: Any) -> Withdrawal:
    """Two people say that it was not paid; the provider's own record says this."""
    taken = accepted(cast, payee)
    insert("providerrecord", **record_of(taken, **{"status": "pending", "created_at": NOW} | record))
    sent_long_ago(taken)
    row = said(cast.first_approver, taken, verdict="not_paid")
    confirm(row, cast.second_approver)
    return taken


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=23, minutes=55), timedelta(hours=-1)])
def test_nothing_fails_while_its_record_is_pending(cast: Cast, payee: Address, age: timedelta) -> None:
    taken = called_unpaid(cast, payee, created_at=timezone.now() - age)
    with refused_by("nothing_fails_while_its_record_is_pending"):
        update(taken, status="failed")
    update(taken.record, status="failed")
    update(taken, status="failed")


@pytest.mark.parametrize("changes", [{"known": False}, {"created_at": NOW - timedelta(days=1)}], ids=["word", "age"])
def test_it_fails_where_its_record_is_old_or_says_nothing_documented(
    cast: Cast, payee: Address, changes: dict[str, Any]
) -> None:
    update(called_unpaid(cast, payee, **changes), status="failed")


def test_what_another_record_says_does_not_keep_it_from_failing(cast: Cast, payee: Address) -> None:
    taken = called_unpaid(cast, payee, withdrawal_id=None)
    update(taken, status="failed")


def test_resolutions_are_never_deleted(proposed: dict[str, Any]) -> None:
    with refused_by("resolutions_are_never_deleted"):
        delete(of(proposed))
    with refused_by("resolutions_are_never_deleted"):
        delete(ResolutionLine.objects.get())
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("resolution", "resolutionline"):
        with refused_by("resolutions_are_never_deleted"):
            truncate(table)
