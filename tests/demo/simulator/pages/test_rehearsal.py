"""Rehearse an incident: what its buttons script, who may press them, and the payment that nobody asked for."""

import json
import re
from html import escape
from typing import Any

import pytest
from werkzeug.test import Client

from demo.simulator.customers import parse
from demo.simulator.faults.asked import read_fault
from demo.simulator.faults.fault import FaultKind, On
from demo.simulator.pages.incidents import GROUPS, INCIDENTS, title
from demo.simulator.site import Simulator
from tests.props.providers.callers import API_KEY, MERCHANT, NOW, SWAPSPACE, Desk

HERE = {"Sec-Fetch-Site": "same-origin"}
FORMS = ["/rehearse", "/rehearse/clear", "/rehearse/payment"]
BUTTONS = [(key, provider) for key, incident in INCIDENTS.items() for provider in incident.faults]
PAYMENT = {"purse": f"zoomex {API_KEY} USDT", "amount": "99.50"}


def press(desk: Desk, incident: str, provider: str) -> Any:
    """A card's button."""
    return send(desk, "/rehearse", {"incident": incident, "provider": provider})


def send(desk: Desk, path: str, form: dict[str, str], headers: dict[str, str] = HERE) -> Any:
    return desk.client.post(path, data=form, headers=headers)


def scripted(desk: Desk) -> str:
    """What stands in the page's box."""
    found = re.search(r'<section class="scripted.*?</section>', desk.client.get("/rehearse").text, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.parametrize(("key", "provider"), BUTTONS)
def test_every_button_scripts_its_incident_and_the_page_says_so(desk: Desk, key: str, provider: str) -> None:
    page = desk.client.get("/rehearse").text
    assert re.search(rf'name="incident" value="{key}".*?name="provider" value="{provider}"', page, re.DOTALL)
    answer = press(desk, key, provider)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/rehearse")
    assert desk.simulator.faults.waiting() == [INCIDENTS[key].faults[provider]]
    assert f"<strong>{escape(INCIDENTS[key].title)}</strong> · {provider.title()}, " in scripted(desk)


def test_what_is_left_of_a_fault_is_told_in_words(desk: Desk) -> None:
    press(desk, "no-records", "zoomex")
    assert "the next 3 looks at the records" in scripted(desk)
    desk.records()
    assert "cannot be read</strong> · Zoomex, the next 2 looks at the records" in scripted(desk)


def test_a_fault_that_is_on_no_card_has_its_kinds_name(desk: Desk) -> None:
    fault = read_fault({"provider": "zoomex", "fault": "server_error_before"})
    desk.simulator.faults.add(fault)
    assert title(fault) == "server error before (create)"
    assert "server error before (create)" in scripted(desk)


def test_with_nothing_scripted_there_is_nothing_to_clear(desk: Desk) -> None:
    box = scripted(desk)
    assert "Nothing. The next calls go well." in box
    assert re.search(r'action="/rehearse/clear" hidden', box)


def test_clear_lets_everything_go_well(desk: Desk) -> None:
    press(desk, "silence", "zoomex")
    press(desk, "clock", "zoomex")
    assert send(desk, "/rehearse/clear", {}).status_code == 303
    assert desk.simulator.faults.waiting() == []
    assert desk.zoomex().json["retCode"] == 0


@pytest.mark.parametrize("form", [{}, {"incident": "fire", "provider": "zoomex"}, {"incident": "late-record"}])
def test_an_incident_that_does_not_exist_is_refused(desk: Desk, form: dict[str, str]) -> None:
    assert send(desk, "/rehearse", form).status_code == 400
    assert press(desk, "late-record", "swapspace").status_code == 400
    assert desk.simulator.faults.waiting() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),  # another port of this machine
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("path", FORMS)
def test_only_its_own_page_can_send_a_form(desk: Desk, path: str, headers: dict[str, str], status: int) -> None:
    desk.simulator.faults.add(read_fault({"provider": "swapspace", "fault": "hang"}))
    form = PAYMENT | {"incident": "silence", "provider": "zoomex"}
    assert send(desk, path, form, headers).status_code == status
    if status == 403:
        assert len(desk.simulator.faults.waiting()) == 1
        assert desk.book.calls() == []


@pytest.mark.parametrize("path", ["/rehearse", "/"])
def test_the_page_allows_no_script_and_no_form_to_elsewhere(desk: Desk, path: str) -> None:
    page = desk.client.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert page.headers["Referrer-Policy"] == "same-origin"  # or a browser would say "Origin: null"
    assert not re.search(r"<style|<script| style=| on\w+=", page.text)


def test_the_two_pages_lead_to_each_other(desk: Desk) -> None:
    assert 'href="/rehearse"' in desk.client.get("/").text
    assert 'href="/"' in desk.client.get("/rehearse").text


def test_a_payment_that_nobody_asked_for_is_in_the_records(desk: Desk) -> None:
    answer = send(desk, "/rehearse/payment", PAYMENT)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    [row] = desk.records(withdrawType=2).json["result"]["rows"]
    assert (row["amount"], row["coin"], row["to_address"]) == ("99.50", "USDT", "90000001")
    assert (row["withdraw_id"], row["create_time"]) == ("10195", str(int(NOW)))
    assert "booked without a call" in desk.client.get("/").text


def test_it_is_in_a_merchants_record_as_well(desk: Desk) -> None:
    send(desk, "/rehearse/payment", {"purse": f"swapspace {MERCHANT} ETH", "amount": "2"})
    assert ",ETH_CHAIN,ETH,0x" in desk.client.get(f"/swapspace/records.csv?code={MERCHANT}").text


def test_it_takes_the_money(desk: Desk) -> None:
    send(desk, "/rehearse/payment", PAYMENT | {"amount": "4999.5"})
    assert desk.zoomex().json["retCode"] == 10001


@pytest.mark.parametrize("amount", ["", "0", "0.0", "-1", "1e3", "1,5", "<b>", "1.1234567", "1234567890123", "٣"])
def test_a_payment_of_no_amount_is_refused(desk: Desk, amount: str) -> None:
    answer = send(desk, "/rehearse/payment", PAYMENT | {"amount": amount})
    assert (answer.status_code, answer.json["error"][:10]) == (400, "The amount")
    assert desk.book.calls() == []


@pytest.mark.parametrize("purse", ["", "zoomex nobody USDT", f"zoomex {API_KEY} XRP", f"swapspace {MERCHANT} BTC"])
def test_a_payment_from_no_purse_is_refused(desk: Desk, purse: str) -> None:
    assert send(desk, "/rehearse/payment", PAYMENT | {"purse": purse}).status_code == 400
    assert desk.book.calls() == []


def test_a_merchant_can_only_pay_in_the_coins_that_swapspace_pays() -> None:
    page = Desk(swapspace={"balances": {"USDC": "1", "BTC": "1"}}).client.get("/rehearse").text
    assert f'<option value="swapspace {MERCHANT} USDC">' in page
    assert f'<option value="swapspace {MERCHANT} BTC">' not in page


def test_without_zoomex_customers_there_are_no_buttons_for_it() -> None:
    client = Client(Simulator(parse(json.dumps({"swapspace": [SWAPSPACE]})), lambda: NOW))
    page = client.get("/rehearse").text
    assert 'value="swapspace"' in page
    assert 'value="zoomex"' not in page
    assert INCIDENTS["late-record"].title not in page


def test_every_card_says_what_happens_what_is_seen_and_what_to_do() -> None:
    for incident in INCIDENTS.values():
        assert all(len(text) > 20 for text in (incident.happens, incident.see, incident.resolve))
    assert len(INCIDENTS) == sum(len(group.incidents) for group in GROUPS)
    assert len({incident.title for incident in INCIDENTS.values()}) == len(INCIDENTS)


def test_a_card_does_what_its_text_says(desk: Desk) -> None:
    faults = {key: incident.faults["zoomex"] for key, incident in INCIDENTS.items()}
    assert {key for key, fault in faults.items() if fault.on is On.CREATE and not fault.books} == {
        "broken-before",
        "duplicate",
        "balance",
        "key",
        "too-many",
        "blocked",
    }
    fates = {key: fault.fate for key, fault in faults.items() if fault.fate}
    assert {key: (fate.appears_after, fate.statuses[-1]) for key, fate in fates.items()} == {
        "rejected-later": (0.0, "Rejected"),
        "late-record": (120, "Transferred successfully"),
        "no-record": (None, "Transferred successfully"),
        "unheard-of": (0.0, "On hold"),
        "backwards": (0.0, "Transferred successfully"),
    }
    assert faults["late-record"].kind is faults["no-record"].kind is FaultKind.BOOK_THEN_DROP
