"""What becomes of a booked order: late and missing records, statuses in any order, and money given back."""

from pathlib import Path
from typing import Any

import pytest

from demo.simulator.book import Book
from demo.simulator.faults.fate import Fate
from tests.props.providers.callers import NOW, Desk


def script(desk: Desk, **fate: Any) -> None:
    told = {"provider": "zoomex", "fault": "normal"} | fate
    assert desk.client.post("/faults", json=told).status_code == 201


def statuses(desk: Desk) -> list[str]:
    return [row["status"] for row in desk.records(withdrawType=2).json["result"]["rows"]]


def test_a_record_may_appear_late(desk: Desk) -> None:
    script(desk, record="late", record_after=120)
    assert desk.zoomex().json["retCode"] == 0
    desk.clock.advance(119)
    assert statuses(desk) == []
    desk.clock.advance(1)
    assert statuses(desk) == ["Transferred successfully"]


def test_a_late_record_says_when_it_was_booked_not_when_it_appeared(desk: Desk) -> None:
    script(desk, record="late", record_after=120)
    desk.zoomex()
    desk.clock.advance(200)
    [row] = desk.records(withdrawType=2).json["result"]["rows"]
    assert row["create_time"] == str(int(NOW))


def test_a_record_may_never_appear(desk: Desk) -> None:
    script(desk, record="never")
    desk.zoomex()
    desk.clock.advance(1e8)
    assert statuses(desk) == []
    assert len(desk.book.booked()) == 1


@pytest.mark.parametrize("word", ["Transferred successfully", "Rejected", "Cancelled", "Fail", "On hold"])
def test_a_withdrawal_comes_to_the_end_that_was_scripted(desk: Desk, word: str) -> None:
    script(desk, ends=word)
    desk.zoomex()
    assert statuses(desk) == ["Pending Review"]
    desk.clock.advance(5)
    assert statuses(desk) == [word]


def test_statuses_follow_each_other_in_the_order_that_was_scripted(desk: Desk) -> None:
    script(desk, statuses=["Pending Transfer", "Pending Review", "Fail", "Transferred successfully"], status_every=2)
    desk.zoomex()
    seen = []
    for _ in range(5):
        seen += statuses(desk)
        desk.clock.advance(2)
    assert seen == [
        "Pending Transfer",
        "Pending Review",
        "Fail",
        "Transferred successfully",
        "Transferred successfully",
    ]


def test_the_time_of_the_last_change_is_told(desk: Desk) -> None:
    script(desk, statuses=["Pending Transfer", "Rejected"], status_every=3)
    desk.zoomex()
    desk.clock.advance(10)
    [row] = desk.records(withdrawType=2).json["result"]["rows"]
    assert row["update_time"] == str(int((NOW + 3) * 1000))


@pytest.mark.parametrize(("word", "left"), [("Rejected", 0), ("Cancelled", 0), ("Fail", 0), ("On hold", 10001)])
def test_the_money_comes_back_with_the_end_that_gives_it_back(desk: Desk, word: str, left: int) -> None:
    script(desk, ends=word)
    desk.zoomex(amount="5000")
    assert desk.zoomex(requestId="b", amount="5000").json["retCode"] == 10001
    desk.clock.advance(5)
    assert desk.zoomex(requestId="c", amount="5000").json["retCode"] == left


def test_a_failure_on_the_way_gives_nothing_back(desk: Desk) -> None:
    script(desk, statuses=["Fail", "Transferred successfully", "Fail"], status_every=2)
    desk.zoomex(amount="5000")
    assert desk.zoomex(requestId="b", amount="1").json["retCode"] == 10001
    desk.clock.advance(4)
    assert desk.zoomex(requestId="c", amount="1").json["retCode"] == 0


def test_only_the_order_that_met_the_fault_has_its_fate(desk: Desk) -> None:
    script(desk, record="never")
    desk.zoomex()
    desk.zoomex(requestId="b")
    assert statuses(desk) == ["Pending Review"]


def test_a_fate_outlasts_a_restart(tmp_path: Path, desk: Desk) -> None:
    script(desk, statuses=["Pending Transfer", "Fail"], record="late", record_after=3)
    desk.zoomex()
    [call] = desk.book.calls()
    Book(kept_in=tmp_path / "book").remember(call)
    [again] = Book(kept_in=tmp_path / "book").calls()
    assert again.fate == call.fate == Fate(3, ("Pending Transfer", "Fail"), 1.0)


def test_a_book_kept_before_there_were_fates_can_be_read(tmp_path: Path) -> None:
    line = '{"provider": "zoomex", "received_at": 1.0, "content_type": "", "body": "", "headers": {}, "booked": true}'
    (tmp_path / "book").write_text(line + "\n")
    [call] = Book(kept_in=tmp_path / "book").calls()
    assert call.fate.status(1.0, at=2.0) == "Transferred successfully"
