"""Requests: every value that is not in order, the preview's digest, the double click, and taking one back."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.recipients.kind import Kind
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Asset, Withdrawal
from payouts.workflow.recipients import address_book
from payouts.workflow.withdrawals import request
from tests.props.cast import ETH_ADDRESS, Cast, active_address, approve, proposal, raised, request_for
from tests.props.rows.guards import forge
from tests.props.trail import objected, told, unchanged

CLAIMED_OR_CLOSED = [status for status in Status if status not in (Status.AWAITING_APPROVAL, Status.APPROVED)]
BAD_AMOUNTS = [
    ("0", "zero"),
    ("0.000", "zero"),
    ("-0", "zero"),
    ("-1", "negative"),
    ("-0.0001", "negative"),
    ("NaN", "not_finite"),
    ("sNaN", "not_finite"),
    ("Infinity", "not_finite"),
    ("-Infinity", "not_finite"),
    ("0.00001", "too_many_decimals"),
    ("1250.12345", "too_many_decimals"),
    ("1E-5", "too_many_decimals"),
    ("100000000000000000000", "too_large"),
    ("1E+20", "too_large"),
    ("1E+999", "too_large"),
]
BAD_REMARKS = ["a&b", "a=b", "résumé", "line\nbreak", " outer", "outer ", "x" * 51, "nul\x00", "emoji 🙂", "(1)"]


def invalid(asked: request.Request, *, by: User) -> InvalidValue:
    """What workflow refuses, and that it writes nothing."""
    with unchanged(), pytest.raises(InvalidValue) as caught:
        request.raise_withdrawal(asked, shown_digest="d" * 64, by=by)
    return caught.value


def digest_of(asked: request.Request, address: Address, *, by: User) -> str:
    return request.draft(asked, address, by=by).digest


# -- permitted --


def test_a_request_awaits_approval_exactly_as_it_was_asked_for(cast: Cast, payee: Address) -> None:
    asked = request_for(payee, amount=Decimal("0.1"), remark="Inv. 17/3", invoice_reference="2024-17")
    with told() as events:
        made = request.raise_withdrawal(
            asked, shown_digest=digest_of(asked, payee, by=cast.requester), by=cast.requester
        )
    kept = Withdrawal.objects.get(pk=asked.id)
    assert (kept.status, kept.requested_by, kept.reference) == (
        Status.AWAITING_APPROVAL,
        cast.requester,
        asked.id.hex,
    )
    assert (kept.amount, kept.remark, kept.invoice_reference) == (Decimal("0.1"), "Inv. 17/3", "2024-17")
    assert kept.digest == kept.order().digest() == made.digest
    assert (kept.proposal.kind, kept.proposal.needed) == ("withdrawal", 2)
    assert (kept.proposal.raised_by, kept.proposal.excluded) == (cast.requester, [cast.requester.pk])
    assert kept.proposal.open_until == kept.expires_at
    assert [event.event for event in events] == [Event.WITHDRAWAL_RAISED]
    assert events[0].facts["amount"] == "0.1"
    assert events[0].facts["digest"] == kept.proposal.digest


def test_the_digest_is_the_same_from_the_form_and_from_the_table(cast: Cast, merchant: Account) -> None:
    payee = active_address(cast, merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS, coins=("ETH",))
    for amount in ("1000", "1E+3", "1000.000", "0.000000000000000001", "12345678901234567890.123456789012345678"):
        made = raised(cast, payee, coin="ETH", amount=Decimal(amount))
        kept = Withdrawal.objects.get(pk=made.pk)
        assert kept.amount == Decimal(amount)
        assert kept.order().digest() == made.digest


# -- values that are not in order --


@pytest.mark.parametrize(("amount", "code"), BAD_AMOUNTS)
def test_a_bad_amount_is_refused(cast: Cast, payee: Address, amount: str, code: str) -> None:
    refused = invalid(request_for(payee, amount=Decimal(amount)), by=cast.requester)
    assert (refused.field, refused.code) == ("amount", code)


@pytest.mark.parametrize("coin", ["USDC", "BTC", "DOGE", "usdt", "USDT ", ""])
def test_a_coin_that_the_address_does_not_take_is_refused(cast: Cast, payee: Address, coin: str) -> None:
    refused = invalid(request_for(payee, coin=coin), by=cast.requester)
    assert (refused.field, refused.code) == ("coin", "coin_not_taken")


def test_a_coin_that_was_switched_off_is_refused(cast: Cast, payee: Address) -> None:
    Asset.objects.filter(provider="zoomex", coin="USDT").update(enabled=False)
    assert invalid(request_for(payee), by=cast.requester).code == "coin_not_taken"


def test_the_decimals_are_those_of_the_coins_row(cast: Cast, payee: Address) -> None:
    Asset.objects.filter(provider="zoomex", coin="USDT").update(decimals=0)
    assert invalid(request_for(payee, amount=Decimal("1.5")), by=cast.requester).code == "too_many_decimals"
    assert raised(cast, payee, amount=Decimal("2.0")).amount == 2


def test_a_remark_is_refused_where_the_provider_carries_none(cast: Cast, chain_payee: Address) -> None:
    refused = invalid(request_for(chain_payee, remark="October"), by=cast.requester)
    assert (refused.field, refused.code) == ("remark", "remark_not_carried")


@pytest.mark.parametrize("remark", BAD_REMARKS)
def test_a_remark_that_could_confuse_a_signature_is_refused(cast: Cast, payee: Address, remark: str) -> None:
    assert invalid(request_for(payee, remark=remark), by=cast.requester).field == "remark"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("purpose", ""),
        ("purpose", "   "),
        ("purpose", "x" * 201),
        ("purpose", "right\u202eto left"),
        ("invoice_reference", "-"),
        ("invoice_reference", "x" * 65),
        ("invoice_reference", "a\x00b"),
    ],
)
def test_words_for_people_are_checked_as_well(cast: Cast, payee: Address, field: str, text: str) -> None:
    changes: dict[str, Any] = {field: text}
    assert invalid(request_for(payee, **changes), by=cast.requester).field == field


# -- who, to whom, and what was shown --


@pytest.mark.parametrize("name", ["first_approver", "keeper", "auditor", "administrator", "outsider", "superuser"])
def test_only_requesters_raise(cast: Cast, payee: Address, name: str) -> None:
    stranger: User = getattr(cast, name)
    asked = request_for(payee)
    digest = digest_of(asked, payee, by=stranger)
    with objected("no_role", Event.RAISE_OBJECTED, by=stranger):
        request.raise_withdrawal(asked, shown_digest=digest, by=stranger)


def test_who_may_not_raise_is_told_so_before_the_values_are_looked_at(cast: Cast, payee: Address) -> None:
    with objected("no_role", Event.RAISE_OBJECTED, by=cast.outsider):
        request.raise_withdrawal(request_for(payee, amount=Decimal(0)), shown_digest="d" * 64, by=cast.outsider)


@pytest.mark.parametrize("status", [status for status in AddressStatus if status is not AddressStatus.ACTIVE])
def test_nobody_raises_to_an_address_that_is_not_active(cast: Cast, treasury: Account, status: AddressStatus) -> None:
    entry = address_book.propose(proposal(treasury), by=cast.requester)
    forge(entry, status=status)
    asked = request_for(entry)
    digest = digest_of(asked, entry, by=cast.requester)
    with objected("address_not_active", Event.RAISE_OBJECTED, by=cast.requester):
        request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester)


@pytest.mark.parametrize(
    "changes",
    [{"amount": Decimal("1250.01")}, {"remark": "other"}, {"coin": "USDC"}, {"id": uuid4()}],
    ids=["amount", "remark", "coin", "reference"],
)
def test_what_the_preview_did_not_show_is_not_raised(cast: Cast, treasury: Account, changes: dict[str, Any]) -> None:
    payee = active_address(cast, treasury, coins=("USDT", "USDC"))
    shown = digest_of(request_for(payee), payee, by=cast.requester)
    with objected("stale_page", Event.RAISE_OBJECTED, by=cast.requester):
        request.raise_withdrawal(request_for(payee, **changes), shown_digest=shown, by=cast.requester)


def test_another_payee_than_the_preview_showed_is_not_paid(cast: Cast, treasury: Account, payee: Address) -> None:
    shown, asked_id = active_address(cast, treasury), uuid4()
    digest = digest_of(request_for(shown, id=asked_id), shown, by=cast.requester)
    with objected("stale_page", Event.RAISE_OBJECTED, by=cast.requester):
        request.raise_withdrawal(request_for(payee, id=asked_id), shown_digest=digest, by=cast.requester)


# -- the same form twice --


def test_the_same_form_twice_is_one_request(cast: Cast, payee: Address) -> None:
    asked = request_for(payee)
    digest = digest_of(asked, payee, by=cast.requester)
    request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester)
    with unchanged(), pytest.raises(request.RaisedAlready):
        request.raise_withdrawal(asked, shown_digest=digest, by=cast.requester)
    assert Withdrawal.objects.count() == 1


def test_a_used_form_with_another_amount_changes_nothing(cast: Cast, payee: Address) -> None:
    first = raised(cast, payee)
    with unchanged(), pytest.raises(request.RaisedAlready):
        raised(cast, payee, id=first.pk, amount=Decimal("9999"))
    first.refresh_from_db()
    assert first.amount == Decimal("1250")


# -- taking it back --


@pytest.mark.parametrize("approvals", [0, 1, 2])
def test_the_requester_cancels_until_a_worker_has_claimed_it(cast: Cast, payee: Address, approvals: int) -> None:
    asked = raised(cast, payee)
    for approver in (cast.first_approver, cast.second_approver)[:approvals]:
        approve(asked, approver)
    with told() as events:
        request.cancel(asked.pk, reason="Paid by bank", by=cast.requester)
    asked.refresh_from_db()
    assert (asked.status, asked.closed_because) == (Status.CANCELLED, "Paid by bank")
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.STATUS_MOVED, "Paid by bank")]


@pytest.mark.parametrize("status", CLAIMED_OR_CLOSED)
def test_nobody_cancels_what_is_claimed_or_closed(cast: Cast, payee: Address, status: Status) -> None:
    asked = raised(cast, payee)
    forge(asked, status=status, error_code="10001")
    with objected("already_moved_on", Event.CANCEL_OBJECTED, by=cast.requester):
        request.cancel(asked.pk, reason="Too late", by=cast.requester)


@pytest.mark.parametrize("name", ["second_requester", "first_approver", "superuser"])
def test_only_the_person_who_asked_cancels(cast: Cast, payee: Address, name: str) -> None:
    stranger: User = getattr(cast, name)
    asked = raised(cast, payee)
    with objected("not_requester", Event.CANCEL_OBJECTED, by=stranger):
        request.cancel(asked.pk, reason="Not mine", by=stranger)


def test_cancelling_needs_a_reason(cast: Cast, payee: Address) -> None:
    asked = raised(cast, payee)
    with unchanged(), pytest.raises(InvalidValue):
        request.cancel(asked.pk, reason=" ", by=cast.requester)
