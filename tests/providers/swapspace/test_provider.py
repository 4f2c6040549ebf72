"""Swapspace: the documented request and answer field by field, and every code with its outcome."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.errors import InvalidValue
from payouts.domain.money import plain
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, Refused, Unknown
from payouts.providers import signing
from payouts.providers.swapspace.provider import CODES, Swapspace, json_body
from tests.props.providers.lines import MakeClient, ScriptedLine, instruction, order

KEY = "8b026795f25458920ec1ce2249efasd9"
SIGN = "SGJjgtSyjDkHc22vzj0du+lQryrHpj/bjfKaADBxdkU="
ADDRESS = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"
OUTCOMES = {40000: Unknown} | dict.fromkeys(range(40001, 40011), Refused)


def test_the_documented_request_is_on_the_wire_field_by_field(client: MakeClient, line: ScriptedLine) -> None:
    line.answers({"code": 200, "msg": "success"})
    client("swapspace").submit(instruction(Kind.TRX_CHAIN, amount=Decimal("1000.00")))
    [(method, path, body, headers)] = line.sent
    assert (method, path) == ("POST", "/admin/api/open/saveWithdraw")
    assert headers == {"Content-Type": "application/json"}
    assert json.loads(body) == {
        "block_chain": "TRX_CHAIN",
        "code": 100119,
        "order_time": 1705895566,
        "to_address": ADDRESS,
        "token_name": "USDT",
        "withdraw_amount": 1000,
        "sign": SIGN,
    }
    assert b'"withdraw_amount":1000,' in body
    assert b'"code":100119,' in body


def test_as_a_form_the_same_fields_are_percent_encoded(client: MakeClient, line: ScriptedLine) -> None:
    line.answers({"code": 200, "msg": "success"})
    client("swapspace", content="form").submit(instruction(Kind.TRX_CHAIN, amount=Decimal("1000.00")))
    [(_, _, body, headers)] = line.sent
    assert headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert dict(parse_qsl(body.decode(), strict_parsing=True)) == {
        "block_chain": "TRX_CHAIN",
        "code": "100119",
        "order_time": "1705895566",
        "to_address": ADDRESS,
        "token_name": "USDT",
        "withdraw_amount": "1000",
        "sign": SIGN,
    }
    assert b"sign=SGJjgtSyjDkHc22vzj0du%2BlQryrHpj%2FbjfKaADBxdkU%3D" in body


def test_the_documented_answer_is_accepted_without_an_id(client: MakeClient, line: ScriptedLine) -> None:
    line.answers({"code": 200, "msg": "success"})
    answer = client("swapspace").submit(instruction(Kind.TRX_CHAIN))
    assert isinstance(answer, Accepted)
    assert answer.provider_id is None
    assert answer.exchange.raw == '{"code": 200, "msg": "success"}'


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1000", "1000"),
        ("1E+3", "1000"),
        ("1000.0", "1000"),
        ("0.0000001", "0.0000001"),
        ("1E-7", "0.0000001"),
        ("0.1", "0.1"),
        ("12345678901.123456", "12345678901.123456"),  # a float would end in 123457
        ("100000000000000000", "100000000000000000"),
        ("0.000000000000001", "0.000000000000001"),
    ],
)
@pytest.mark.parametrize("content", ["json", "form"])
def test_the_wire_amount_is_the_signed_amount(
    client: MakeClient, line: ScriptedLine, amount: str, text: str, content: str
) -> None:
    line.answers({"code": 200})
    client("swapspace", content=content).submit(instruction(Kind.ETH_CHAIN, coin="ETH", amount=Decimal(amount)))
    [(_, _, body, _)] = line.sent
    if content == "json":
        sent = json.loads(body, parse_int=str, parse_float=str)
    else:
        sent = dict(parse_qsl(body.decode(), strict_parsing=True))
    assert sent["withdraw_amount"] == text
    assert sent["sign"] == signing.swapspace(sent, KEY)


@given(st.decimals(min_value="1e-18", max_value="1e20", places=18, allow_nan=False))
def test_any_amount_survives_the_json_body_digit_by_digit(amount: Decimal) -> None:
    body = json_body({"withdraw_amount": plain(amount)})
    assert Decimal(json.loads(body, parse_int=str, parse_float=str)["withdraw_amount"]) == amount


@pytest.mark.parametrize("amount", ["1e3", "NaN", "-1", "01", "1.", ".5", "1,0", '1,"to_address":"x"', "1\n", ""])
def test_only_a_plain_number_is_written_bare(amount: str) -> None:
    with pytest.raises(ValueError, match="not a plain number"):
        json_body({"withdraw_amount": amount})


def test_everything_else_is_escaped_as_json() -> None:
    assert json.loads(json_body({"a": 'x"y\\', "b": 1})) == {"a": 'x"y\\', "b": 1}


def test_an_amount_longer_than_documented_is_refused() -> None:
    assert Swapspace.fields(order(Kind.ETH_CHAIN, amount=Decimal("1.0000000000000001")))
    with pytest.raises(InvalidValue) as refused:
        Swapspace.fields(order(Kind.ETH_CHAIN, amount=Decimal("1.00000000000000001")))
    assert (refused.value.field, refused.value.code) == ("amount", "too_long")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": Kind.EMAIL}, "kind"),
        ({"address": ""}, "address"),
        ({"address": "T&withdraw_amount=9"}, "address"),
        ({"coin": "US=DT"}, "coin"),
        ({"amount": Decimal("0")}, "amount"),
        ({"amount": Decimal("sNaN")}, "amount"),
    ],
)
def test_what_cannot_be_said_has_no_fields(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Swapspace.fields(replace(order(Kind.TRX_CHAIN), **changes))
    assert refused.value.field == field


@pytest.mark.parametrize(("code", "outcome"), OUTCOMES.items())
def test_every_documented_code_has_its_outcome(client: MakeClient, line: ScriptedLine, code: int, outcome: Any) -> None:
    line.answers({"code": code, "msg": "its message"})
    answer = client("swapspace").submit(instruction(Kind.TRX_CHAIN))
    assert isinstance(answer, outcome)
    assert (answer.code, answer.message) == (str(code), "its message")


def test_the_table_holds_the_eleven_errors_and_the_success_and_no_others() -> None:
    assert set(CODES) == {200, *OUTCOMES}


@pytest.mark.parametrize("code", [0, 1, 201, 400, 500, 40011, 50000, -200])
def test_an_undocumented_code_is_unknown_and_kept(client: MakeClient, line: ScriptedLine, code: int) -> None:
    line.answers({"code": code, "msg": "?"})
    answer = client("swapspace").submit(instruction(Kind.TRX_CHAIN))
    assert isinstance(answer, Unknown)
    assert answer.code == str(code)


@pytest.mark.parametrize(
    "body",
    [b"", b"success", b"null", b"[200]", b"{}", b'{"code":true}', b'{"code":"200"}', b'{"code":200.0}',
     b'{"code":null}', b'{"code":40001,"code":200}', b'{"code":2', b'{"msg":"success"}', b"\x1f\x8b\x08"],
)  # fmt: skip
def test_what_is_no_envelope_is_unreadable_and_the_connection_is_dropped(
    client: MakeClient, line: ScriptedLine, body: object
) -> None:
    line.answers(body)
    answer = client("swapspace").submit(instruction(Kind.TRX_CHAIN))
    assert isinstance(answer, Unknown)
    assert answer.code == "unreadable"
    assert line.hung_up == 1


@pytest.mark.parametrize("status", [201, 302, 400, 401, 403, 404, 429, 500, 502])
@pytest.mark.parametrize("code", [200, 40001])
def test_no_status_but_200_is_believed(client: MakeClient, line: ScriptedLine, status: int, code: int) -> None:
    line.answers({"code": code, "msg": "x"}, status)
    answer = client("swapspace").submit(instruction(Kind.TRX_CHAIN))
    assert isinstance(answer, Unknown)
    assert answer.code == f"HTTP {status}"
