"""Faults on Zoomex's records query, its clock, and a requestId that comes twice."""

import json
from typing import Any

import pytest
import requests

from demo.simulator.faults.fault import KINDS, On
from demo.simulator.serve import Running
from tests.props.providers.callers import NOW, QUERY_RECORD, Desk, zoomex_signed

TIME = "/cloud/trade/v3/market/time"


def script(desk: Desk, **fault: Any) -> None:
    assert desk.client.post("/faults", json={"provider": "zoomex", "on": "records"} | fault).status_code == 201


def look(running: Running) -> requests.Response:
    query, headers = zoomex_signed({"withdrawType": 2}, at=NOW)
    return requests.get(running.url + QUERY_RECORD, params=query, headers=headers, timeout=30)


@pytest.mark.parametrize("fault", [{"fault": "drop"}, {"fault": "truncated"}, {"fault": "hang", "seconds": 0.05}])
def test_a_look_up_may_get_no_whole_answer(desk: Desk, running: Running, fault: dict[str, Any]) -> None:
    script(desk, **fault)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        look(running)
    assert look(running).json()["ret_code"] == 0


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("server_error", 500, "Internal"),
        ("html", 200, "<!doctype html>"),
        ("empty", 200, ""),
        ("wrong_type", 200, '{"ret_code": "0"'),
    ],
)
def test_a_look_up_may_get_an_answer_that_is_none(desk: Desk, fault: str, status: int, body: str) -> None:
    script(desk, fault=fault)
    answer = desk.records(withdrawType=2)
    assert answer.status_code == status
    assert answer.text.startswith(body)
    assert desk.records(withdrawType=2).json["ret_code"] == 0


def test_a_look_up_may_be_answered_byte_by_byte(desk: Desk, running: Running) -> None:
    script(desk, fault="slow_bytes", seconds=0.0001)
    assert look(running).json()["ret_code"] == 0


def test_a_look_up_may_be_refused_in_its_own_envelope(desk: Desk) -> None:
    script(desk, fault="code", code=10005, message="Permission denied", http_status=403)
    answer = desk.records(withdrawType=2)
    told = answer.json
    assert (answer.status_code, told["ret_code"], told["ret_msg"]) == (403, 10005, "Permission denied")
    assert told["result"] is None


def test_too_many_look_ups_have_the_headers_of_a_used_up_limit(desk: Desk) -> None:
    script(desk, fault="too_many")
    answer = desk.records(withdrawType=2)
    assert answer.json["ret_code"] == 10006
    assert (answer.headers["X-Bapi-Limit"], answer.headers["X-Bapi-Limit-Status"]) == ("300", "0")
    assert answer.headers["X-Bapi-Limit-Reset-Timestamp"] == str(int((NOW + 60) * 1000))


def test_too_many_creates_have_them_too_and_book_nothing(desk: Desk) -> None:
    script(desk, on="create", fault="too_many")
    answer = desk.zoomex()
    assert answer.json["retCode"] == 10006
    assert (answer.headers["X-Bapi-Limit"], answer.headers["X-Bapi-Limit-Status"]) == ("1", "0")
    assert answer.headers["X-Bapi-Limit-Reset-Timestamp"] == str(int((NOW + 1) * 1000))
    assert desk.book.booked() == []


def test_a_fault_waits_for_its_endpoint(desk: Desk) -> None:
    script(desk, fault="empty")
    assert desk.zoomex().json["retCode"] == 0
    assert desk.records(withdrawType=2).text == ""


def test_a_scripted_duplicate_books_nothing(desk: Desk) -> None:
    script(desk, on="create", fault="duplicate")
    assert desk.zoomex().json["retCode"] == 10014
    assert desk.book.booked() == []
    assert desk.zoomex().json["retCode"] == 0


@pytest.mark.parametrize(("setting", "code", "id_"), [("code", 10014, None), ("same_id", 0, "10195")])
def test_a_repeated_request_id_is_answered_as_the_customer_is_set_and_booked_once(
    setting: str, code: int, id_: str | None
) -> None:
    desk = Desk(zoomex={"duplicates": setting})
    desk.zoomex()
    again = desk.zoomex(amount="4999.5").json
    assert (again["retCode"], again["result"].get("withdraw_id")) == (code, id_)
    assert len(desk.book.booked()) == 1
    assert desk.zoomex(requestId="b").json["result"]["withdraw_id"] == "10196"


def test_another_customers_request_id_is_no_one_elses_answer() -> None:
    desk = Desk(zoomex={"duplicates": "same_id"})
    desk.zoomex(api_key="another")
    assert desk.zoomex().json["retCode"] == 10014


@pytest.mark.parametrize("seconds", [-1.5, 0.7, 600])
def test_the_clock_is_off_until_the_faults_are_cleared(desk: Desk, seconds: float) -> None:
    script(desk, on="time", fault="clock", seconds=seconds)
    for _ in range(3):
        told = desk.client.get(TIME).json
        assert told["time"] == int((NOW + seconds) * 1000)
        assert int(told["result"]["timeNano"]) == told["time"] * 1_000_000
    desk.client.delete("/faults")
    assert desk.client.get(TIME).json["time"] == int(NOW * 1000)


@pytest.mark.parametrize(("seconds", "code"), [(-0.9, 0), (-1.1, 10002), (4.9, 0), (5.1, 10002)])
def test_a_call_is_judged_by_the_clock_that_is_off(desk: Desk, seconds: float, code: int) -> None:
    script(desk, on="time", fault="clock", seconds=seconds)
    assert desk.zoomex().json["retCode"] == code
    assert desk.records(withdrawType=2).json["ret_code"] == code
    assert desk.book.calls()[0].received_at == NOW  # the book's own clock is right


def test_what_is_scripted_is_listed_as_it_was_asked_for_and_can_be_cleared(desk: Desk) -> None:
    script(desk, fault="html", times=2)
    desk.records()
    [told] = desk.client.get("/faults").json["scripted"]
    assert told == {"provider": "zoomex", "on": "records", "fault": "html", "times": 1, "seconds": 1.0}
    assert desk.client.delete("/faults").json == {"scripted": []}
    assert desk.records().json["ret_code"] == 0


def test_every_kind_on_records_is_tested_here() -> None:
    with open(__file__, encoding="utf-8") as source:
        text = source.read()
    kinds = KINDS["zoomex"][On.RECORDS] | KINDS["zoomex"][On.TIME]
    assert [kind for kind in kinds if json.dumps(kind) not in text] == []
