"""The stand-in for Zoomex answers as the documentation says, code by code."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo.simulator.book import Call
from tests.props.providers.callers import API_KEY, INNER_CREATE, MISSING, NOW, ZOOMEX_ORDER, Desk, zoomex_signed


def answer(response: Any) -> tuple[int, str]:
    return response.json["retCode"], response.json["retMsg"]


def test_the_documented_request_gets_the_documented_answer(desk: Desk) -> None:
    desk.clock.now = 1672196571.239  # the time in the documented answer
    response = desk.zoomex()
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert response.json == {
        "retCode": 0,
        "retMsg": "success",
        "result": {"withdraw_id": "10195"},
        "retExtInfo": None,
        "time": 1672196571239,
    }


def test_each_withdrawal_gets_the_next_id(desk: Desk) -> None:
    ids = [desk.zoomex(requestId=f"r{n}").json["result"]["withdraw_id"] for n in range(3)]
    assert ids == ["10195", "10196", "10197"]


def test_a_refused_order_uses_up_no_id(desk: Desk) -> None:
    desk.zoomex(amount="0")
    assert desk.zoomex().json["result"]["withdraw_id"] == "10195"


@pytest.mark.parametrize(
    "changes",
    [
        {"addressType": 1, "address": "ada@example.com"},
        {"addressType": 2, "areaCode": 45, "address": "20123456"},
        {"addressType": 3, "areaCode": 45, "address": "12345678"},  # documented as ignored here
        {"remark": "x" * 50},
        {"requestId": "Z" * 64},
        {"amount": "0.000000000000000001"},
    ],
)
def test_every_kind_of_right_order_is_booked(desk: Desk, changes: dict[str, Any]) -> None:
    assert answer(desk.zoomex(**changes)) == (0, "success")
    assert desk.book.calls()[0].booked


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"requestId": MISSING}, "requestId"),
        ({"requestId": ""}, "requestId"),
        ({"requestId": "9f0c2d1e-aaaa-4bbb-8ccc-0123456789ab"}, "requestId"),
        ({"requestId": "a" * 65}, "requestId"),
        ({"requestId": "a\n"}, "requestId"),
        ({"requestId": 17}, "requestId"),
        ({"requestId": "ä"}, "requestId"),
        ({"coin": MISSING}, "coin"),
        ({"coin": "DOGE"}, "coin DOGE is unknown"),
        ({"addressType": MISSING}, "addressType"),
        ({"addressType": "3"}, "addressType"),
        ({"addressType": 3.0}, "addressType"),
        ({"addressType": 4}, "addressType"),
        ({"address": MISSING}, "address"),
        ({"address": 12345678}, "address"),
        ({"address": "ada@example.com"}, "address is not the text of a uid"),
        ({"addressType": 1, "address": "ada"}, "address is not the text of a email"),
        ({"addressType": 2, "areaCode": 45, "address": "+4520123456"}, "address is not"),
        ({"addressType": 2, "address": "20123456"}, "areaCode"),
        ({"addressType": 2, "areaCode": "45", "address": "20123456"}, "areaCode"),
        ({"address": "87654321"}, "address is not in the address book"),
        ({"addressType": 2, "areaCode": 46, "address": "20123456"}, "address is not in the address book"),
        ({"amount": MISSING}, "amount"),
        ({"amount": 1}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": "0"}, "amount has to be above zero"),
        ({"amount": "0.00"}, "amount has to be above zero"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1E+3"}, "amount"),
        ({"amount": "1,000"}, "amount"),
        ({"amount": " 1"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": ".5"}, "amount"),
        ({"amount": "\u0661"}, "amount"),
        ({"remark": "x" * 51}, "remark"),
        ({"remark": 7}, "remark"),
        ({"amount": "5000.01"}, "insufficient balance of USDT"),
    ],
)
def test_a_wrong_field_is_a_parameter_error_that_names_it(desk: Desk, changes: dict[str, Any], word: str) -> None:
    response = desk.zoomex(**changes)
    code, message = answer(response)
    assert (response.status_code, code) == (200, 10001)
    assert word in message
    assert not desk.book.booked()


def test_a_null_cannot_be_signed_and_is_a_parameter_error(desk: Desk) -> None:
    assert answer(desk.zoomex(remark=None)) == (10001, "remark has to be a text or a number")


def test_everybody_is_in_an_address_book_of_a_star() -> None:
    assert answer(Desk(zoomex={"recipients": "*"}).zoomex(address="999"))[0] == 0


def test_nobody_is_in_an_empty_address_book() -> None:
    assert answer(Desk(zoomex={"recipients": []}).zoomex())[0] == 10001


# The time window: server_time - recv_window <= timestamp < server_time + 1000.


@pytest.mark.parametrize("early", [-5000, 0, 999])
def test_a_timestamp_inside_the_window_is_taken(desk: Desk, early: int) -> None:
    assert answer(desk.zoomex(timestamp=int(NOW * 1000) + early))[0] == 0


@pytest.mark.parametrize("early", [-5001, 1000, -100_000])
def test_a_timestamp_outside_the_window_is_10002(desk: Desk, early: int) -> None:
    assert answer(desk.zoomex(timestamp=int(NOW * 1000) + early))[0] == 10002


def test_a_wider_window_helps_a_slow_clock_only(desk: Desk) -> None:
    assert answer(desk.zoomex(timestamp=int(NOW * 1000) - 999_000, recv_window=1_000_000))[0] == 0
    assert answer(desk.zoomex(timestamp=int(NOW * 1000) + 1000, recv_window=1_000_000))[0] == 10002


@pytest.mark.parametrize("changes", [{"timestamp": "soon"}, {"recv_window": "-1"}, {"timestamp": 1.5}])
def test_a_time_that_is_no_whole_number_is_a_parameter_error(desk: Desk, changes: dict[str, Any]) -> None:
    assert answer(desk.zoomex(**changes))[0] == 10001


# Authentication.


def test_an_unknown_key_is_10003(desk: Desk) -> None:
    assert answer(desk.zoomex(api_key="somebody"))[0] == 10003


def test_a_wrong_secret_is_10004(desk: Desk) -> None:
    assert answer(desk.zoomex(secret="guessed"))[0] == 10004
    assert not desk.book.booked()


def test_a_body_changed_after_signing_is_10004(desk: Desk) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    response = desk.client.post(INNER_CREATE, json=body | {"amount": "2"}, headers=headers)
    assert answer(response)[0] == 10004


def test_an_unsigned_extra_field_is_10004(desk: Desk) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    assert answer(desk.client.post(INNER_CREATE, json=body | {"x": "1"}, headers=headers))[0] == 10004


def test_an_upper_case_signature_is_10004(desk: Desk) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    sign = body["sign"].upper()
    response = desk.client.post(INNER_CREATE, json=body | {"sign": sign}, headers=headers | {"X-BAPI-SIGN": sign})
    assert answer(response)[0] == 10004


@pytest.mark.parametrize("header", ["X-BAPI-API-KEY", "X-BAPI-SIGN", "X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW"])
def test_authentication_missing_from_the_header_is_http_401(desk: Desk, header: str) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    del headers[header]
    response = desk.client.post(INNER_CREATE, json=body, headers=headers)
    assert response.status_code == 401
    assert header in response.json["retMsg"]


@pytest.mark.parametrize("header", ["X-BAPI-API-KEY", "X-BAPI-SIGN", "X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW"])
def test_a_header_that_differs_from_the_body_is_10004(desk: Desk, header: str) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    response = desk.client.post(INNER_CREATE, json=body, headers=headers | {header: "1"})
    assert answer(response)[0] == 10004


@pytest.mark.parametrize("name", ["api_key", "timestamp", "recv_window", "sign"])
def test_authentication_missing_from_the_body_is_a_parameter_error(desk: Desk, name: str) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    del body[name]
    assert answer(desk.client.post(INNER_CREATE, json=body, headers=headers)) == (10001, f"{name} is missing")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"\xff{}", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_http_400(desk: Desk, body: bytes) -> None:
    response = desk.client.post(INNER_CREATE, data=body, content_type="application/json")
    assert response.status_code == 400
    assert desk.book.calls()[0].body == body.decode("utf-8", "backslashreplace")


def test_a_body_of_another_content_type_is_http_400(desk: Desk) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
    response = desk.client.post(INNER_CREATE, data=json.dumps(body), headers=headers, content_type="text/plain")
    assert response.status_code == 400


# Duplicates.


def test_a_second_order_with_the_same_request_id_is_10014(desk: Desk) -> None:
    desk.zoomex()
    assert answer(desk.zoomex()) == (10014, "Invalid duplicate request.")
    assert len(desk.book.booked()) == 1


def test_a_request_id_stays_taken_whatever_else_changes(desk: Desk) -> None:
    desk.zoomex()
    assert answer(desk.zoomex(amount="0.5", coin="BTC", addressType=1, address="ada@example.com"))[0] == 10014


def test_a_request_id_of_a_refused_order_is_still_free(desk: Desk) -> None:
    desk.zoomex(amount="0")
    assert answer(desk.zoomex())[0] == 0


def test_request_ids_differ_by_case(desk: Desk) -> None:
    desk.zoomex(requestId="abc")
    assert answer(desk.zoomex(requestId="ABC"))[0] == 0


def test_of_equal_orders_at_the_same_instant_one_is_booked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    find = desk.book.find

    def find_slowly(provider: str, reference: str) -> Call | None:
        found = find(provider, reference)
        time.sleep(0.001)  # long enough for another thread to look, too
        return found

    monkeypatch.setattr(desk.book, "find", find_slowly)
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(lambda _: answer(desk.zoomex())[0], range(24)))
    assert codes == [0] + [10014] * 23


# Balance.


def test_booked_amounts_come_off_the_balance(desk: Desk) -> None:
    assert answer(desk.zoomex(requestId="a", amount="4999.5"))[0] == 0
    assert answer(desk.zoomex(requestId="b", amount="0.6")) == (10001, "insufficient balance of USDT")
    assert answer(desk.zoomex(requestId="c", amount="0.5"))[0] == 0
    assert answer(desk.zoomex(requestId="d", amount="1", coin="BTC"))[0] == 0


# The rate: one per rolling second and key, from the start of the last call that was let in.


def test_a_second_call_within_a_second_is_10006() -> None:
    desk = Desk(zoomex={"rate": 1})
    desk.zoomex(requestId="a")
    desk.clock.advance(0.99)
    assert answer(desk.zoomex(requestId="b")) == (10006, "Too many visits!")
    assert len(desk.book.booked()) == 1


def test_a_call_a_second_later_goes_through_and_a_refused_one_does_not_push_it_on() -> None:
    desk = Desk(zoomex={"rate": 1})
    desk.zoomex(requestId="a")
    desk.clock.advance(0.5)
    desk.zoomex(requestId="b")
    desk.clock.advance(0.5)
    assert answer(desk.zoomex(requestId="b"))[0] == 0


def test_an_order_with_a_wrong_field_uses_up_the_rate() -> None:
    desk = Desk(zoomex={"rate": 1})
    desk.zoomex(amount="0")
    assert answer(desk.zoomex())[0] == 10006


def test_a_call_with_a_wrong_signature_does_not_use_up_the_rate() -> None:
    desk = Desk(zoomex={"rate": 1})
    desk.zoomex(secret="guessed")
    assert answer(desk.zoomex())[0] == 0


def test_the_rate_limit_headers_tell_what_is_left_and_when_it_resets() -> None:
    desk = Desk(zoomex={"rate": 1})
    headers = desk.zoomex(requestId="a").headers
    desk.clock.advance(0.2)
    refused = desk.zoomex(requestId="b").headers
    for told in (headers, refused):
        assert told["X-Bapi-Limit"] == "1"
        assert told["X-Bapi-Limit-Status"] == "0"
        assert told["X-Bapi-Limit-Reset-Timestamp"] == str(int((NOW + 1) * 1000))


# The book and the other routes.


def test_the_book_keeps_what_was_sent_to_the_letter(desk: Desk) -> None:
    body, headers = zoomex_signed(ZOOMEX_ORDER | {"remark": "r1"}, at=NOW)
    raw = json.dumps(body, indent=3)
    desk.client.post(INNER_CREATE, data=raw, headers=headers, content_type="application/json")
    (call,) = desk.book.calls()
    assert call.body == raw
    assert (call.provider, call.customer, call.reference) == ("zoomex", API_KEY, "a" * 32)
    assert (call.coin, call.amount, call.remark) == ("USDT", "1", "r1")
    assert (call.address_type, call.address, call.area_code) == ("3", "12345678", None)
    assert (call.code, call.withdrawal_id, call.booked) == (0, "10195", True)
    assert call.headers["X-BAPI-SIGN"] == body["sign"]
    assert call.received_at == NOW
    assert desk.book.find("zoomex", "a" * 32) == call


def test_the_server_time_is_public(desk: Desk) -> None:
    response = desk.client.get("/cloud/trade/v3/market/time")
    assert response.json == {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"timeSecond": "1705895566", "timeNano": "1705895566250000000"},
        "retExtInfo": None,
        "time": 1705895566250,
    }


def test_an_unknown_path_is_http_404_and_10017(desk: Desk) -> None:
    response = desk.client.post("/private/v1/asset/withdraw/create", json={})
    assert (response.status_code, response.json["retCode"]) == (404, 10017)


def test_a_wrong_method_is_http_400_as_documented(desk: Desk) -> None:
    assert desk.client.get(INNER_CREATE).status_code == 400
