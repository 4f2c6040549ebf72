"""Who an account is, by the database: changed by what two people carried, once; a call is signed with its key."""

from typing import Any

import pytest
from django.utils import timezone

from payouts.models import Account, Address, IdentityChange, Withdrawal
from tests.props.cast import Cast, approved
from tests.props.rows.decisions import carry, proposal_row, proposed, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.rows import called, change_row, looked_twice, resend_row, unknown
from tests.props.rows.sql import delete, execute, insert, refused_by, submission_row, truncate, update

pytestmark = pytest.mark.django_db
NEW = {"key_fingerprint": "c" * 64}


def put(account: Account, **changes: Any) -> IdentityChange:
    """Such a change, proposed by raw SQL."""
    row = change_row(account, **changes)
    insert("identitychange", **row)
    return IdentityChange.objects.get(pk=row["id"])


@pytest.fixture
def change(treasury: Account) -> IdentityChange:
    """Another key of the same customer."""
    return put(treasury)


# -- the account's row --


@pytest.mark.parametrize("host", ["", "openapi.zoomex.com", "https://", "https://a/b", "https://a b", "ftp://a"])
def test_an_account_has_a_host(treasury: Account, host: str) -> None:
    with refused_by("an_account_has_a_host"):
        forge_as_sql(treasury, host=host)


@pytest.mark.parametrize("customer", ["a b", "é", "a\n", "a/b"])
def test_a_customer_is_named_plainly(treasury: Account, customer: str) -> None:
    with refused_by("a_customer_is_named_plainly"):
        forge_as_sql(treasury, customer=customer)


@pytest.mark.parametrize("fingerprint", ["", "c" * 63, "C" * 64, "canary-api-key"])
def test_a_key_is_known_by_its_fingerprint(treasury: Account, fingerprint: str) -> None:
    with refused_by("a_key_is_known_by_its_fingerprint"):
        forge_as_sql(treasury, key_fingerprint=fingerprint)


def test_one_key_has_one_name(treasury: Account, merchant: Account) -> None:
    with refused_by("one_key_has_one_name"):
        forge_as_sql(treasury, key_fingerprint=merchant.key_fingerprint)


def forge_as_sql(account: Account, **columns: Any) -> None:
    """A new account with these columns: one that is founded is not compared with anything."""
    plain = {name: getattr(account, name) for name in ("provider", "kinds", "takes_remark", "host", "customer")}
    rest = {"can_look_up": False, "resend_allowed": False, "quiet_because": "", "not_executed_in_a_row": 0}
    insert(
        "account",
        **{"name": "another", "key_fingerprint": "d" * 64, "created_at": timezone.now()} | plain | rest | columns,
    )


@pytest.mark.parametrize(
    "columns",
    [{"host": "https://elsewhere"}, {"customer": "2"}, NEW, {"customer_since": "2026-01-01T00:00:00Z"}],
    ids=str,
)
def test_nobody_changes_who_it_is_by_hand(treasury: Account, change: IdentityChange, columns: dict[str, str]) -> None:
    with refused_by("an_identity_is_decided_by_two"):
        update(treasury, **columns)


def test_an_account_keeps_its_provider(treasury: Account) -> None:
    with refused_by("an_account_keeps_its_provider"):
        update(treasury, provider="swapspace")


def test_one_yes_changes_nothing(cast: Cast, treasury: Account, change: IdentityChange) -> None:
    say_yes(change.proposal, cast.administrator)
    with refused_by("an_identity_is_decided_by_two"):
        update(treasury, **NEW)


def test_what_two_carried_changes_it_to_exactly_that_and_once(
    cast: Cast, treasury: Account, merchant: Account, change: IdentityChange
) -> None:
    carry(change.proposal, cast.administrator, cast.second_administrator)
    with refused_by("an_identity_is_decided_by_two"):
        update(treasury, key_fingerprint="d" * 64)
    with refused_by("an_identity_is_decided_by_two"):
        update(treasury, **NEW, host="https://elsewhere")
    with refused_by("an_identity_is_decided_by_two"):
        update(merchant, **NEW)
    before = treasury.key_fingerprint
    update(treasury, **NEW)
    change.refresh_from_db()
    assert change.accepted_at is not None
    forge(treasury, key_fingerprint=before)
    with refused_by("an_identity_is_decided_by_two"):
        update(treasury, **NEW)


def test_another_customer_begins_now(cast: Cast, treasury: Account) -> None:
    change = put(treasury, same_customer=False)
    carry(change.proposal, cast.administrator, cast.second_administrator)
    for since in (None, "2026-01-01T00:00:00Z"):
        with refused_by("another_customer_begins_now"):
            update(treasury, **NEW, customer_since=since)
    update(treasury, **NEW, customer_since=timezone.now())


def test_the_same_customer_does_not_begin(cast: Cast, treasury: Account, change: IdentityChange) -> None:
    carry(change.proposal, cast.administrator, cast.second_administrator)
    with refused_by("another_customer_begins_now"):
        update(treasury, **NEW, customer_since=timezone.now())


# -- the change --


def test_a_change_starts_undecided(treasury: Account) -> None:
    with refused_by("a_change_starts_open"):
        put(treasury, accepted_at=timezone.now())


def test_a_change_has_its_own_proposal(cast: Cast, treasury: Account, change: IdentityChange) -> None:
    with refused_by("a_thing_has_its_own_proposal"):
        put(treasury, proposal_id=change.proposal_id)


@pytest.mark.parametrize(
    "columns",
    [{"key_fingerprint": "d" * 64}, {"same_customer": False}, {"host": "https://a"}, {"key_before": "d" * 64}],
    ids=str,
)
def test_what_was_proposed_never_changes(change: IdentityChange, columns: dict[str, Any]) -> None:
    with refused_by("a_proposed_change_never_changes"):
        update(change, **columns)


def test_what_was_accepted_never_changes(change: IdentityChange) -> None:
    update(change, accepted_at=timezone.now())
    with refused_by("a_proposed_change_never_changes"):
        update(change, accepted_at=None)


def test_changes_are_never_deleted(change: IdentityChange) -> None:
    with refused_by("changes_are_never_deleted"):
        delete(change)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("changes_are_never_deleted"):
        truncate("identitychange")


# -- as a proposal --


@pytest.mark.parametrize("terms", [{"needed": 1}, {"roles": ["Approvers"]}, {"act": "release"}], ids=str)
def test_two_administrators_decide_it(treasury: Account, terms: dict[str, Any]) -> None:
    row = proposal_row("identity", "7", {}, None, **terms)
    with refused_by("terms_are_those_of_the_kind"):
        insert("proposal", **row)


def test_it_is_proposed_once(change: IdentityChange) -> None:
    with refused_by("a_thing_is_proposed_once"):
        proposed("identity", str(change.pk), {}, None)


def test_nobody_accepts_a_change_of_something_else_than_there_is(
    cast: Cast, treasury: Account, change: IdentityChange
) -> None:
    forge(treasury, host="https://elsewhere")
    with refused_by("what_is_approved_is_what_the_rows_say"):
        say_yes(change.proposal, cast.administrator)


def test_a_change_is_accepted_once(cast: Cast, change: IdentityChange) -> None:
    update(change, accepted_at=timezone.now())
    with refused_by("a_change_is_accepted_once"):
        say_yes(change.proposal, cast.administrator)


# -- calls --


def test_a_call_is_signed_with_the_accounts_key(cast: Cast, payee: Address, merchant: Account) -> None:
    withdrawal = approved(cast, payee)
    update(withdrawal, status="submitting")
    for key in (merchant.key_fingerprint, "d" * 64, ""):
        with refused_by("a_call_is_signed_with_the_accounts_key"):
            insert("submission", **submission_row(withdrawal, key_fingerprint=key))
    insert("submission", **submission_row(withdrawal))


def test_the_key_of_a_call_never_changes(cast: Cast, payee: Address) -> None:
    call = called(approved(cast, payee))
    with refused_by("what_was_sent_never_changes"):
        update(call, key_fingerprint="d" * 64)


def test_nothing_is_sent_again_for_another_customer(cast: Cast, payee: Address) -> None:
    lost: Withdrawal = unknown(cast, payee)
    looked_twice(lost)
    forge(lost.account, customer_since=timezone.now())
    with refused_by("all_calls_are_of_one_customer"):
        insert("submission", **resend_row(lost))


def test_nothing_is_tried_again_for_another_customer(cast: Cast, payee: Address) -> None:
    tried = approved(cast, payee)
    called(tried, outcome="not_executed")
    update(tried, status="approved")
    update(tried, status="submitting")
    forge(tried.account, customer_since=timezone.now())
    with refused_by("all_calls_are_of_one_customer"):
        insert("submission", **submission_row(tried, number=2))


@pytest.mark.parametrize("status", ["awaiting_approval", "approved"])
def test_an_account_becomes_no_other_customers_while_something_is_open(
    status: str, cast: Cast, payee: Address, treasury: Account
) -> None:
    asked = approved(cast, payee)
    forge(asked, status=status)
    change = put(treasury, same_customer=False)
    carry(change.proposal, cast.administrator, cast.second_administrator)
    with refused_by("what_is_open_ends_with_its_customer"):
        update(treasury, **NEW, customer_since=timezone.now())
    forge(asked, status="expired")
    update(treasury, **NEW, customer_since=timezone.now())


def test_another_key_of_the_same_customer_leaves_what_is_open(
    cast: Cast, payee: Address, treasury: Account, change: IdentityChange
) -> None:
    approved(cast, payee)
    carry(change.proposal, cast.administrator, cast.second_administrator)
    update(treasury, **NEW)
