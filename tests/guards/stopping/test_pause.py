"""Raw SQL against pauses: nothing is sent while one is open, and as many people as it takes release it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.domain.people.roles import Act
from payouts.models import Account, Address, Pause, Release
from tests.props.cast import Cast, approved, proof_of
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.rows import pause_row, release_row
from tests.props.rows.sql import delete, execute, insert, refused_by, submission_row, truncate, update

NOW = timezone.now()
STOP_CODE: dict[str, Any] = {"cause": "stop_code", "releases_needed": 1}


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


@pytest.mark.parametrize("changes", [{"cause": "person"}, {"cause": "orphan"}, {"cause": "stop_code", "of": None}])
def test_only_what_the_provider_stopped_in_one_account_is_released_by_one(
    treasury: Account, changes: dict[str, Any]
) -> None:
    begun(treasury, **STOP_CODE)
    account = changes.pop("of", treasury)
    for needed in (0, 1):
        with refused_by("release_needs_two_people"):
            begun(account, **changes | {"releases_needed": needed})


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
        ("releases_needed", 0),
        ("begun_at", NOW - timedelta(days=1)),
        ("id", uuid4()),
    ],
)
def test_what_was_paused_never_changes(treasury: Account, column: str, value: Any) -> None:
    row = begun(treasury)
    with refused_by("what_was_paused_never_changes"):
        update(of(row), **{column: value})


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
        insert("release", **release_row(row, person))
    update(of(row), released_at=NOW)


def test_nobody_releases_twice(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    insert("release", **release_row(row, cast.administrator))
    with refused_by("one_release_per_person"):
        insert("release", **release_row(row, cast.administrator))


def test_nobody_releases_what_has_ended(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    forge(of(row), released_at=NOW)
    with refused_by("release_only_while_paused"):
        insert("release", **release_row(row, cast.administrator))


def test_a_release_carries_the_persons_own_proof_of_this(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    wrong = [
        proof_of(cast.second_administrator, Act.RELEASE, str(row["id"])),
        proof_of(cast.administrator, Act.APPROVE, str(row["id"])),
        proof_of(cast.administrator, Act.RELEASE, str(uuid4())),
    ]
    for proof in wrong:
        with refused_by("release_carries_its_own_proof"):
            insert("release", **release_row(row, cast.administrator, proof_id=proof.pk))


def test_the_proof_of_a_release_is_fresh(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    old = proof_of(cast.administrator, Act.RELEASE, str(row["id"]))
    forge(old, proved_at=timezone.now() - timedelta(minutes=3))
    with refused_by("release_carries_a_fresh_proof"):
        insert("release", **release_row(row, cast.administrator, proof_id=old.pk))


def test_one_proof_is_behind_one_release_only(cast: Cast, treasury: Account, merchant: Account) -> None:
    first, second = begun(treasury), begun(merchant)
    insert("release", **release_row(first, cast.administrator))
    proof = Release.objects.get().proof_id
    with guards_off(), refused_by("payouts_release_proof_id_key"):
        insert("release", **release_row(second, cast.administrator, proof_id=proof))


@pytest.mark.parametrize("name", ["requester", "keeper", "auditor", "outsider", "superuser"])
def test_whoever_does_not_hold_the_role_releases_nothing(cast: Cast, treasury: Account, name: str) -> None:
    row = begun(treasury)
    with refused_by("releaser_holds_the_role"):
        insert("release", **release_row(row, getattr(cast, name)))


def test_what_the_provider_stopped_is_released_by_active_administrators_only(cast: Cast, treasury: Account) -> None:
    row = begun(treasury, **STOP_CODE)
    User.objects.filter(pk=cast.second_administrator.pk).update(is_active=False)
    for person in (cast.first_approver, cast.second_administrator):
        with refused_by("releaser_holds_the_role"):
            insert("release", **release_row(row, person))
    insert("release", **release_row(row, cast.administrator))
    update(of(row), released_at=NOW)


def test_pauses_and_releases_are_never_removed(cast: Cast, treasury: Account) -> None:
    row = begun(treasury)
    insert("release", **release_row(row, cast.administrator))
    with refused_by("pauses_are_never_deleted"):
        delete(of(row))
    with refused_by("releases_never_change"):
        delete(Release.objects.get())
    with refused_by("releases_never_change"):
        update(Release.objects.get(), person_id=cast.second_administrator.pk)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("pauses_are_never_deleted"):
        truncate("pause")
    with refused_by("releases_never_change"):
        truncate("release")
