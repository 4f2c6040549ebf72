"""The stand-in for Swapspace answers as the documentation says, code by code."""

import json
from typing import Any

import pytest

from tests.props.providers.callers import MERCHANT, NOW, SAVE_WITHDRAW, SWAPSPACE_ORDER, TRON, Desk, swapspace_sign

ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"


def code(response: Any) -> int:
    assert response.status_code == 200
    assert set(response.json) == {"code", "msg"}
    return int(response.json["code"])


@pytest.mark.parametrize("form", [False, True])
def test_the_documented_request_gets_the_documented_answer(desk: Desk, form: bool) -> None:
    response = desk.swapspace(form=form, sign="SGJjgtSyjDkHc22vzj0du+lQryrHpj/bjfKaADBxdkU=")
    assert response.status_code == 200
    assert response.json == {"code": 200, "msg": "success"}
    (call,) = desk.book.calls()
    assert (call.provider, call.customer, call.reference, call.coin) == ("swapspace", MERCHANT, None, "USDT")
    assert (call.amount, call.address, call.block_chain) == ("1000", TRON, "TRX_CHAIN")
    assert (call.code, call.withdrawal_id, call.booked) == (200, None, True)


def test_the_documented_request_of_merchant_100105_is_taken_when_signed_with_its_key() -> None:
    desk = Desk(swapspace={"code": "100105", "access_key": "k"})
    assert code(desk.swapspace(code=100105, key="k")) == 200


@pytest.mark.parametrize(("coin", "amount"), [("USDT", 1000), ("USDC", 2), ("ETH", 2)])
def test_each_documented_token_is_taken(coin: str, amount: int) -> None:
    desk = Desk(swapspace={"balances": {"USDT": "1000", "USDC": "2", "ETH": "2"}})
    response = desk.swapspace(token_name=coin, block_chain="ETH_CHAIN", to_address=ETHEREUM, withdraw_amount=amount)
    assert code(response) == 200


def test_equal_orders_are_paid_twice(desk: Desk) -> None:
    assert [code(desk.swapspace()), code(desk.swapspace())] == [200, 200]
    assert len(desk.book.booked()) == 2


WRONG_TYPES: tuple[Any, ...] = ("", None, [], True)
CASES: list[tuple[int, dict[str, Any], dict[str, Any]]] = [
    # 40001: a field that is missing, of a wrong form or of a wrong type
    *((40001, {}, {name: wrong}) for name in SWAPSPACE_ORDER for wrong in WRONG_TYPES),
    (40001, {}, {"sign": ""}),
    (40001, {}, {"sign": None}),
    (40001, {}, {"code": "1001190"}),
    (40001, {}, {"order_time": 1705895566.5}),
    (40001, {}, {"order_time": 1705895566000}),
    (40001, {}, {"order_time": int(NOW) - 300}),
    (40001, {}, {"order_time": int(NOW) + 301}),
    (40001, {}, {"block_chain": "BTC_CHAIN"}),
    (40001, {}, {"to_address": 7}),
    (40001, {}, {"withdraw_amount": "1E+3"}),
    (40001, {}, {"withdraw_amount": -1000}),
    (40001, {}, {"withdraw_amount": "1000000000000000.00"}),
    (40001, {"content": "form"}, {}),
    (40002, {}, {"token_name": "BTC"}),
    (40002, {}, {"token_name": "usdt"}),
    (40003, {}, {"code": 100120}),
    (40004, {"prohibited": True}, {}),
    (40005, {}, {"sign": "SGJjgtSyjDkHc22vzj0du+lQryrHpj/bjfKaADBxdkV="}),
    (40005, {"access_key": "another"}, {}),
    (40006, {}, {"to_address": TRON[:-1] + "5"}),
    (40006, {}, {"to_address": TRON + " "}),
    (40006, {}, {"to_address": ETHEREUM}),
    (40006, {}, {"to_address": TRON, "block_chain": "ETH_CHAIN"}),
    (40007, {"internal": [TRON]}, {}),
    (40008, {}, {"withdraw_amount": 5001}),
    (40008, {}, {"token_name": "USDC"}),
    (40009, {}, {"withdraw_amount": 1}),
    (40009, {}, {"withdraw_amount": 0}),
    (40010, {"allowed_ips": ["203.0.113.9"]}, {}),
]


@pytest.mark.parametrize(("expected", "customer", "changes"), CASES)
def test_every_documented_no(expected: int, customer: dict[str, Any], changes: dict[str, Any]) -> None:
    desk = Desk(swapspace=customer)
    assert code(desk.swapspace(**changes)) == expected
    assert not desk.book.booked()
    assert desk.book.calls()[0].code == expected


def test_a_system_error_is_reached_through_a_fault(desk: Desk) -> None:
    desk.client.post("/faults", json={"provider": "swapspace", "fault": "code", "code": 40000})
    assert desk.swapspace().json == {"code": 40000, "msg": "system error"}
    assert code(desk.swapspace()) == 200


def test_every_documented_code_has_a_case() -> None:
    assert {case[0] for case in CASES} | {40000} == set(range(40000, 40011))


@pytest.mark.parametrize("age", [-300, 0, 300])
def test_an_order_time_within_five_minutes_is_taken(desk: Desk, age: int) -> None:
    desk.clock.now = int(NOW)
    assert code(desk.swapspace(order_time=int(NOW) - age)) == 200


def test_an_allowed_ip_may_call() -> None:
    desk = Desk(swapspace={"allowed_ips": ["203.0.113.9"]})
    desk.caller = "203.0.113.9"
    assert code(desk.swapspace()) == 200


def test_an_amount_just_above_the_expense_is_taken(desk: Desk) -> None:
    assert code(desk.swapspace(withdraw_amount="1.000001")) == 200


def test_booked_amounts_come_off_the_balance(desk: Desk) -> None:
    assert code(desk.swapspace(withdraw_amount=4990)) == 200
    assert code(desk.swapspace(withdraw_amount=11)) == 40008
    assert code(desk.swapspace(withdraw_amount=10)) == 200


# The signature covers the amount's text as it stands on the wire.


def raw_json(desk: Desk, amount: str, signed_amount: str) -> int:
    order = SWAPSPACE_ORDER | {"withdraw_amount": signed_amount}
    body = json.dumps(order | {"withdraw_amount": 0, "sign": swapspace_sign(order)})
    body = body.replace('"withdraw_amount": 0', f'"withdraw_amount": {amount}')
    return code(desk.client.post(SAVE_WITHDRAW, data=body, content_type="application/json"))


@pytest.mark.parametrize("amount", ["1000", "1000.0", "1000.00", "123456789.12345678"])
def test_a_json_number_is_signed_as_its_text(amount: str) -> None:
    desk = Desk(swapspace={"balances": {"USDT": "1000000000"}})
    assert raw_json(desk, amount, amount) == 200
    assert desk.book.calls()[0].amount == amount


def test_an_equal_number_with_another_text_is_a_sign_error(desk: Desk) -> None:
    assert raw_json(desk, "1000.0", "1000") == 40005
    assert raw_json(desk, "1000", "1000.0") == 40005


def test_a_number_with_an_exponent_is_a_parameter_error(desk: Desk) -> None:
    assert raw_json(desk, "1E+3", "1E+3") == 40001


def test_a_plus_that_was_not_encoded_in_a_form_is_a_sign_error(desk: Desk) -> None:
    sign = "SGJjgtSyjDkHc22vzj0du+lQryrHpj/bjfKaADBxdkU="
    fields = "&".join(f"{key}={value}" for key, value in SWAPSPACE_ORDER.items())
    form = "application/x-www-form-urlencoded"
    raw = desk.client.post(SAVE_WITHDRAW, data=f"{fields}&sign={sign}", content_type=form)
    encoded = desk.client.post(SAVE_WITHDRAW, data=f"{fields}&sign={sign.replace('+', '%2B')}", content_type=form)
    assert [code(raw), code(encoded)] == [40005, 200]


@pytest.mark.parametrize(
    ("content", "form", "expected"),
    [
        ("json", False, 200),
        ("json", True, 40001),
        ("form", True, 200),
        ("form", False, 40001),
        ("either", True, 200),
        ("either", False, 200),
    ],
)
def test_the_content_type_is_the_customers_choice(content: str, form: bool, expected: int) -> None:
    assert code(Desk(swapspace={"content": content}).swapspace(form=form)) == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b'{"code": 1, "code": 2}', "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"code=1&code=2", "application/x-www-form-urlencoded"),
        (b"code", "application/x-www-form-urlencoded"),
        (b"code=%ff", "application/x-www-form-urlencoded"),
        (b"\xff=1", "application/x-www-form-urlencoded"),
        (b"{}", "text/plain"),
        (b"{}", ""),
    ],
)
def test_an_unreadable_body_is_a_parameter_error(desk: Desk, body: bytes, content_type: str) -> None:
    response = desk.client.post(SAVE_WITHDRAW, data=body, content_type=content_type)
    assert code(response) == 40001
    assert desk.book.calls()[0].content_type == content_type


def test_a_wrong_method_is_http_405(desk: Desk) -> None:
    response = desk.client.get(SAVE_WITHDRAW)
    assert (response.status_code, response.json) == (405, {"error": "Method Not Allowed"})


def test_an_unknown_path_is_http_404(desk: Desk) -> None:
    assert desk.client.post("/admin/api/open/queryWithdraw").status_code == 404
