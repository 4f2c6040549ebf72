"""Signing a day off: by whom, of what, when, once; at policy, at workflow and at the database."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.canonical import canonical
from payouts.domain.days.reading import TOO_YOUNG
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act, Role
from payouts.models import (
    Account,
    Address,
    Orphan,
    Resolution,
    ResolutionLine,
    SignOff,
    Withdrawal,
)
from payouts.workflow.days import review
from payouts.workflow.days.compared import was_compared
from payouts.workflow.days.day import participants, statement_of
from payouts.workflow.days.sign_off import day_now, sign_off
from payouts.workflow.unknown.records import note
from tests.props.cast import Cast, person_with
from tests.props.days import at, compared, covering, days_ago, record_of, sent, stranger
from tests.props.decisions import proof_of
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.rows import resolution_row, sign_off_row
from tests.props.rows.sql import insert, refused_by
from tests.props.trail import objected, told

BY = Worker("tests")
DAY = days_ago(3)
NOON = at(DAY)


@pytest.fixture
def settled(cast: Cast, payee: Address, treasury: Account) -> Withdrawal:
    """A day with one withdrawal and its record, compared."""
    compared(treasury)
    it = sent(cast, payee, NOON, provider_id="10195")
    note(treasury, [record_of(it)], by=BY)
    review.review(treasury, DAY, by=BY)
    return it


def sign(account: Account, by: User, *, shown: str = "") -> SignOff:
    """Sign what the page shows now, or showed."""
    shown = shown or day_now(account, DAY).digest
    return sign_off(account, DAY, shown_digest=shown, proof=proof_of(by, Act.SIGN_OFF, shown), by=by)


def test_somebody_who_took_no_part_signs_what_the_page_showed(
    cast: Cast, settled: Withdrawal, treasury: Account
) -> None:
    shown, statement = day_now(treasury, DAY).digest, statement_of(treasury, DAY)
    with told() as events:
        signed = sign(treasury, cast.auditor)
    kept = signed.proposal
    assert (kept.digest, kept.state, kept.decided_by) == (shown, State.CARRIED, cast.auditor)
    assert json.loads(kept.content)["statement"] == json.loads(canonical(asdict(statement)))
    assert signed.day == DAY
    assert [event.event for event in events] == [Event.DAY_SIGNED_OFF]
    assert events[0].facts["digest"] == shown


def test_a_third_approver_may_sign(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    assert sign(treasury, cast.third_approver).pk


def test_only_auditors_and_approvers_sign(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    for user in (cast.second_requester, cast.keeper, cast.administrator, cast.outsider, cast.superuser):
        with objected("no_role", Event.REVIEW_OBJECTED, by=user):
            sign_off(treasury, DAY, shown_digest="x", proof=None, by=user)


def test_a_day_is_signed_once(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    sign(treasury, cast.auditor)
    shown = day_now(treasury, DAY).digest
    with objected("signed_already", Event.REVIEW_OBJECTED, by=cast.third_approver):
        sign_off(treasury, DAY, shown_digest=shown, proof=None, by=cast.third_approver)


def test_a_code_is_needed_for_exactly_this_day(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    shown = day_now(treasury, DAY).digest
    other = day_now(treasury, days_ago(4)).digest
    wrong = [
        None,
        proof_of(cast.auditor, Act.SIGN_OFF, other),
        proof_of(cast.auditor, Act.APPROVE, shown),
        proof_of(cast.third_approver, Act.SIGN_OFF, shown),
    ]
    for proof in wrong:
        with objected("no_proof", Event.REVIEW_OBJECTED, by=cast.auditor):
            sign_off(treasury, DAY, shown_digest=shown, proof=proof, by=cast.auditor)


def test_what_changed_since_the_page_is_not_signed(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    shown = day_now(treasury, DAY).digest
    note(treasury, [stranger(NOON)], by=BY)
    review.review(treasury, DAY, by=BY)
    review.close_orphan(Orphan.objects.get().pk, reason="Made by hand, see ticket 7", by=cast.first_approver)
    proof = proof_of(cast.auditor, Act.SIGN_OFF, shown)
    with objected("stale_page", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(treasury, DAY, shown_digest=shown, proof=proof, by=cast.auditor)


def test_orphans_are_explained_first(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    note(treasury, [stranger(NOON)], by=BY)
    review.review(treasury, DAY, by=BY)
    shown = day_now(treasury, DAY).digest
    with objected("open_orphans", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(treasury, DAY, shown_digest=shown, proof=None, by=cast.auditor)
    with refused_by("orphans_are_explained_before_signing"):
        by_hand(treasury, cast.auditor)
    review.close_orphan(Orphan.objects.get().pk, reason="Made by hand, see ticket 7", by=cast.first_approver)
    assert sign(treasury, cast.auditor).pk


@pytest.mark.parametrize("status", ["submitting", "unknown", "submitted"])
def test_a_day_with_something_undecided_is_not_signed(
    status: str, cast: Cast, payee: Address, treasury: Account
) -> None:
    compared(treasury)
    sent(cast, payee, NOON, status=status)
    shown = day_now(treasury, DAY).digest
    with objected("unsettled", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(treasury, DAY, shown_digest=shown, proof=None, by=cast.auditor)


def test_a_day_that_is_not_over_is_not_signed(cast: Cast, treasury: Account) -> None:
    today = days_ago(0)
    shown = day_now(treasury, today).digest
    with objected("not_over", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(treasury, today, shown_digest=shown, proof=None, by=cast.auditor)


# -- compared with what the provider recorded --


@pytest.fixture
def midnight() -> datetime:
    """The moment at which the day ends."""
    return at(DAY + timedelta(days=1), "00:00")


def test_a_day_waits_for_a_review_that_read_all_of_it(
    cast: Cast, settled: Withdrawal, treasury: Account, midnight: datetime
) -> None:
    compared(treasury, midnight - timedelta(seconds=1))
    shown = day_now(treasury, DAY).digest
    with objected("not_compared", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(treasury, DAY, shown_digest=shown, proof=None, by=cast.auditor)
    compared(treasury, midnight)
    assert sign(treasury, cast.auditor).pk


def test_a_day_without_a_review_was_not_compared(treasury: Account, midnight: datetime) -> None:
    forge(compared(treasury), reviewed_until=None)
    assert not was_compared(treasury, DAY)
    assert was_compared(compared(treasury), DAY)


def test_a_day_before_the_account_was_set_up_was_not_compared(treasury: Account, midnight: datetime) -> None:
    forge(compared(treasury), created_at=midnight)
    assert not was_compared(treasury, DAY)
    forge(treasury, created_at=midnight - timedelta(seconds=1))
    assert was_compared(treasury, DAY)


def test_without_look_ups_a_day_waits_for_a_statement_of_it_even_if_nothing_was_sent(
    cast: Cast, merchant: Account
) -> None:
    compared(merchant)  # a review has nothing to read there
    shown = day_now(merchant, DAY).digest
    with objected("not_compared", Event.REVIEW_OBJECTED, by=cast.auditor):
        sign_off(merchant, DAY, shown_digest=shown, proof=None, by=cast.auditor)
    covering(merchant, cast.requester, DAY)
    assert sign(merchant, cast.auditor).pk


def test_statements_cover_a_day_together_and_without_a_gap(cast: Cast, merchant: Account, midnight: datetime) -> None:
    morning, evening = (covering(merchant, cast.requester, DAY) for _ in range(2))
    forge(morning, until=NOON - timedelta(minutes=1))
    forge(evening, since=NOON)
    assert not was_compared(merchant, DAY)
    forge(morning, until=NOON)
    assert was_compared(merchant, DAY)


def test_another_accounts_or_days_statement_covers_nothing(cast: Cast, merchant: Account, treasury: Account) -> None:
    covering(treasury, cast.requester, DAY)
    covering(merchant, cast.requester, days_ago(2))
    covering(merchant, cast.requester, days_ago(4))
    assert not was_compared(merchant, DAY)


def test_a_statement_tells_nothing_of_what_was_on_its_way_when_it_was_added(
    cast: Cast, merchant: Account, midnight: datetime
) -> None:
    statement = covering(merchant, cast.requester, DAY)
    forge(statement, added_at=midnight + TOO_YOUNG - timedelta(seconds=2))
    assert not was_compared(merchant, DAY)
    forge(statement, added_at=midnight + TOO_YOUNG)
    assert was_compared(merchant, DAY)


def test_a_note_is_plain_words(cast: Cast, settled: Withdrawal, treasury: Account) -> None:
    with pytest.raises(InvalidValue):
        sign_off(treasury, DAY, shown_digest="x", note="\u202e", proof=None, by=cast.auditor)


# -- neither maker nor checker --

Part = Callable[[Cast, Withdrawal, User], None]


def _asks(cast: Cast, it: Withdrawal, user: User) -> None:
    asked = sent(cast, it.address, NOON - timedelta(days=1), by=user, status="rejected")
    with guards_off():
        asked.submissions.all().delete()
        asked.proposal.approvals.all().delete()
    forge(asked, requested_at=NOON)


def _asked_for_what_was_sent(cast: Cast, it: Withdrawal, user: User) -> None:
    other = sent(cast, it.address, NOON, by=user, provider_id="10196")
    note(it.account, [record_of(other)], by=BY)
    forge(other, requested_at=NOON - timedelta(days=1))


def _approves(cast: Cast, it: Withdrawal, user: User) -> None:
    old = sent(cast, it.address, NOON - timedelta(days=1), provider_id="10197")
    _yes(old, user, NOON)


def _approved_what_was_sent(cast: Cast, it: Withdrawal, user: User) -> None:
    _yes(it, user, NOON - timedelta(days=1))


def _yes(it: Withdrawal, user: User, moment: datetime) -> None:
    with guards_off():
        it.proposal.approvals.create(
            approver=user,
            digest=it.proposal.digest,
            proof=proof_of(user, Act.APPROVE, it.proposal.digest),
            approved_at=moment,
        )


def _resolution(it: Withdrawal, proposed_by: User, **decision: object) -> None:
    said = proposed_by_hand(it, proposed_by)
    forge(said.proposal, state="rejected", decided_because="Not ours", **({"decided_at": timezone.now()} | decision))


def proposed_by_hand(it: Withdrawal, by: User) -> Resolution:
    """A finding of this withdrawal, past every guard."""
    with guards_off():
        row = resolution_row(by)
        insert("resolution", **row)
        said = Resolution.objects.get(pk=row["id"])
        ResolutionLine.objects.create(resolution=said, withdrawal=it, found_as="0x1", is_open=False)
    return said


def _proposed_its_resolution(cast: Cast, it: Withdrawal, user: User) -> None:
    _resolution(it, user, decided_by=cast.second_requester)


def _decided_its_resolution(cast: Cast, it: Withdrawal, user: User) -> None:
    _resolution(it, cast.second_requester, decided_by=user)


def _decided_on_that_day(cast: Cast, it: Withdrawal, user: User) -> None:
    old = sent(cast, it.address, NOON - timedelta(days=1), provider_id="10197")
    _resolution(old, cast.second_requester, decided_by=user, decided_at=NOON)


def _uploaded(cast: Cast, it: Withdrawal, user: User) -> None:
    covering(it.account, user, DAY)


def _explained(cast: Cast, it: Withdrawal, user: User) -> None:
    note(it.account, [stranger(NOON)], by=BY)
    review.review(it.account, DAY, by=BY)
    review.close_orphan(Orphan.objects.get().pk, reason="Made by hand", by=user)


PARTS: list[Part] = [
    _asks, _asked_for_what_was_sent, _approves, _approved_what_was_sent, _proposed_its_resolution,
    _decided_its_resolution, _decided_on_that_day, _uploaded, _explained,
]  # fmt: skip


def by_hand(account: Account, by: User, day: date = DAY) -> None:
    """A sign-off past every page."""
    insert("signoff", **sign_off_row(account, by, day=day))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.strip("_"))
def test_whoever_took_part_in_the_day_does_not_sign_it(
    part: Part, cast: Cast, settled: Withdrawal, treasury: Account
) -> None:
    user = person_with("everything", Role.REQUESTER, Role.APPROVER, Role.AUDITOR)
    assert user.pk not in participants(treasury, DAY)
    part(cast, settled, user)
    assert user.pk in participants(treasury, DAY)
    shown = day_now(treasury, DAY).digest
    proof = proof_of(user, Act.SIGN_OFF, shown)
    with objected("took_part", Event.REVIEW_OBJECTED, by=user):
        sign_off(treasury, DAY, shown_digest=shown, proof=proof, by=user)
    with refused_by("signed_by_neither_maker_nor_checker"):
        by_hand(treasury, user)


def test_a_part_in_another_day_or_account_does_not_matter(
    cast: Cast, settled: Withdrawal, chain_payee: Address, treasury: Account
) -> None:
    cast.auditor.groups.add(Group.objects.get(name=Role.REQUESTER))
    sent(cast, chain_payee, NOON, by=cast.auditor)
    sent(cast, settled.address, NOON - timedelta(days=1), by=cast.auditor)
    sent(cast, settled.address, at(DAY + timedelta(days=1), "00:00"), by=cast.auditor, amount=settled.amount * 2)
    assert sign(treasury, cast.auditor).pk


def test_the_database_signs_no_day_that_is_not_over(cast: Cast, treasury: Account) -> None:
    with refused_by("a_day_is_signed_when_it_is_over"):
        by_hand(treasury, cast.auditor, days_ago(0))
