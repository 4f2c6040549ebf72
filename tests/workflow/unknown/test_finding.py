"""Findings: what one person may say became of withdrawals, by which evidence, and what the provider has against it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act
from payouts.domain.sending.answer import Accepted, Answer, Exchange, Unknown
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Evidence, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.preview import fields_to_send
from payouts.workflow.decisions import deciding
from payouts.workflow.sending.answer import record_answer
from payouts.workflow.sending.submission import Claim
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import FindingLine
from payouts.workflow.withdrawals.transition import move
from tests.props import decisions
from tests.props.cast import Cast, approved
from tests.props.decisions import proof_of
from tests.props.findings import PICTURE, TRANSACTION, confirm, finding, lost, proposed, record_of, status_of
from tests.props.providers.doubles import EXCHANGE, PROMISES, UNKNOWN
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged
from tests.props.worker import claim, here

WORKER = Worker("worker")
DECIDED = [status for status in Status if status not in (Status.UNKNOWN, Status.SUBMITTED)]


# -- proposing --


def test_not_paid_is_not_said_before_the_provider_had_time_to_book_it(cast: Cast, payee: Address) -> None:
    it = approved(cast, payee)
    claimed = claim("treasury", fields=fields_to_send, here=here(), by=WORKER)
    assert isinstance(claimed, Claim)
    record_answer(claimed.submission, UNKNOWN, promises=PROMISES, by=WORKER)
    with unchanged(), pytest.raises(InvalidValue, match="may still be booked"):
        proposed(cast, it, verdict=Verdict.NOT_PAID)
    sent_at = claimed.submission.claimed_at
    forge(it.submissions.get(), claimed_at=timezone.now() - timedelta(minutes=15), answered_at=sent_at)
    assert proposed(cast, it, verdict=Verdict.NOT_PAID).proposal.state == State.OPEN


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "a_record_fits"),
        ({"amount": Decimal(3)}, None),
        ({"address": "99999999"}, None),
        ({"created_at": timezone.now() - timedelta(days=3)}, None),
        ({"status": RecordStatus.FAILED.value}, None),
        ({"last_seen_at": timezone.now() - timedelta(days=2)}, None),
    ],
    ids=["fits", "another amount", "another payee", "another day", "not paid either", "not listed any more"],
)
def test_not_paid_is_not_said_while_a_record_fits_that_nobody_looked_for_yet(
    cast: Cast, payee: Address, changes: dict[str, Any], said: str | None
) -> None:
    """The hourly review may have read it before the next look does."""
    it = _sent_and_lost(cast, payee)
    found = proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="")
    row = record_of(it, "20001", **({"created_at": it.submissions.get().claimed_at} | changes))
    forge(row, **{name: value for name, value in changes.items() if name == "last_seen_at"})
    if said is None:
        assert confirm(found, cast.first_approver).proposal.state == State.CARRIED
        return
    with pytest.raises(NotPermitted) as objected_to:
        confirm(found, cast.first_approver)
    assert objected_to.value.objection.code == said
    assert status_of(it) == Status.UNKNOWN
    deciding.reject(found.proposal_id, reason="A record fits it", by=cast.first_approver)
    with pytest.raises(InvalidValue, match="fits withdrawal"):
        proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="")


def test_of_a_failed_record_and_another_one_that_fit_people_decide(cast: Cast, payee: Address) -> None:
    """No look takes either up: with one of them in the way it would never end."""
    it = _sent_and_lost(cast, payee)
    sent_at = it.submissions.get().claimed_at
    record_of(it, "20001", created_at=sent_at, status=RecordStatus.FAILED.value)
    record_of(it, "20002", created_at=sent_at + timedelta(minutes=1))
    confirm(proposed(cast, it, verdict=Verdict.NOT_PAID, found_as=""), cast.first_approver)
    assert status_of(it) == Status.FAILED


def test_paid_is_said_by_another_record_than_the_one_that_was_taken_for_its_own(cast: Cast, payee: Address) -> None:
    """An equal payment made elsewhere was found to fit, and failed; ours came late. The provider never answered."""
    it = _sent_and_lost(cast, payee)
    sent_at = it.submissions.get().claimed_at
    taken = record_of(it, "20001", created_at=sent_at, status=RecordStatus.FAILED.value, withdrawal=it)
    move(it, Status.SUBMITTED, by=WORKER, provider_id="20001")
    record_of(it, "20002", created_at=sent_at + timedelta(minutes=1))
    with pytest.raises(InvalidValue, match="says: failed"):
        proposed(cast, it, found_as="20001")
    confirm(proposed(cast, it, found_as="20002"), cast.first_approver)
    assert (status_of(it), taken.withdrawal) == (Status.COMPLETED, it)


def test_what_the_provider_answered_is_not_paid_by_another_record(cast: Cast, payee: Address) -> None:
    it = _sent_and_lost(cast, payee, Accepted("20001", EXCHANGE))
    sent_at = it.submissions.get().claimed_at
    record_of(it, "20001", created_at=sent_at, status=RecordStatus.FAILED.value, withdrawal=it)
    record_of(it, "20002", created_at=sent_at)
    with pytest.raises(InvalidValue, match="says: failed"):
        proposed(cast, it, found_as="20002")


def _sent_and_lost(cast: Cast, payee: Address, answer: Answer = UNKNOWN) -> Withdrawal:
    """Its only call began twenty minutes ago, and nobody knows what became of it."""
    it = approved(cast, payee)
    claimed = claim("treasury", fields=fields_to_send, here=here(), by=WORKER)
    assert isinstance(claimed, Claim)
    record_answer(claimed.submission, answer, promises=PROMISES, by=WORKER)
    earlier = timezone.now() - timedelta(minutes=20)
    forge(it.submissions.get(), claimed_at=earlier, answered_at=earlier + timedelta(seconds=20))
    it.refresh_from_db()
    return it


def test_a_finding_is_kept_and_moves_nothing(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    with told() as events:
        found = proposed(cast, it, attachment=PICTURE)
    assert (found.verdict, found.proposal.state, found.proposed_by) == ("paid", State.OPEN, cast.second_requester)
    line = found.lines.get()
    assert (line.withdrawal, line.found_as, line.is_open) == (it, TRANSACTION[:-1] + "0", True)
    assert found.evidence
    assert bytes(found.evidence.content) == PICTURE.content
    assert status_of(it) == Status.UNKNOWN
    assert [event.event for event in events] == [Event.EVIDENCE_ADDED, Event.RESOLUTION_PROPOSED]
    assert events[1].facts["withdrawals"] == [it.reference]
    assert events[1].facts["evidence"] == found.evidence.sha256


@pytest.mark.parametrize("status", DECIDED)
def test_what_is_known_is_not_found_out(cast: Cast, payee: Address, status: Status) -> None:
    it = lost(cast, payee, status=status, error_code="10001")
    with objected("not_undecided", Event.RESOLUTION_OBJECTED, by=cast.second_requester):
        proposed(cast, it)


def test_nobody_finds_out_about_their_own_request(cast: Cast, payee: Address) -> None:
    mine, theirs = lost(cast, payee), lost(cast, payee, by=cast.second_requester)
    with objected("own_request", Event.RESOLUTION_OBJECTED, by=cast.second_requester):
        proposed(cast, mine, theirs)


@pytest.mark.parametrize("name", ["keeper", "auditor", "administrator", "outsider", "superuser"])
def test_only_people_who_pay_find_out(cast: Cast, payee: Address, name: str) -> None:
    stranger: User = getattr(cast, name)
    it = lost(cast, payee)
    with objected("no_role", Event.RESOLUTION_OBJECTED, by=stranger):
        proposed(cast, it, by=stranger)


def test_a_finding_that_is_sent_twice_is_one_finding(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    said = finding(it, attachment=PICTURE)
    resolution.propose(said, by=cast.second_requester)
    with objected("already_proposed", Event.RESOLUTION_OBJECTED, by=cast.second_requester):
        resolution.propose(said, by=cast.second_requester)
    assert Evidence.objects.count() == 1


def test_a_finding_is_about_one_account(cast: Cast, payee: Address, chain_payee: Address) -> None:
    both = lost(cast, payee), lost(cast, chain_payee)
    with objected("several_accounts", Event.RESOLUTION_OBJECTED, by=cast.second_requester):
        proposed(cast, *both)
    with objected("nothing_chosen", Event.RESOLUTION_OBJECTED, by=cast.second_requester):
        proposed(cast)


def test_a_withdrawal_that_is_not_there_is_not_found_out(cast: Cast, payee: Address) -> None:
    said = replace(finding(lost(cast, payee)), lines=(FindingLine(uuid4(), "10195"),))
    with unchanged(), pytest.raises(Withdrawal.DoesNotExist):
        resolution.propose(said, by=cast.second_requester)


@pytest.mark.parametrize(
    ("field", "code", "changes"),
    [
        ("found_as", "nothing_found", {"found_as": ""}),
        ("found_as", "names_no_payment", {"found_as": "yes"}),
        ("found_as", "names_no_payment", {"found_as": "Seen in the account's history"}),
        ("found_as", "outer_space", {"found_as": " 10195"}),
        ("where_looked", "too_short", {"where_looked": ""}),
        ("looked_at", "in_the_future", {"looked_at": timezone.now() + timedelta(days=1)}),
        ("note", "no_evidence", {"note": "not there"}),
        ("evidence", "wrong_type", {"attachment": replace(PICTURE, name="panel.exe")}),
    ],
)
def test_a_finding_needs_evidence(cast: Cast, payee: Address, field: str, code: str, changes: dict[str, Any]) -> None:
    it = lost(cast, payee)
    with unchanged(), pytest.raises(InvalidValue) as caught:
        proposed(cast, it, **changes)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_not_paid_needs_no_id(cast: Cast, payee: Address) -> None:
    assert proposed(cast, lost(cast, payee), verdict=Verdict.NOT_PAID, found_as="").lines.get().found_as == ""


def test_a_withdrawal_stands_in_a_finding_once(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    with unchanged(), pytest.raises(InvalidValue, match="twice"):
        proposed(cast, it, it)


def test_a_look_before_it_was_sent_proves_nothing(cast: Cast, payee: Address) -> None:
    it = approved(cast, payee)
    claimed = claim(it.account.name, fields=fields_to_send, here=here(it.account.name), by=WORKER)
    assert isinstance(claimed, Claim)
    record_answer(
        claimed.submission, Unknown("timeout", "No answer.", Exchange(None, 5, "")), promises=PROMISES, by=WORKER
    )
    with unchanged(), pytest.raises(InvalidValue, match="was sent later"):
        proposed(cast, it, looked_at=timezone.now() - timedelta(minutes=2))
    proposed(cast, it)


# -- one payment, one withdrawal --


def test_a_providers_id_is_of_one_withdrawal(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    lost(cast, payee, status="completed", provider_id="10195")
    record_of(it, "10196", withdrawal=lost(cast, payee, status="submitted"))
    for taken in ("10195", "10196"):
        with unchanged(), pytest.raises(InvalidValue) as caught:
            proposed(cast, it, found_as=taken)
        assert (caught.value.field, caught.value.code) == ("found_as", "found_elsewhere")
    proposed(cast, it, found_as="10197")


def test_one_transaction_does_not_pay_the_same_recipient_for_two(
    cast: Cast, payee: Address, chain_payee: Address
) -> None:
    first, second = lost(cast, chain_payee), lost(cast, chain_payee)
    with unchanged(), pytest.raises(InvalidValue, match="another withdrawal"):
        proposed(cast, first, second, found_as=TRANSACTION)
    confirm(proposed(cast, first, found_as=TRANSACTION), cast.first_approver)
    for spelling in (TRANSACTION, TRANSACTION.replace("ab", "AB")):
        with unchanged(), pytest.raises(InvalidValue, match="another withdrawal"):
            proposed(cast, second, found_as=spelling)


def test_a_place_in_a_statement_may_name_many(cast: Cast, chain_payee: Address) -> None:
    both = lost(cast, chain_payee, status="submitted"), lost(cast, chain_payee, status="submitted")
    confirm(proposed(cast, *both, found_as="Statement of March, page 3"), cast.first_approver)
    assert [status_of(each) for each in both] == ["completed", "completed"]
    assert {Withdrawal.objects.get(pk=each.pk).tx_id for each in both} == {""}


def test_what_the_provider_has_given_as_an_id_is_one_whatever_it_looks_like(cast: Cast, payee: Address) -> None:
    accepted = lost(cast, payee, status="submitted", provider_id="WD-77")
    listed = lost(cast, payee)
    record = record_of(listed, "WD-78")
    for it, given in ((accepted, "WD-77"), (listed, "WD-78")):
        confirm(proposed(cast, it, found_as=given), cast.first_approver)
        assert status_of(it) == "completed"
    record.refresh_from_db()
    assert record.withdrawal == listed


def test_another_providers_id_names_no_payment(cast: Cast, payee: Address, chain_payee: Address) -> None:
    record_of(lost(cast, chain_payee), "WD-77")
    lost(cast, chain_payee, status="completed", provider_id="WD-78")
    it = lost(cast, payee)
    for given in ("WD-77", "WD-78"):
        with unchanged(), pytest.raises(InvalidValue, match="words name no payment"):
            proposed(cast, it, found_as=given)


def test_what_was_found_for_another_meanwhile_is_not_confirmed(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee)
    found = proposed(cast, it, found_as="10195")
    lost(cast, payee, status="completed", provider_id="10195")
    proof = proof_of(cast.first_approver, Act.CONFIRM_RESOLUTION, found.proposal.digest)
    with objected("found_elsewhere", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
        decisions.approve(found, proof=proof, by=cast.first_approver)


# -- what the provider says itself --


@pytest.mark.parametrize(
    ("verdict", "status"), [(Verdict.PAID, RecordStatus.FAILED), (Verdict.NOT_PAID, RecordStatus.COMPLETED)]
)
def test_nobody_contradicts_the_providers_own_record(
    cast: Cast, payee: Address, verdict: Verdict, status: RecordStatus
) -> None:
    it = lost(cast, payee)
    found = proposed(cast, it, verdict=verdict, found_as="10195")
    row = record_of(it, "10195", status=status.value)
    with objected("record_says_otherwise", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
        decisions.approve(found, proof=None, by=cast.first_approver)
    forge(row, withdrawal=it, record_id="other")
    with objected("record_says_otherwise", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
        decisions.approve(found, proof=None, by=cast.first_approver)
    deciding.reject(found.proposal_id, reason="The record says otherwise", by=cast.first_approver)
    with unchanged(), pytest.raises(InvalidValue) as caught:
        proposed(cast, it, verdict=verdict, found_as="10195")
    assert (caught.value.field, caught.value.code) == ("verdict", "record_says_otherwise")


@pytest.mark.parametrize("verdict", Verdict)
def test_people_decide_where_its_record_never_comes_to_an_end(cast: Cast, payee: Address, verdict: Verdict) -> None:
    it = lost(cast, payee, status="submitted", provider_id="10195")
    a_day_ago = timezone.now() - timedelta(days=1)
    record_of(it, "10195", status=RecordStatus.PENDING.value, withdrawal=it, created_at=a_day_ago)
    confirm(proposed(cast, it, verdict=verdict), cast.first_approver)
    assert status_of(it) == ("completed" if verdict is Verdict.PAID else "failed")


def test_not_paid_is_not_said_while_the_provider_is_at_it(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee, status="submitted", provider_id="10195")
    found = proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="")
    young = timezone.now() - timedelta(hours=23, minutes=59)
    row = record_of(it, "10195", status=RecordStatus.PENDING.value, withdrawal=it, created_at=young)
    with objected("still_pending", Event.RESOLUTION_OBJECTED, by=cast.first_approver):
        decisions.approve(found, proof=None, by=cast.first_approver)
    deciding.reject(found.proposal_id, reason="It is under way", by=cast.first_approver)
    with unchanged(), pytest.raises(InvalidValue, match="may still be paid") as caught:
        proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="")
    assert (caught.value.field, caught.value.code) == ("verdict", "still_pending")
    forge(row, withdrawal=None)
    with unchanged(), pytest.raises(InvalidValue, match="may still be paid"):
        proposed(cast, it, verdict=Verdict.NOT_PAID, found_as="10195")


def test_paid_is_said_while_the_provider_is_at_it(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee, status="submitted", provider_id="10195")
    record_of(it, "10195", status=RecordStatus.PENDING.value, withdrawal=it)
    confirm(proposed(cast, it), cast.first_approver)
    assert status_of(it) == "completed"


def test_not_paid_is_said_of_what_the_provider_says_in_no_documented_word(cast: Cast, payee: Address) -> None:
    it = lost(cast, payee, status="submitted", provider_id="10195")
    record_of(it, "10195", status=RecordStatus.PENDING.value, withdrawal=it, known=False)
    confirm(proposed(cast, it, verdict=Verdict.NOT_PAID, found_as=""), cast.first_approver)
    assert status_of(it) == "failed"
