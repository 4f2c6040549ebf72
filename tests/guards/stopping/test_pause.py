"""Raw SQL against pauses: nothing is sent while one is open, and as many people as it takes release it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.models import Account, Address, Pause, Proposal
from tests.props.cast import Cast, approved
from tests.props.rows.decisions import carry, close, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.rows import pause_row
from tests.props.rows.sql import delete, execute, insert, refused_by, submission_row, truncate, update

NOW = timezone.now()
STOP_CODE: dict[str, Any] = {"cause": "stop_code", "needed": 1, "roles": ["Administrators"]}


def begun(account: Account | None, **changes: Any) -> dict[str, Any]:
    """A pause that holds."""
    row = pause_row(account, **changes)
    insert("pause", **row)
    return row


def of(row: dict[str, Any]) -> Pause:
    return Pause.objects.get(pk=row["id"])


@pytest.mark.parametrize("everything", [True, False])
def test_nothing_is_sent_while_paused(cast: Cast, payee: Address, chain_payee: Address, everything: bool) -> None:
    ready, elsewhere = approved(cast, payee), approved(cast, chain_payee)
    for withdrawal in (ready, elsewhere):
        update(withdrawal, status="submitting")
    row = begun(None if everything else payee.account)
    with refused_by("nothing_is_sent_while_paused"):
        insert("submission", **submission_row(ready))
    if not everything:
        insert("submission", **submission_row(elsewhere))
    forge(of(row), released_at=NOW)
    insert("submission", **submission_row(ready))


def test_a_pause_starts_open(treasury: Account) -> None:
    with refused_by("a_pause_starts_open"):
        begun(treasury, released_at=NOW)


def test_a_pause_has_a_known_cause_and_says_why(treasury: Account) -> None:
    with refused_by("pause_cause_is_known"):
        begun(treasury, cause="mood")
    with refused_by("pause_says_why"):
        begun(treasury, reason="")


@pytest.mark.parametrize(
    "changes",
    [
        {"cause": "person", "needed": 1},
        {"cause": "orphan", "needed": 1},
        STOP_CODE | {"cause": "person"},
        STOP_CODE | {"roles": ["Approvers"]},
        STOP_CODE | {"roles": ["Administrators", "Approvers"]},
        STOP_CODE | {"needed": 2, "roles": ["Administrators", "Approvers"]},
    ],
)
def test_only_what_the_provider_stopped_is_released_by_one_and_by_an_administrator(
    treasury: Account, changes: dict[str, Any]
) -> None:
    with refused_by("release_needs_two_people"):
        begun(treasury, **changes)
    begun(treasury, **STOP_CODE)


def test_what_a_provider_stopped_is_an_account(treasury: Account) -> None:
    with refused_by("a_stop_code_is_of_an_account"):
        begun(None, **STOP_CODE)


def test_one_cause_pauses_an_account_or_everything_once(treasury: Account, merchant: Account) -> None:
    begun(treasury)
    begun(merchant)
    begun(treasury, cause="orphan")
    begun(None)
    with refused_by("one_open_pause_per_cause"):
        begun(treasury)
    with refused_by("one_open_pause_of_everything"):
        begun(None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("account_id", None),
        ("cause", "orphan"),
        ("code", "10003"),
        ("reason", "Never mind"),
        ("begun_at", NOW - timedelta(days=1)),
        ("id", uuid4()),
    ],
)
def test_what_was_paused_never_changes(treasury: Account, column: str, value: Any) -> None:
    row = begun(treasury)
    with refused_by("what_was_paused_never_changes"):
        update(of(row), **{column: value})


def test_a_pause_never_gets_another_proposal(treasury: Account, merchant: Account) -> None:
    row, other = begun(treasury), pause_row(merchant, needed=2)
    with refused_by("what_was_paused_never_changes"):
        update(of(row), proposal_id=other["proposal_id"])


def test_a_pause_that_ended_does_not_begin_again_nor_end_at_another_time(treasury: Account) -> None:
    row = begun(treasury)
    forge(of(row), released_at=NOW)
    for value in (None, NOW + timedelta(hours=1)):
        with refused_by("what_was_paused_never_changes"):
            update(of(row), released_at=value)


def test_a_pause_ends_only_when_enough_people_released_it(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    for person in (cast.administrator, cast.first_approver):
        with refused_by("release_needs_enough_people"):
            update(of(row), released_at=NOW)
        with refused_by("carried_means_enough_approvals"):
            close(of(row).proposal, "carried", cast.administrator)
        say_yes(of(row).proposal, person)
    with refused_by("release_needs_enough_people"):
        update(of(row), released_at=NOW)
    close(of(row).proposal, "carried", cast.first_approver)
    update(of(row), released_at=NOW)


@pytest.mark.parametrize("state", ["rejected", "lapsed"])
def test_a_pause_does_not_end_by_a_no(cast: Cast, treasury: Account, state: str) -> None:
    row = begun(treasury)
    close(of(row).proposal, state, cast.administrator)
    with refused_by("release_needs_enough_people"):
        update(of(row), released_at=NOW)


def test_nobody_releases_what_has_ended(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    forge(of(row), released_at=NOW)
    with refused_by("release_only_while_paused"):
        say_yes(of(row).proposal, cast.administrator)


def test_nobody_releases_what_nobody_paused(cast: Cast, treasury: Account) -> None:
    proposal = Proposal.objects.get(pk=pause_row(treasury)["proposal_id"])
    with refused_by("release_only_while_paused"):
        say_yes(proposal, cast.administrator)


def test_what_the_provider_stopped_is_released_by_active_administrators_only(cast: Cast, treasury: Account) -> None:
    row = begun(treasury, **STOP_CODE)
    User.objects.filter(pk=cast.second_administrator.pk).update(is_active=False)
    for person in (cast.first_approver, cast.second_administrator):
        with refused_by("approver_holds_the_role"):
            say_yes(of(row).proposal, person)
    carry(of(row).proposal, cast.administrator)
    update(of(row), released_at=NOW)


def test_pauses_are_never_removed(treasury: Account) -> None:
    row = begun(treasury)
    with refused_by("pauses_are_never_deleted"):
        delete(of(row))
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("pauses_are_never_deleted"):
        truncate("pause")
