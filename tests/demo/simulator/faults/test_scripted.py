"""Scripted faults: asked for over HTTP, used up one by one, and seen by the caller on a real connection."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from demo.simulator.book import Book
from demo.simulator.faults.asked import read_fault, tell_fault
from demo.simulator.faults.fault import KINDS, On
from demo.simulator.faults.scripted import Faults
from demo.simulator.faults.told import BadFault
from demo.simulator.serve import Running
from tests.props.providers.callers import (
    INNER_CREATE,
    NOW,
    SAVE_WITHDRAW,
    SWAPSPACE_ORDER,
    ZOOMEX_ORDER,
    Desk,
    swapspace_sign,
    zoomex_signed,
)

OK = 200


def send(running: Running, provider: str, session: requests.Session | None = None) -> requests.Response:
    """One right order to a running simulator."""
    caller = session or requests
    if provider == "zoomex":
        body, headers = zoomex_signed(ZOOMEX_ORDER, at=NOW)
        return caller.post(running.url + INNER_CREATE, json=body, headers=headers, timeout=30)
    order = SWAPSPACE_ORDER | {"sign": swapspace_sign(SWAPSPACE_ORDER)}
    return caller.post(running.url + SAVE_WITHDRAW, json=order, timeout=30)


def script(running: Running, **fault: Any) -> None:
    assert requests.post(running.url + "/faults", json=fault, timeout=30).status_code == 201


def until(is_so: Callable[[], object]) -> None:
    """Wait for the server's threads."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def outcome(book: Book) -> tuple[bool, str | None]:
    (call,) = book.calls()
    return call.booked, call.fault


providers = pytest.mark.parametrize("provider", ["zoomex", "swapspace"])


@providers
@pytest.mark.parametrize(("fault", "booked"), [("drop_before_booking", False), ("book_then_drop", True)])
def test_a_dropped_connection_gives_no_answer(running: Running, provider: str, fault: str, booked: bool) -> None:
    script(running, provider=provider, fault=fault)
    with pytest.raises(requests.ConnectionError):
        send(running, provider)
    assert outcome(running.book) == (booked, fault)


@providers
def test_a_truncated_answer_breaks_off_in_the_middle(running: Running, provider: str) -> None:
    script(running, provider=provider, fault="truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        send(running, provider)
    assert outcome(running.book) == (True, "truncated")


@providers
def test_a_hanging_call_gives_no_answer_and_ends_with_its_caller(running: Running, provider: str) -> None:
    before = threading.active_count()
    script(running, provider=provider, fault="hang")
    address = urlsplit(running.url)
    with socket.create_connection((address.hostname, address.port), timeout=0.2) as connection:
        body = json.dumps({}).encode()
        path = INNER_CREATE if provider == "zoomex" else SAVE_WITHDRAW
        connection.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n%s" % (path.encode(), body))
        until(lambda: running.book.calls())
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert outcome(running.book) == (False, "hang")
    until(lambda: threading.active_count() <= before)


def test_a_right_order_that_hangs_was_booked(running: Running) -> None:
    script(running, provider="zoomex", fault="hang", seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        send(running, "zoomex")
    assert outcome(running.book) == (True, "hang")


@providers
@pytest.mark.parametrize(("fault", "booked"), [("server_error_before", False), ("server_error_after", True)])
def test_a_server_error_is_http_500(running: Running, provider: str, fault: str, booked: bool) -> None:
    script(running, provider=provider, fault=fault)
    assert send(running, provider).status_code == 500
    assert outcome(running.book) == (booked, fault)


@providers
def test_a_gateways_page_is_html_with_http_200(running: Running, provider: str) -> None:
    script(running, provider=provider, fault="html")
    response = send(running, provider)
    assert response.status_code == OK
    assert response.headers["Content-Type"].startswith("text/html")
    assert outcome(running.book) == (True, "html")


@providers
def test_an_empty_answer_has_no_body(running: Running, provider: str) -> None:
    script(running, provider=provider, fault="empty")
    response = send(running, provider)
    assert (response.status_code, response.content) == (OK, b"")


@providers
def test_an_answer_of_wrong_types_has_texts_only(running: Running, provider: str) -> None:
    script(running, provider=provider, fault="wrong_type")
    values = send(running, provider).json().values()
    assert all(isinstance(value, str) for value in values)


@providers
def test_slow_bytes_arrive_one_by_one_and_whole(running: Running, provider: str) -> None:
    script(running, provider=provider, fault="slow_bytes", seconds=0.0005)
    started = time.monotonic()
    response = send(running, provider)
    assert response.json().get("retCode", response.json().get("code")) in (0, OK)
    assert time.monotonic() - started > len(response.content) * 0.0005


@providers
def test_a_normal_call_is_answered_and_booked(running: Running, provider: str) -> None:
    script(running, provider=provider, fault="normal")
    assert send(running, provider).json().get("retCode", OK) in (0, OK)
    assert outcome(running.book) == (True, "normal")


def test_a_scripted_code_may_come_under_another_http_status(running: Running) -> None:
    script(running, provider="zoomex", fault="code", code=10018, http_status=403, message="IP limit")
    answer = send(running, "zoomex")
    assert (answer.status_code, answer.json()["retCode"], answer.json()["retMsg"]) == (403, 10018, "IP limit")
    assert running.book.calls()[0].http_status == 403


def test_a_scripted_code_comes_in_the_providers_envelope_and_books_nothing(running: Running) -> None:
    script(running, provider="zoomex", fault="code", code=10016)
    answer = send(running, "zoomex").json()
    assert (answer["retCode"], answer["result"]) == (10016, {})
    assert running.book.booked() == []
    assert running.book.calls()[0].code == 10016


def test_a_scripted_code_may_hide_a_booking(running: Running) -> None:
    script(running, provider="zoomex", fault="code", code=10000, books=True)
    assert send(running, "zoomex").json()["retCode"] == 10000
    (call,) = running.book.booked()
    assert (call.code, call.withdrawal_id) == (10000, "10195")


def test_a_fault_is_used_up(desk: Desk) -> None:
    desk.client.post("/faults", json={"provider": "zoomex", "fault": "code", "code": 10016, "times": 2})
    assert [desk.zoomex().json["retCode"] for _ in range(3)] == [10016, 10016, 0]


def test_a_fault_waits_for_its_provider(desk: Desk) -> None:
    desk.client.post("/faults", json={"provider": "swapspace", "fault": "code", "code": 40000})
    assert desk.zoomex().json["retCode"] == 0
    assert desk.swapspace().json["code"] == 40000


def test_faults_are_met_in_the_order_they_were_scripted(desk: Desk) -> None:
    for code in (1, 2):
        desk.client.post("/faults", json={"provider": "zoomex", "fault": "code", "code": code})
    assert [desk.zoomex().json["retCode"] for _ in range(3)] == [1, 2, 0]


def test_of_parallel_calls_one_meets_a_single_fault() -> None:
    faults = Faults()
    faults.add(read_fault({"provider": "zoomex", "fault": "hang"}))
    assert [faults.take("zoomex") is None for _ in range(3)] == [False, True, True]


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({}, "provider"),
        ({"provider": "bank", "fault": "hang"}, "provider"),
        ({"provider": "zoomex"}, "fault"),
        ({"provider": "zoomex", "fault": "fire"}, "fault"),
        ({"provider": "zoomex", "fault": ["hang"]}, "fault"),
        ({"provider": "zoomex", "fault": "code"}, "code"),
        ({"provider": "zoomex", "fault": "code", "code": "10016"}, "code"),
        ({"provider": "zoomex", "fault": "code", "code": True}, "code"),
        ({"provider": "zoomex", "fault": "hang", "code": 1}, "code"),
        ({"provider": "zoomex", "fault": "hang", "times": 0}, "times"),
        ({"provider": "zoomex", "fault": "hang", "seconds": "1"}, "seconds"),
        ({"provider": "zoomex", "fault": "hang", "books": 1}, "books"),
        ({"provider": "zoomex", "fault": "hang", "times": 1.5}, "times"),
        ({"provider": "zoomex", "fault": "hang", "soon": True}, "soon"),
        ({"provider": "zoomex", "fault": "hang", "message": "no"}, "message"),
        ({"provider": "zoomex", "fault": "hang", "on": "lunch"}, "on"),
        ({"provider": "swapspace", "fault": "hang", "on": "records"}, "on"),
        ({"provider": "swapspace", "fault": "duplicate"}, "fault"),
        ({"provider": "swapspace", "fault": "too_many"}, "fault"),
        ({"provider": "zoomex", "fault": "book_then_drop", "on": "records"}, "fault"),
        ({"provider": "zoomex", "fault": "drop"}, "fault"),
        ({"provider": "zoomex", "fault": "server_error"}, "fault"),
        ({"provider": "zoomex", "fault": "clock", "on": "time"}, "seconds"),
        ({"provider": "zoomex", "fault": "clock", "seconds": 1}, "fault"),
        ({"provider": "zoomex", "fault": "hang", "on": "records", "books": True}, "books"),
        ({"provider": "zoomex", "fault": "hang", "on": "records", "ends": "Fail"}, "ends"),
        ({"provider": "zoomex", "fault": "drop_before_booking", "record": "never"}, "record"),
        ({"provider": "zoomex", "fault": "normal", "record": "soon"}, "record"),
        ({"provider": "zoomex", "fault": "normal", "record": "late"}, "record_after"),
        ({"provider": "zoomex", "fault": "normal", "record_after": 5}, "record_after"),
        ({"provider": "zoomex", "fault": "normal", "record": "late", "record_after": 0}, "record_after"),
        ({"provider": "zoomex", "fault": "normal", "ends": ""}, "ends"),
        ({"provider": "zoomex", "fault": "normal", "ends": "a\nb"}, "ends"),
        ({"provider": "zoomex", "fault": "normal", "statuses": []}, "statuses"),
        ({"provider": "zoomex", "fault": "normal", "statuses": [1]}, "statuses"),
        ({"provider": "zoomex", "fault": "normal", "statuses": ["Fail"], "ends": "Fail"}, "statuses"),
        ({"provider": "zoomex", "fault": "normal", "statuses": ["Fail"], "status_every": -1}, "status_every"),
        ({"provider": "zoomex", "fault": "normal", "status_every": 1}, "status_every"),
    ],
)
def test_a_fault_that_does_not_exist_is_refused(desk: Desk, told: dict[str, Any], word: str) -> None:
    response = desk.client.post("/faults", json=told)
    assert response.status_code == 400
    assert response.json["error"].startswith(word)
    with pytest.raises(BadFault):
        read_fault(told)


@pytest.mark.parametrize(
    "told",
    [
        {"provider": "zoomex", "fault": "normal"},
        {"provider": "zoomex", "fault": "hang", "seconds": 5, "times": 3, "books": False},
        {"provider": "swapspace", "fault": "code", "code": 40008},
        {"provider": "zoomex", "fault": "code", "code": 10018, "http_status": 403, "message": "IP limit"},
        {"provider": "zoomex", "fault": "duplicate"},
        {"provider": "zoomex", "fault": "too_many", "on": "records"},
        {"provider": "zoomex", "fault": "clock", "on": "time", "seconds": -2},
        {"provider": "zoomex", "fault": "html", "record": "never"},
        {"provider": "zoomex", "fault": "html", "record": "late", "record_after": 7, "ends": "Fail"},
        {"provider": "zoomex", "fault": "normal", "statuses": ["Fail", "Rejected"], "status_every": 2},
    ],
)
def test_a_fault_is_listed_in_the_words_that_ask_for_it(told: dict[str, Any]) -> None:
    fault = read_fault(told)
    listed = tell_fault(fault)
    assert told.items() <= listed.items()
    assert read_fault(listed) == fault


def test_a_web_page_cannot_script_a_fault(desk: Desk) -> None:
    told = json.dumps({"provider": "zoomex", "fault": "hang"})
    assert desk.client.post("/faults", data=told, content_type="text/plain").status_code == 400
    assert desk.simulator.faults.take("zoomex") is None


def test_every_kind_of_fault_on_a_create_is_tested_here() -> None:
    with open(__file__, encoding="utf-8") as source:
        named = set(re.findall(r'"([a-z_]+)"', source.read()))
    assert KINDS["zoomex"][On.CREATE] <= named
