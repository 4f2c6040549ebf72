"""Raw SQL against reviews: evidence is kept, orphans are explained once, a day is signed by somebody uninvolved."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.models import (
    Account,
    Address,
    Approval,
    Evidence,
    Orphan,
    Proposal,
    ProviderRecord,
    Resolution,
    SignOff,
    Statement,
)
from tests.props.cast import Cast, raised
from tests.props.rows.decisions import carry, proposed
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.rows import (
    accepted,
    day_proposed,
    evidence_row,
    line_row,
    orphan_row,
    record_row,
    resolution_row,
    sign_off_row,
    statement_row,
    unknown,
    yesterday,
)
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

NOW = timezone.now()
EARLIER = datetime.combine(yesterday(), datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)
LONG_AGO = EARLIER - timedelta(days=9)
DAY = timedelta(days=1)


# -- evidence and statements --


@pytest.mark.parametrize("changes", [{"sha256": "0" * 64}, {"content": b"%PDF-1.8"}, {"size": 9}])
def test_evidence_is_what_its_hash_says(cast: Cast, changes: dict[str, Any]) -> None:
    insert("evidence", **evidence_row(cast.requester))
    with refused_by("evidence_is_what_its_hash_says"):
        insert("evidence", **evidence_row(cast.requester, **changes))


@pytest.mark.parametrize("size", [0, 5 * 1024 * 1024 + 1])
def test_evidence_is_of_a_size(cast: Cast, size: int) -> None:
    with guards_off(), refused_by("evidence_is_of_a_size"):
        insert("evidence", **evidence_row(cast.requester, size=size))


def test_a_statement_covers_a_time(cast: Cast, treasury: Account) -> None:
    file = evidence_row(cast.requester)
    insert("evidence", **file)
    with refused_by("statement_covers_a_time"):
        insert("statement", **statement_row(treasury, cast.requester, file, until=NOW - timedelta(days=2)))


def test_evidence_and_statements_never_change(cast: Cast, treasury: Account) -> None:
    file = evidence_row(cast.requester)
    insert("evidence", **file)
    insert("statement", **statement_row(treasury, cast.requester, file))
    evidence, statement = Evidence.objects.get(), Statement.objects.get()
    with refused_by("evidence_never_changes"):
        update(evidence, content=b"other")
    with refused_by("evidence_never_changes"):
        delete(evidence)
    with refused_by("statements_never_change"):
        update(statement, since=LONG_AGO)
    with refused_by("statements_never_change"):
        delete(statement)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("statements_never_change"):
        truncate("statement")
    execute("ALTER TABLE payouts_statement DISABLE TRIGGER USER")
    with refused_by("evidence_never_changes"):
        truncate("evidence")


# -- orphans --


@pytest.fixture
def orphan(cast: Cast, payee: Address) -> Orphan:
    """A withdrawal of the requester, without a record."""
    insert("orphan", **orphan_row(payee.account, withdrawal_id=accepted(cast, payee).pk))
    return Orphan.objects.get()


def explained(by: User, **changes: Any) -> dict[str, Any]:
    return {"closed_at": NOW, "closed_by_id": by.pk, "closed_because": "It came late"} | changes


def test_an_orphan_starts_open(cast: Cast, payee: Address) -> None:
    row = orphan_row(payee.account, withdrawal_id=accepted(cast, payee).pk)
    with refused_by("an_orphan_starts_open"):
        insert("orphan", **row | explained(cast.first_approver))


def test_an_orphan_is_of_something_and_of_a_known_kind(orphan: Orphan) -> None:
    with refused_by("orphan_is_of_something"):
        insert("orphan", **orphan_row(orphan.account))
    with refused_by("orphan_kind_is_known"):
        insert("orphan", **orphan_row(orphan.account, kind="strange", withdrawal_id=orphan.withdrawal_id))


def test_what_has_no_partner_is_found_once(orphan: Orphan) -> None:
    with refused_by("one_orphan_per_withdrawal"):
        insert("orphan", **orphan_row(orphan.account, withdrawal_id=orphan.withdrawal_id))
    insert("providerrecord", **record_row(orphan.account))
    row = {"kind": "record_without_withdrawal", "record_id": ProviderRecord.objects.get().pk}
    insert("orphan", **orphan_row(orphan.account, **row))
    with refused_by("one_orphan_per_record"):
        insert("orphan", **orphan_row(orphan.account, **row))


def test_what_closed_may_be_found_again_beside_its_closed_row(cast: Cast, orphan: Orphan) -> None:
    insert("providerrecord", **record_row(orphan.account))
    record = {"kind": "record_without_withdrawal", "record_id": ProviderRecord.objects.get().pk}
    insert("orphan", **orphan_row(orphan.account, **record))
    again = {
        "one_orphan_per_withdrawal": orphan_row(orphan.account, withdrawal_id=orphan.withdrawal_id),
        "one_orphan_per_record": orphan_row(orphan.account, **record),
    }
    for first in Orphan.objects.all():
        update(first, **explained(cast.first_approver))
    for constraint, row in again.items():
        insert("orphan", **row)
        with refused_by(constraint):
            insert("orphan", **row)


def test_a_closed_orphan_says_why(cast: Cast, orphan: Orphan) -> None:
    with refused_by("closed_orphan_says_why"):
        update(orphan, **explained(cast.first_approver, closed_because=""))


def test_nobody_explains_their_own_request(cast: Cast, orphan: Orphan) -> None:
    with refused_by("nobody_explains_their_own_request"):
        update(orphan, **explained(cast.requester))
    update(orphan, **explained(cast.first_approver))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("day", LONG_AGO.date()),
        ("kind", "differs"),
        ("what", "Nothing"),
        ("found_at", LONG_AGO),
        ("withdrawal_id", None),
        ("account_id", 0),
    ],
)
def test_what_was_found_never_changes(orphan: Orphan, column: str, value: Any) -> None:
    with refused_by("an_orphan_is_closed_once"):
        update(orphan, **{column: value})


def test_an_orphan_is_closed_once(cast: Cast, orphan: Orphan) -> None:
    update(orphan, **explained(cast.first_approver))
    for columns in ({"closed_at": None}, {"closed_because": "Other"}, {"closed_by_id": cast.second_approver.pk}):
        with refused_by("an_orphan_is_closed_once"):
            update(orphan, **columns)


def test_orphans_are_never_deleted(orphan: Orphan) -> None:
    with refused_by("orphans_are_never_deleted"):
        delete(orphan)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("orphans_are_never_deleted"):
        truncate("orphan")


# -- sign-offs --


def test_a_day_is_signed_once(cast: Cast, treasury: Account, merchant: Account) -> None:
    insert("signoff", **sign_off_row(treasury, cast.auditor))
    insert("signoff", **sign_off_row(merchant, cast.auditor))
    with refused_by("a_thing_is_proposed_once"):
        sign_off_row(treasury, cast.third_approver)
    another = sign_off_row(treasury, cast.third_approver, day=LONG_AGO.date())["proposal_id"]
    with guards_off(), refused_by("one_sign_off_per_day"):
        insert("signoff", account_id=treasury.pk, day=yesterday(), proposal_id=another)


@pytest.mark.parametrize("subject", ["{}:{}x", "0{}:{}", "{}: {}", "{}", "treasury:{1}", "-{}:{}", "{}:1 March 2026"])
def test_a_sign_off_names_an_account_and_a_day_in_one_way(treasury: Account, subject: str) -> None:
    with refused_by("a_sign_off_names_a_day"):
        proposed("sign_off", subject.format(treasury.pk, yesterday()), {"statement": {}}, None)


def test_what_is_signed_is_the_statement_of_that_day_and_account(treasury: Account, merchant: Account) -> None:
    sound = {"account": treasury.name, "day": str(yesterday())}
    wrong: list[Any] = [{}, None, [], sound | {"day": str(LONG_AGO.date())}, sound | {"account": merchant.name}]
    for statement in wrong:
        with refused_by("what_is_signed_is_the_statement"):
            proposed("sign_off", f"{treasury.pk}:{yesterday()}", {"statement": statement}, None)
    with refused_by("what_is_signed_is_the_statement"):
        proposed("sign_off", f"987654321:{yesterday()}", {"statement": sound}, None)


def test_a_sign_off_has_its_own_days_proposal_and_a_carried_one(
    cast: Cast, treasury: Account, merchant: Account
) -> None:
    row, elsewhere = sign_off_row(treasury, cast.auditor), sign_off_row(merchant, cast.auditor)
    earlier = sign_off_row(treasury, cast.auditor, day=LONG_AGO.date())
    for other in (elsewhere, earlier, {"proposal_id": day_proposed(treasury, EARLIER.date() - DAY).pk}):
        with refused_by("a_thing_has_its_own_proposal"):
            insert("signoff", **row | {"proposal_id": other["proposal_id"]})
    forge(Proposal.objects.get(pk=row["proposal_id"]), state="open", decided_at=None)
    with refused_by("a_thing_has_its_own_proposal"):
        insert("signoff", **row)


def test_a_day_is_the_same_day_in_every_style_of_dates(cast: Cast, treasury: Account) -> None:
    """The second of January is no first of February, whatever the session says."""
    row = sign_off_row(treasury, cast.auditor, day=date(2026, 1, 2))
    execute("SET LOCAL datestyle = 'SQL, DMY'")
    with refused_by("a_thing_has_its_own_proposal"):
        insert("signoff", **row | {"day": date(2026, 2, 1)})
    insert("signoff", **row)


def test_what_happened_since_its_proposal_was_carried_keeps_a_day_from_being_signed(cast: Cast, orphan: Orphan) -> None:
    update(orphan, **explained(cast.first_approver))
    row = sign_off_row(orphan.account, cast.auditor)
    forge(orphan, closed_at=None)
    with refused_by("orphans_are_explained_before_signing"):
        insert("signoff", **row)
    forge(orphan, closed_at=NOW, closed_by=cast.auditor)
    with refused_by("signed_by_neither_maker_nor_checker"):
        insert("signoff", **row)


@pytest.mark.parametrize("days", [0, 1])
def test_a_day_is_signed_when_it_is_over(cast: Cast, treasury: Account, days: int) -> None:
    with refused_by("a_day_is_signed_when_it_is_over"):
        insert("signoff", **sign_off_row(treasury, cast.auditor, day=datetime.now(UTC).date() + timedelta(days=days)))


def test_what_has_no_partner_is_explained_before_the_day_is_signed(cast: Cast, orphan: Orphan) -> None:
    with refused_by("orphans_are_explained_before_signing"):
        insert("signoff", **sign_off_row(orphan.account, cast.auditor))
    update(orphan, **explained(cast.first_approver))
    insert("signoff", **sign_off_row(orphan.account, cast.auditor))


@pytest.mark.parametrize("name", ["requester", "first_approver", "second_approver"])
def test_whoever_asked_for_or_approved_what_was_sent_that_day_does_not_sign_it(
    cast: Cast, payee: Address, name: str
) -> None:
    sent = accepted(cast, payee)
    with guards_off():
        Approval.objects.update(approved_at=LONG_AGO)
    forge(sent, requested_at=LONG_AGO)
    insert("signoff", **sign_off_row(payee.account, cast.auditor, day=LONG_AGO.date() - timedelta(days=1)))
    forge(sent.submissions.get(), claimed_at=EARLIER)
    with refused_by("signed_by_neither_maker_nor_checker"):
        insert("signoff", **sign_off_row(payee.account, getattr(cast, name)))


def test_whoever_asked_or_approved_on_that_day_does_not_sign_it(cast: Cast, payee: Address) -> None:
    sent = accepted(cast, payee)
    for part, column, by in (
        (sent, "requested_at", cast.requester),
        (sent.proposal.approvals.earliest("id"), "approved_at", cast.first_approver),
    ):
        forge(part, **{column: EARLIER})
        with refused_by("signed_by_neither_maker_nor_checker"):
            insert("signoff", **sign_off_row(payee.account, by))


def test_whoever_resolved_on_that_day_does_not_sign_it(cast: Cast, payee: Address) -> None:
    lost = unknown(cast, payee)
    row = resolution_row(cast.third_approver, lost)
    insert("resolution", **row)
    insert("resolutionline", **line_row(row, lost))
    resolution = Resolution.objects.get()
    for found, decided in (
        ({"proposed_at": EARLIER}, {}),
        (
            {"proposed_at": LONG_AGO, "proposed_by": cast.requester},
            {"decided_at": EARLIER, "decided_by": cast.third_approver},
        ),
    ):
        forge(resolution, **found)
        forge(resolution.proposal, **decided, state="rejected" if decided else "open", decided_because="No")
        with refused_by("signed_by_neither_maker_nor_checker"):
            insert("signoff", **sign_off_row(payee.account, cast.third_approver))


@pytest.mark.parametrize("needed", [1, 2])
def test_whoever_confirmed_what_became_of_a_payment_of_that_day_does_not_sign_it(
    cast: Cast, payee: Address, needed: int
) -> None:
    lost = unknown(cast, payee)
    forge(lost.submissions.get(), claimed_at=EARLIER)
    row = resolution_row(cast.first_approver, lost)
    insert("resolution", **row)
    insert("resolutionline", **line_row(row, lost))
    proposal = Resolution.objects.get().proposal
    forge(proposal, needed=needed)
    carry(proposal, cast.third_approver, *[cast.second_approver][: needed - 1])
    with refused_by("signed_by_neither_maker_nor_checker"):
        insert("signoff", **sign_off_row(payee.account, cast.third_approver))


def test_whoever_explained_or_told_us_of_that_day_does_not_sign_it(
    cast: Cast, orphan: Orphan, merchant: Account
) -> None:
    update(orphan, **explained(cast.third_approver))
    with refused_by("signed_by_neither_maker_nor_checker"):
        insert("signoff", **sign_off_row(orphan.account, cast.third_approver))
    file = evidence_row(cast.third_approver)
    insert("evidence", **file)
    insert("statement", **statement_row(merchant, cast.third_approver, file))
    with refused_by("signed_by_neither_maker_nor_checker"):
        insert("signoff", **sign_off_row(merchant, cast.third_approver))


@pytest.mark.parametrize("columns", [{"outcome": "not_executed"}, {"is_resend": True}])
def test_a_call_that_sent_nothing_or_repeated_another_makes_nobody_a_maker_of_its_day(
    cast: Cast, payee: Address, columns: dict[str, Any]
) -> None:
    sent = accepted(cast, payee)
    forge(sent.submissions.get(), claimed_at=EARLIER, **columns)
    insert("signoff", **sign_off_row(payee.account, cast.first_approver))


def test_another_days_makers_and_another_accounts_sign(cast: Cast, payee: Address, merchant: Account) -> None:
    raised(cast, payee)
    accepted(cast, payee, amount=Decimal("7"))
    insert("signoff", **sign_off_row(payee.account, cast.first_approver))
    insert("signoff", **sign_off_row(merchant, cast.second_approver))


def test_sign_offs_never_change(cast: Cast, treasury: Account) -> None:
    insert("signoff", **sign_off_row(treasury, cast.auditor))
    signed = SignOff.objects.get()
    other = day_proposed(treasury, LONG_AGO.date())
    for columns in ({"day": LONG_AGO.date()}, {"id": 10**6}, {"proposal_id": other.pk}):
        with refused_by("sign_offs_never_change"):
            update(signed, **columns)
    with refused_by("sign_offs_never_change"):
        delete(signed)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("sign_offs_never_change"):
        truncate("signoff")
