"""The records of the stand-in for Zoomex: what is hidden, what a row says, and how pages go on."""

from typing import Any

import pytest

from tests.props.providers.callers import NOW, QUERY_RECORD, Desk, zoomex_signed
from tests.props.providers.zoomex_records import ROW


def ids(response: Any) -> list[str]:
    return [row["withdraw_id"] for row in response.json["result"]["rows"]]


def book(desk: Desk, count: int) -> None:
    for number in range(count):
        desk.zoomex(requestId=f"r{number}")


def test_a_row_has_the_documented_fields_and_no_request_id(desk: Desk) -> None:
    desk.zoomex()
    response = desk.records(withdrawType=2)
    assert response.json == {
        "ret_code": 0,
        "ret_msg": "success",
        "ext_code": "",
        "result": {
            "rows": [ROW | {"amount": "1"}],
            "cursor": "",
        },
        "ext_info": None,
        "time_now": int(NOW * 1000),
    }


@pytest.mark.parametrize(
    ("kind", "found"), [({}, 0), ({"withdrawType": 0}, 0)] + [({"withdrawType": kind}, 1) for kind in (1, 2)]
)
def test_internal_transfers_are_hidden_unless_asked_for(desk: Desk, kind: dict[str, int], found: int) -> None:
    desk.zoomex()
    assert len(ids(desk.records(**kind))) == found


def test_a_withdrawal_settles_after_its_time(desk: Desk) -> None:
    desk.zoomex()
    desk.clock.advance(4.99)
    assert desk.records(withdrawType=1).json["result"]["rows"][0]["status"] == "Pending Review"
    desk.clock.advance(0.01)
    row = desk.records(withdrawType=1).json["result"]["rows"][0]
    assert row["status"] == "Transferred successfully"
    assert row["update_time"] == str(int((NOW + 5) * 1000))
    assert row["create_time"] == str(int(NOW))


def test_the_time_to_settle_is_the_customers() -> None:
    desk = Desk(zoomex={"settles_after": 0})
    desk.zoomex()
    assert desk.records(withdrawType=1).json["result"]["rows"][0]["status"] == "Transferred successfully"


def test_a_customer_sees_only_their_own(desk: Desk) -> None:
    desk.zoomex()
    assert ids(desk.records(withdrawType=2, api_key="another")) == []


def test_refused_orders_have_no_record(desk: Desk) -> None:
    desk.zoomex(amount="0")
    assert ids(desk.records(withdrawType=2)) == []


def test_pages_go_on_newest_first_until_the_cursor_is_empty(desk: Desk) -> None:
    book(desk, 5)
    seen, cursor = [], ""
    for _ in range(3):
        response = desk.records(withdrawType=2, pageSize=2, cursor=cursor)
        seen.append(ids(response))
        cursor = response.json["result"]["cursor"]
    assert seen == [["10199", "10198"], ["10197", "10196"], ["10195"]]
    assert cursor == ""


def test_a_page_has_twenty_rows_unless_told(desk: Desk) -> None:
    book(desk, 21)
    assert len(ids(desk.records(withdrawType=2))) == 20
    assert len(ids(desk.records(withdrawType=2, pageSize=50))) == 21


def test_a_new_withdrawal_does_not_shift_a_page_that_was_started(desk: Desk) -> None:
    book(desk, 3)
    cursor = desk.records(withdrawType=2, pageSize=2).json["result"]["cursor"]
    desk.zoomex(requestId="later")
    assert ids(desk.records(withdrawType=2, pageSize=2, cursor=cursor)) == ["10195"]


def test_the_time_range_is_in_seconds(desk: Desk) -> None:
    desk.zoomex(requestId="a")
    desk.clock.advance(100)
    desk.zoomex(requestId="b")
    start = int(NOW) + 50
    assert ids(desk.records(withdrawType=2, startTime=start)) == ["10196"]
    assert ids(desk.records(withdrawType=2, endTime=start)) == ["10195"]
    assert ids(desk.records(withdrawType=2, startTime=start * 1000)) == []  # milliseconds are far in the future


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"coin": "BTC"}, ["10196"]),
        ({"coin": "ETH"}, []),
        ({"withdrawId": "10195"}, ["10195"]),
        ({"withdrawId": "1"}, []),
        ({"txid": "abc"}, []),
    ],
)
def test_records_are_found_by_coin_and_id(desk: Desk, query: dict[str, str], found: list[str]) -> None:
    desk.zoomex(requestId="a")
    desk.zoomex(requestId="b", coin="BTC")
    assert ids(desk.records(withdrawType=2, **query)) == found


@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": 0},
        {"pageSize": 51},
        {"pageSize": "many"},
        {"withdrawType": 3},
        {"startTime": "yesterday"},
        {"endTime": -1},
        {"cursor": "*"},
        {"cursor": "YWJj"},
    ],
)
def test_a_wrong_query_is_a_parameter_error(desk: Desk, query: dict[str, Any]) -> None:
    assert desk.records(**({"withdrawType": 2} | query)).json["ret_code"] == 10001


def test_a_query_has_to_be_signed(desk: Desk) -> None:
    query, headers = zoomex_signed({"withdrawType": 2}, at=NOW)
    response = desk.client.get(QUERY_RECORD, query_string=query | {"withdrawType": 1}, headers=headers)
    assert response.json["ret_code"] == 10004
    assert desk.client.get(QUERY_RECORD, query_string=query).status_code == 401


def test_a_parameter_that_comes_twice_is_a_parameter_error(desk: Desk) -> None:
    response = desk.client.get(QUERY_RECORD + "?coin=USDT&coin=BTC")
    assert response.json["ret_code"] == 10001


def test_a_get_with_a_json_body_is_http_403(desk: Desk) -> None:
    query, headers = zoomex_signed({}, at=NOW)
    assert desk.client.get(QUERY_RECORD, query_string=query, headers=headers, json={}).status_code == 403


def test_the_301st_query_of_a_minute_is_10006() -> None:
    desk = Desk(zoomex={"rate": 1})
    codes = [desk.records().json["ret_code"] for _ in range(301)]
    assert codes == [0] * 300 + [10006]
    desk.clock.advance(60)
    assert desk.records().json["ret_code"] == 0
