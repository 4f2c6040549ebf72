"""The page, the orders as JSON, and the server that the tests of others start."""

import json
import re
import time
from dataclasses import fields
from http.client import HTTPConnection

import requests

from demo.simulator.book import Call
from demo.simulator.serve import Running
from tests.props.providers.callers import API_KEY, INNER_CREATE, MERCHANT, NOW, TRON, Desk


def test_the_page_says_that_nothing_was_received_yet(desk: Desk) -> None:
    page = desk.client.get("/").text
    assert '<p class="empty" >' in page
    assert re.search(r'<div class="scroll"[^>]* hidden>', page)


def test_the_page_shows_both_providers_orders_in_full(desk: Desk) -> None:
    desk.zoomex(addressType=2, areaCode=45, address="20123456", amount="1250.5")
    desk.swapspace(token_name="BTC")
    page = desk.client.get("/").text
    shown = [
        "2024-01-22",
        "03:52:46.250",
        API_KEY,
        "a" * 32,
        "1250.5",
        "20123456",
        "phone +45",
        "0 success",
        "10195",
    ]
    shown += [MERCHANT, "1000", "BTC", TRON, "TRX_CHAIN", "40002 token name error", "not booked"]
    assert [text for text in shown if text not in page] == []
    assert "2 received, 1 booked, 1 not booked" in page
    assert page.index("40002") < page.index("10195")  # the newest comes first


def test_the_page_escapes_what_callers_sent(desk: Desk) -> None:
    desk.zoomex(requestId="<script>", coin="<b>", address="<i>", amount='"><u>')
    desk.client.post(INNER_CREATE, data=b'{"coin": "\\ud800"}', content_type="application/json")
    page = desk.client.get("/").text
    assert "&lt;script&gt;" in page
    assert not re.search(r"<(script|b|i|u)>", page)


def test_the_page_allows_nothing_but_its_own_style_sheet(desk: Desk) -> None:
    page, style = desk.client.get("/"), desk.client.get("/style.css")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert style.mimetype == "text/css"
    assert "prefers-color-scheme: dark" in style.text
    assert not re.search(r"<style|<script| style=| on\w+=|<font", page.text)


def test_the_orders_come_as_json_with_every_field(desk: Desk) -> None:
    desk.zoomex(amount="0")
    desk.zoomex(remark="r1")
    refused, booked = desk.client.get("/orders.json").json["orders"]
    assert set(booked) == {field.name for field in fields(Call)}
    assert {"reference", "amount", "address", "code", "withdrawal_id", "received_at", "body"} <= set(booked)
    assert (refused["booked"], refused["code"], refused["withdrawal_id"]) == (False, 10001, None)
    assert (booked["booked"], booked["code"], booked["withdrawal_id"]) == (True, 0, "10195")
    assert (booked["received_at"], booked["content_type"]) == (NOW, "application/json")
    assert json.loads(booked["body"])["remark"] == "r1"


def test_no_secret_is_shown(desk: Desk) -> None:
    desk.zoomex()
    desk.swapspace()
    for path in ("/", "/orders.json"):
        text = desk.client.get(path).text
        assert "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr" not in text
        assert "8b026795f25458920ec1ce2249efasd9" not in text


def test_a_body_above_a_mebibyte_is_http_413(desk: Desk) -> None:
    response = desk.client.post("/admin/api/open/saveWithdraw", data=b"x" * (1024 * 1024 + 1))
    assert response.status_code == 413


def test_an_unknown_page_is_http_404(desk: Desk) -> None:
    assert desk.client.get("/favicon.ico").status_code == 404


def test_a_served_simulator_keeps_its_connection_and_answers_at_once(running: Running) -> None:
    """Twenty answers; a delayed acknowledgement alone would cost 0.04 seconds each, however idle the machine is."""
    assert any(_twenty_answers(running) < 0.4 for _ in range(100))


def _twenty_answers(running: Running) -> float:
    """How long they took, on one connection."""
    host, port = running.url.removeprefix("http://").split(":")
    connection = HTTPConnection(host, int(port), timeout=30)
    sockets, started = [], time.monotonic()
    for method, path in [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("POST", "/nothing"),
        ("GET", "/orders.json"),
    ] * 5:
        connection.request(method, path, body=b"x" * 1000 if method == "POST" else None)
        sockets.append(connection.sock)
        assert connection.getresponse().read()
    connection.close()
    assert len({id(used) for used in sockets}) == 1
    return time.monotonic() - started


def test_a_chunked_body_does_not_become_the_next_request(running: Running) -> None:
    with requests.Session() as session:
        posted = session.post(running.url + "/faults", data=iter([b"GET / HTTP/1.1\r\n\r\n"]), timeout=30)
        assert posted.status_code == 400
        assert session.get(running.url + "/orders.json", timeout=30).json() == {"orders": []}
