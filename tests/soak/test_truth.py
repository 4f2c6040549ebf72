"""The soak's judgement: each thing that must not be is found, and what is well is not complained of."""

import json
from dataclasses import replace
from typing import Any

import pytest

from payouts.domain.withdrawals.status import Status
from tests.soak.truth import Paper, complaints

FIELDS = {"requestId": "a" * 32, "coin": "USDT", "addressType": "3", "address": "77", "amount": "2.0001"}
ROAD = [
    (Status.AWAITING_APPROVAL, Status.APPROVED),
    (Status.APPROVED, Status.SUBMITTING),
    (Status.SUBMITTING, Status.SUBMITTED),
]
SOUND = Paper("a" * 32, "zoomex", "key", Status.SUBMITTED, FIELDS, is_approved=True, moves=ROAD)
BLIND = replace(
    SOUND,
    provider="swapspace",
    fields={"block_chain": "TRX_CHAIN", "token_name": "USDT", "to_address": "T", "withdraw_amount": "2.0001"},
)


def call(paper: Paper = SOUND, **changes: Any) -> dict[str, Any]:
    """A line of the book, as the provider booked the paper's order."""
    _, customer, coin, address, amount = paper.identity
    facts: dict[str, Any] = {
        "provider": paper.provider,
        "customer": customer,
        "coin": coin,
        "address": address,
        "amount": amount,
        "reference": paper.fields.get("requestId"),
        "content_type": "application/json",
        "body": json.dumps({**paper.fields, "sign": "x"}),
        "booked": True,
        "fate": {"statuses": ["Transferred successfully"]},
    }
    return facts | changes


def ended(status: Status, *, by: Status = Status.SUBMITTING, paper: Paper = SOUND) -> Paper:
    """The paper, ended so after one call."""
    return replace(paper, status=status, moves=[*ROAD[:2], (by, status)])


@pytest.mark.parametrize("paper", [SOUND, BLIND], ids=["with a reference", "without"])
def test_one_booking_of_what_was_approved_is_well(paper: Paper) -> None:
    assert list(complaints([paper], [call(paper)])) == []


def test_a_refusal_without_a_booking_is_well() -> None:
    assert list(complaints([ended(Status.REFUSED)], [call(booked=False)])) == []


def test_an_unknown_is_well_either_way() -> None:
    assert list(complaints([ended(Status.UNKNOWN)], [])) == []
    assert list(complaints([ended(Status.UNKNOWN)], [call()])) == []


def test_money_that_came_back_is_not_paid() -> None:
    failed = replace(SOUND, status=Status.FAILED, moves=[*ROAD, (Status.SUBMITTED, Status.FAILED)])
    back = call(fate={"statuses": ["Pending Review", "Rejected"]})
    assert list(complaints([failed], [back])) == []
    assert len(list(complaints([failed], [call()]))) == 1


@pytest.mark.parametrize(
    ("paper", "calls", "complaint"),
    [
        (BLIND, [call(BLIND), call(BLIND)], "paid 2 times"),
        (SOUND, [call(), call(booked=False)], "asked for again"),
        (SOUND, [], "not booked"),
        (ended(Status.REFUSED), [call()], "paid, and called refused"),
        (SOUND, [call(), call(amount="9")], "nobody asked"),
        (SOUND, [call(body=json.dumps({**FIELDS, "address": "78"}))], "otherwise than approved"),
        (SOUND, [call(body=json.dumps({**FIELDS, "remark": "more"}))], "otherwise than approved"),
        (replace(SOUND, is_approved=False), [call()], "without enough approvals"),
        (replace(SOUND, status=Status.SUBMITTING, moves=ROAD[:2]), [], "still submitting"),
        (replace(SOUND, moves=[*ROAD, ROAD[-1]]), [call()], "where it stood at"),
        (replace(SOUND, moves=ROAD[:2]), [call()], "ends at submitting"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_must_not_be_is_found(paper: Paper, calls: list[dict[str, Any]], complaint: str) -> None:
    assert any(complaint in sentence for sentence in complaints([paper], calls))
