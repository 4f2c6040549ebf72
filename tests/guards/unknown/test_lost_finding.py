"""What people found about lost calls, and what is proven to have been sent, by raw SQL: what the database refuses."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, LostCall, LostFinding, LostProof, ProviderRecord
from tests.props.cast import Cast, raised
from tests.props.rows.decisions import carry, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.lost import (
    everything_stopped,
    lost_call,
    lost_finding_row,
    lost_of,
    lost_order,
    order_of,
    over,
    proof_row,
)
from tests.props.rows.rows import GIVEN, accepted, record_row, unknown, withdrawal_row
from tests.props.rows.sql import delete, insert, refused_by, submission_row, truncate, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast: Cast, payee: Address) -> LostCall:
    """Lost, of a withdrawal that was cancelled meanwhile."""
    return over(cast, payee)


@pytest.fixture
def gone(treasury: Account) -> LostCall:
    """Lost, of a withdrawal that is gone as well."""
    return lost_call(treasury, reference=order_of(treasury).reference)


def found(call: LostCall, cast: Cast, **changes: Any) -> LostFinding:
    row = lost_finding_row(call, cast.third_approver, **changes)
    insert("lostfinding", **row)
    return LostFinding.objects.get(pk=row["id"])


def decided(call: LostCall, finding: LostFinding, cast: Cast) -> None:
    """Carried by the first approver, and written beside the call."""
    carry(finding.proposal, cast.first_approver)
    update(call, verdict=finding.verdict, found_as=finding.found_as, decided_id=finding.proposal_id)
    update(finding, is_open=False)


NOT_PAID = {"verdict": "not_paid", "found_as": ""}


# -- a finding --


def test_one_person_finds_another_confirms_and_it_stands(cast: Cast, call: LostCall) -> None:
    decided(call, found(call, cast), cast)
    call.refresh_from_db()
    assert (call.verdict, call.found_as) == ("paid", GIVEN)
    with refused_by("what_became_of_a_lost_call_is_said_once"):
        update(call, verdict="not_paid", found_as="")
    with refused_by("only_what_nobody_answers_for_is_found_out"):
        found(call, cast)


def test_nothing_is_said_of_it_without_two_people(cast: Cast, call: LostCall) -> None:
    finding = found(call, cast)
    for columns in (
        {"verdict": "paid", "found_as": GIVEN, "decided_id": finding.proposal_id},
        {"verdict": "not_paid", "decided_id": finding.proposal_id},
    ):
        with refused_by("two_people_decide_a_lost_call"):
            update(call, **columns)
    with refused_by("two_people_decide_a_lost_call"):
        update(call, verdict="not_paid")
    carry(finding.proposal, cast.first_approver)
    for verdict, found_as in (("not_paid", ""), ("paid", "7")):
        with refused_by("two_people_decide_a_lost_call"):
            update(call, verdict=verdict, found_as=found_as, decided_id=finding.proposal_id)


def test_of_another_call_nothing_is_said_by_it(cast: Cast, call: LostCall, treasury: Account) -> None:
    other = lost_call(treasury, reference="1" * 32)
    finding = found(call, cast)
    carry(finding.proposal, cast.first_approver)
    with refused_by("two_people_decide_a_lost_call"):
        update(other, verdict="paid", found_as=GIVEN, decided_id=finding.proposal_id)


def test_it_is_written_undecided(cast: Cast, call: LostCall) -> None:
    finding = found(call, cast)
    row = lost_of(call.withdrawal, call.pause, verdict="paid", found_as=GIVEN, decided_id=finding.proposal_id)  # type: ignore[arg-type]
    with refused_by("two_people_decide_a_lost_call"):
        insert("lostcall", **row)
    with refused_by("a_lost_call_is_decided_whole"):
        insert("lostcall", **row | {"decided_id": None})


def test_the_finder_does_not_confirm_it_nor_does_the_requester(cast: Cast, call: LostCall) -> None:
    finding = found(call, cast)
    forge(finding.proposal, excluded=[])
    with refused_by("lost_finding_is_confirmed_by_another_person"):
        say_yes(finding.proposal, cast.third_approver)
    forge(call.withdrawal, requested_by=cast.first_approver)  # type: ignore[arg-type]
    with refused_by("nobody_resolves_their_own_request"):
        say_yes(finding.proposal, cast.first_approver)


def test_nobody_finds_out_about_their_own_request(cast: Cast, call: LostCall) -> None:
    with refused_by("nobody_resolves_their_own_request"):
        insert("lostfinding", **lost_finding_row(call, cast.requester))


@pytest.mark.parametrize("status", ["awaiting_approval", "approved", "submitting", "unknown", "submitted"])
def test_what_its_withdrawal_decides_is_not_found_out(cast: Cast, call: LostCall, status: str) -> None:
    forge(call.withdrawal, status=status)  # type: ignore[arg-type]
    with refused_by("only_what_nobody_answers_for_is_found_out"):
        found(call, cast)


def test_nor_is_what_never_left(cast: Cast, treasury: Account) -> None:
    with refused_by("only_what_nobody_answers_for_is_found_out"):
        found(lost_call(treasury, outcome="not_executed"), cast)


def test_nor_what_is_a_call_again(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    row = lost_of(asked, everything_stopped())
    insert("lostcall", **row)
    again = {"id": row["id"], "outcome": "unknown", "answered_at": timezone.now(), "serial": row["serial"]}
    insert("submission", **submission_row(asked, **again))
    forge(asked, status="failed")
    with refused_by("only_what_nobody_answers_for_is_found_out"):
        found(LostCall.objects.get(pk=row["id"]), cast)


def test_paid_names_what_was_found_and_not_paid_leaves_time(cast: Cast, call: LostCall) -> None:
    with refused_by("paid_names_what_was_found"):
        found(call, cast, found_as="")
    forge(call, called_at=timezone.now() - timedelta(seconds=50))
    with refused_by("not_paid_leaves_time_to_book"):
        found(call, cast, **NOT_PAID)


def test_a_finding_says_what_was_seen(cast: Cast, call: LostCall) -> None:
    with refused_by("lost_finding_says_what_was_seen"):
        found(call, cast, note="")
    with refused_by("lost_finding_verdict_is_known"):
        found(call, cast, verdict="perhaps")


def test_there_is_one_at_a_time_with_its_own_proposal_and_it_never_changes(cast: Cast, call: LostCall) -> None:
    finding = found(call, cast)
    with refused_by("one_open_finding_per_lost_call"):
        found(call, cast)
    with refused_by("a_thing_has_its_own_proposal"):
        insert("lostfinding", **lost_finding_row(call, cast.third_approver, proposal_id=finding.proposal_id))
    for changes in ({"verdict": "not_paid"}, {"found_as": "7"}, {"note": "Other"}):
        with refused_by("what_was_proposed_never_changes"):
            update(finding, **changes)
    with refused_by("a_finding_closes_with_its_proposal"):
        update(finding, is_open=False)
    with refused_by("lost_findings_are_never_deleted"):
        delete(finding)
    with refused_by("what_was_proposed_never_changes"):
        found(call, cast, is_open=False)


def test_findings_are_never_emptied() -> None:
    with refused_by("lost_findings_are_never_deleted"):
        truncate("lostfinding")


# -- asking again --


def test_after_not_paid_it_is_asked_for_again_and_after_paid_never(cast: Cast, payee: Address, call: LostCall) -> None:
    again = withdrawal_row(payee, cast.requester, retry_of_id=call.withdrawal_id)
    finding = found(call, cast)
    with refused_by("what_has_a_lost_call_is_not_retried"):
        insert("withdrawal", **again)
    decided(call, finding, cast)
    with refused_by("what_has_a_lost_call_is_not_retried"):
        insert("withdrawal", **again)
    forge(call, verdict="", found_as="", decided=None)
    decided(call, found(call, cast, **NOT_PAID), cast)
    insert("withdrawal", **again)


# -- one payment, one thing --


def test_a_record_of_another_payment_is_not_how_it_was_paid(cast: Cast, payee: Address) -> None:
    accepted(cast, payee)
    call = over(cast, payee)
    finding = found(call, cast)
    carry(finding.proposal, cast.first_approver)
    with refused_by("a_record_is_claimed_once"):
        update(call, verdict="paid", found_as=GIVEN, decided_id=finding.proposal_id)


def test_nor_is_one_of_another_lost_call(cast: Cast, call: LostCall, treasury: Account) -> None:
    decided(call, found(call, cast), cast)
    other = lost_call(treasury, reference="1" * 32)
    finding = found(other, cast)
    carry(finding.proposal, cast.first_approver)
    with refused_by("a_record_is_claimed_once"):
        update(other, verdict="paid", found_as=GIVEN, decided_id=finding.proposal_id)


def test_and_its_record_becomes_no_withdrawals(cast: Cast, payee: Address, call: LostCall) -> None:
    decided(call, found(call, cast), cast)
    forge(call.pause, released_at=timezone.now())
    asked = unknown(cast, payee, amount=Decimal(7))
    insert("providerrecord", **record_row(payee.account))
    with refused_by("a_record_is_claimed_once"):
        update(ProviderRecord.objects.get(), withdrawal_id=asked.pk)


# -- proofs --


def test_a_proof_has_the_digest_of_what_was_sent(treasury: Account) -> None:
    order = order_of(treasury)
    call = lost_order(treasury, order)
    insert("lostproof", **proof_row(call, order))
    for changes in (
        {"host": "https://other"}, {"customer": "7"}, {"kind": "email"}, {"area_code": "44"}, {"address": "20014"},
        {"coin": "USDC"}, {"amount": Decimal("1250.51")}, {"remark": "r"},
    ):  # fmt: skip
        with refused_by("a_proof_has_the_digest_of_what_was_sent"):
            insert("lostproof", **proof_row(call, order, **changes))
    with refused_by("one_proof_by_hand"):
        insert("lostproof", **proof_row(call, order))
    proof = LostProof.objects.get()
    with refused_by("a_proof_never_changes"):
        update(proof, amount=Decimal(1))
    with refused_by("a_proof_never_changes"):
        delete(proof)


def test_proofs_are_never_emptied() -> None:
    with refused_by("a_proof_never_changes"):
        truncate("lostproof")


def test_a_proof_by_a_record_is_of_its_coin_amount_account_and_time(treasury: Account, merchant: Account) -> None:
    order = order_of(treasury)
    call = lost_order(treasury, order)
    facts = {"coin": order.coin, "amount": order.amount, "created_at": call.called_at, "address": order.address}
    wrong: list[dict[str, Any]] = [
        {"coin": "USDC"}, {"amount": Decimal(7)}, {"account_id": merchant.pk},
        {"created_at": call.called_at - timedelta(seconds=11)}, {"created_at": call.called_at + timedelta(minutes=17)},
    ]  # fmt: skip
    for place, changes in enumerate(wrong):
        insert("providerrecord", **record_row(treasury, **facts, record_id=f"wrong-{place}") | changes)
        record = ProviderRecord.objects.get(record_id=f"wrong-{place}")
        with refused_by("a_proof_is_of_its_own_record"):
            insert("lostproof", **proof_row(call, order, record_id=record.pk))
    insert("providerrecord", **record_row(treasury, **facts))
    right = proof_row(call, order, record_id=ProviderRecord.objects.get(record_id=GIVEN).pk)
    insert("lostproof", **right)
    with refused_by("one_proof_per_call_and_record"):
        insert("lostproof", **right)


@pytest.mark.parametrize(("status", "known", "age"), [("completed", True, 9), ("pending", True, 0)])
def test_nobody_denies_what_a_record_of_it_says(
    cast: Cast, treasury: Account, status: str, known: bool, age: int
) -> None:
    order = order_of(treasury)
    call = lost_order(treasury, order, called_at=timezone.now() - timedelta(days=age, hours=1))
    facts = {"coin": order.coin, "amount": order.amount, "created_at": call.called_at, "status": status, "known": known}
    insert("providerrecord", **record_row(treasury, **facts))
    record = ProviderRecord.objects.get()
    insert("lostproof", **proof_row(call, order, record_id=record.pk))
    finding = found(call, cast, **NOT_PAID)
    with refused_by("nobody_denies_what_is_proven"):
        say_yes(finding.proposal, cast.first_approver)
    forge(record, status="failed")
    say_yes(finding.proposal, cast.first_approver)


def test_a_record_of_another_payment_denies_nothing(cast: Cast, payee: Address, treasury: Account) -> None:
    asked = accepted(cast, payee)
    order = order_of(treasury)
    call = lost_order(treasury, order)
    facts = {"coin": order.coin, "amount": order.amount, "created_at": call.called_at}
    insert("providerrecord", **record_row(treasury, **facts))
    record = ProviderRecord.objects.get()
    insert("lostproof", **proof_row(call, order, record_id=record.pk))
    forge(record, withdrawal=asked)
    say_yes(found(call, cast, **NOT_PAID).proposal, cast.first_approver)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(address=TEXTS, coin=st.sampled_from(["USDT", "é\U0001f600\x7f"]), kind=st.sampled_from(list(Kind)),
       amount=st.decimals(min_value=0, max_value=10**15, places=18, allow_nan=False), remark=TEXTS)  # fmt: skip
def test_the_database_makes_the_digest_as_the_order_does(
    treasury: Account, gone: LostCall, address: str, coin: str, kind: Kind, amount: Decimal, remark: str
) -> None:
    order = order_of(treasury, address=address, coin=coin, kind=kind, amount=amount, remark=remark)
    assert digest_of(gone, proof_row(gone, order)) == order.digest()


_DIGEST = """
SELECT countersign_order_digest(
    (0, %s, %s, %s, %s, %s, %s, %s, %s, now(), its.id, NULL, NULL)::payouts_lostproof, its, who)
FROM payouts_lostcall AS its JOIN payouts_account AS who ON who.id = its.account_id WHERE its.id = %s
"""


def digest_of(call: LostCall, row: dict[str, Any]) -> str:
    """As the guard makes it."""
    names = ("host", "customer", "kind", "area_code", "address", "coin", "amount", "remark")
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [*(row[name] for name in names), call.pk])
        return str(cursor.fetchone()[0])
