"""The withdrawal record that a merchant downloads: what was booked, as it stands now, and nothing else."""

import csv
from dataclasses import replace
from typing import Any

import pytest

from tests.props.providers.callers import MERCHANT, TRON, Desk

ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
HEAD = ["Order number", "Create time", "Chain", "Token", "To address", "Amount", "Fee", "Status", "Tx hash"]


def lines(desk: Desk, code: str = MERCHANT) -> list[list[str]]:
    """The file's lines without its head."""
    answer = desk.client.get("/swapspace/records.csv", query_string={"code": code})
    head, *rest = csv.reader(answer.text.splitlines())
    assert head == HEAD
    return rest


def script(desk: Desk, **fate: Any) -> None:
    told = {"provider": "swapspace", "fault": "normal"} | fate
    assert desk.client.post("/faults", json=told).status_code == 201


def test_a_booked_order_is_a_line(desk: Desk) -> None:
    desk.swapspace(withdraw_amount="12.50")
    [line] = lines(desk)
    assert line == [
        "W20240122000001",
        "2024-01-22 03:52:46",
        "TRX_CHAIN",
        "USDT",
        TRON,
        "12.50",
        "1",
        "Processing",
        "",
    ]


def test_a_refused_order_is_no_line(desk: Desk) -> None:
    desk.swapspace(token_name="BTC")
    assert lines(desk) == []


def test_the_newest_line_comes_first(desk: Desk) -> None:
    for amount in (2, 3):
        desk.swapspace(withdraw_amount=amount)
    assert [line[5] for line in lines(desk)] == ["3", "2"]


def test_a_settled_order_has_a_hash_in_its_chains_form_that_stays(desk: Desk) -> None:
    desk.swapspace()
    desk.swapspace(block_chain="ETH_CHAIN", to_address=ETHEREUM)
    desk.clock.advance(5)
    ethereum, tron = lines(desk)
    assert (ethereum[7], tron[7]) == ("Success", "Success")
    assert (len(ethereum[8]), ethereum[8][:2], len(tron[8])) == (66, "0x", 64)
    assert lines(desk) == [ethereum, tron]


@pytest.mark.parametrize(
    ("ends", "word"), [("Rejected", "Rejected"), ("Cancelled", "Cancelled"), ("Fail", "Failed"), ("On hold", "On hold")]
)
def test_a_line_says_what_became_of_its_order(desk: Desk, ends: str, word: str) -> None:
    script(desk, ends=ends)
    desk.swapspace()
    desk.clock.advance(5)
    [line] = lines(desk)
    assert line[7:] == [word, ""]


def test_a_line_may_come_late_or_never(desk: Desk) -> None:
    script(desk, record="late", record_after=60)
    script(desk, record="never")
    desk.swapspace()
    desk.swapspace()
    assert lines(desk) == []
    desk.clock.advance(60)
    assert [line[0] for line in lines(desk)] == ["W20240122000001"]


def test_the_time_to_settle_is_the_merchants() -> None:
    desk = Desk(swapspace={"settles_after": 0})
    desk.swapspace()
    assert lines(desk)[0][7] == "Success"


def test_money_comes_back_to_a_merchant_as_well(desk: Desk) -> None:
    script(desk, ends="Rejected")
    desk.swapspace(withdraw_amount=5000)
    assert desk.swapspace(withdraw_amount=2).json["code"] == 40008
    desk.clock.advance(5)
    assert desk.swapspace(withdraw_amount=2).json["code"] == 200


def test_zoomex_orders_and_other_merchants_are_not_in_it(desk: Desk) -> None:
    desk.zoomex()
    desk.swapspace()
    desk.book.remember(replace(desk.book.calls()[1], customer="1"))
    assert [line[0] for line in lines(desk)] == ["W20240122000002"]


@pytest.mark.parametrize("code", ["", "1", "<script>"])
def test_nobodys_record_is_not_found(desk: Desk, code: str) -> None:
    assert desk.client.get("/swapspace/records.csv", query_string={"code": code}).status_code == 404


def test_it_is_a_download_and_linked_from_both_pages(desk: Desk) -> None:
    answer = desk.client.get(f"/swapspace/records.csv?code={MERCHANT}")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    for page in ("/", "/rehearse"):
        assert f'href="/swapspace/records.csv?code={MERCHANT}"' in desk.client.get(page).text
