"""Zoomex: the documented request and answer field by field, and every code with its outcome."""

import hashlib
import hmac
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, NotExecuted, Refused, Unknown
from payouts.providers.http import Lost
from payouts.providers.zoomex.provider import Zoomex
from payouts.providers.zoomex.v1 import CODES
from tests.props.providers.lines import MakeClient, ScriptedLine, instruction, order

KEY, SECRET = "B2Rou0PLPpGqcU0Vu2", "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr"
SUCCESS = {  # the sample answer of the documentation
    "retCode": 0,
    "retMsg": "success",
    "result": {"withdraw_id": "10195"},
    "retExtInfo": None,
    "time": 1672196571239,
}
OUTCOMES = {
    10000: Unknown,
    10001: Refused,
    10002: Refused,
    10003: Refused,
    10004: Refused,
    10005: Refused,
    10006: NotExecuted,
    10007: Unknown,
    10008: Refused,
    10009: Refused,
    10010: Refused,
    10014: Unknown,
    10016: Unknown,
    10017: NotExecuted,
    10018: NotExecuted,
    10024: Refused,
    10027: Refused,
}
UNDOCUMENTED = [1, -1, 200, 10011, 131001, 131082, 90052, 10**30]


def envelope(code: object, **more: object) -> dict[str, object]:
    return {"retCode": code, "retMsg": "its message", "result": {}, "retExtInfo": None, "time": 1} | more


def test_the_documented_request_is_on_the_wire_field_by_field(client: MakeClient, line: ScriptedLine) -> None:
    line.answers(SUCCESS)
    client("zoomex").submit(instruction(Kind.UID, amount=Decimal("1.00"), remark="r1"))
    [(method, path, body, headers)] = line.sent
    assert (method, path) == ("POST", "/private/v1/asset/withdraw/inner-create")
    sent = json.loads(body)
    sign = sent.pop("sign")
    assert sent == {
        "requestId": "a" * 32,
        "coin": "USDT",
        "addressType": 3,
        "address": "12345678",
        "amount": "1",
        "remark": "r1",
        "api_key": KEY,
        "timestamp": 1705895566432,
        "recv_window": 5000,
    }
    text = (
        f"address=12345678&addressType=3&amount=1&api_key={KEY}&coin=USDT&recv_window=5000&remark=r1"
        f"&requestId={'a' * 32}&timestamp=1705895566432"
    )
    assert sign == hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert headers == {
        "X-BAPI-API-KEY": KEY,
        "X-BAPI-SIGN": sign,
        "X-BAPI-TIMESTAMP": "1705895566432",
        "X-BAPI-RECV-WINDOW": "5000",
        "Content-Type": "application/json",
    }


def test_the_documented_answer_is_accepted_with_its_withdrawal_id(client: MakeClient, line: ScriptedLine) -> None:
    line.answers(SUCCESS)
    answer = client("zoomex").submit(instruction(Kind.EMAIL))
    assert isinstance(answer, Accepted)
    assert answer.provider_id == "10195"
    assert answer.exchange.http_status == 200
    assert json.loads(answer.exchange.raw) == SUCCESS


def test_the_older_envelope_is_read_as_well(client: MakeClient, line: ScriptedLine) -> None:
    line.answers({"ret_code": 0, "ret_msg": "OK", "ext_code": "", "result": {"withdraw_id": "7"}})
    assert client("zoomex").submit(instruction(Kind.EMAIL)).provider_id == "7"
    line.answers({"ret_code": 10001, "ret_msg": "params error", "result": None})
    refused = client("zoomex").submit(instruction(Kind.EMAIL))
    assert (refused.code, refused.message) == ("10001", "params error")


@pytest.mark.parametrize(
    ("kind", "type_", "more"), [(Kind.EMAIL, 1, {}), (Kind.PHONE, 2, {"areaCode": 45}), (Kind.UID, 3, {})]
)
def test_each_kind_has_its_address_type(kind: Kind, type_: int, more: dict[str, int]) -> None:
    asked = order(kind, area_code="45", remark="")
    assert Zoomex.fields(asked) == {
        "requestId": "a" * 32,
        "coin": "USDT",
        "addressType": type_,
        "address": asked.address,
        "amount": "1000",
        **more,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": Kind.TRX_CHAIN}, "kind"),
        ({"reference": "a-b"}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "a" * 65}, "reference"),
        ({"address": ""}, "address"),
        ({"address": "a&amount=9"}, "address"),
        ({"address": "a@b.c\n"}, "address"),
        ({"area_code": ""}, "area_code"),
        ({"area_code": "045"}, "area_code"),
        ({"area_code": "+45"}, "area_code"),
        ({"area_code": "٤٥"}, "area_code"),
        ({"remark": "a=b"}, "remark"),
        ({"remark": "a" * 51}, "remark"),
        ({"coin": ""}, "coin"),
        ({"amount": Decimal("0")}, "amount"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"amount": Decimal("Infinity")}, "amount"),
    ],
)
def test_what_cannot_be_said_has_no_fields(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Zoomex.fields(replace(order(Kind.PHONE), **changes))
    assert refused.value.field == field


@pytest.mark.parametrize(("code", "outcome"), OUTCOMES.items())
def test_every_documented_code_has_its_outcome(client: MakeClient, line: ScriptedLine, code: int, outcome: Any) -> None:
    line.answers(envelope(code))
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, outcome)
    assert (answer.code, answer.message) == (str(code), "its message")


def test_the_table_holds_the_documented_codes_and_no_others() -> None:
    assert set(CODES) == {0, *OUTCOMES}


@pytest.mark.parametrize(("code", "seconds"), [(10006, 5), (10017, 60), (10018, 600)])
def test_what_was_not_executed_says_how_long_to_wait(
    client: MakeClient, line: ScriptedLine, code: int, seconds: int
) -> None:
    line.answers(envelope(code))
    assert client("zoomex").submit(instruction(Kind.UID)).retry_after == seconds


@pytest.mark.parametrize("code", UNDOCUMENTED)
def test_an_undocumented_code_is_unknown_and_kept(client: MakeClient, line: ScriptedLine, code: int) -> None:
    line.answers(envelope(code))
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == str(code)


@pytest.mark.parametrize("code", [True, False, None, "0", "10001", 0.0, 10001.0, [], {}])
def test_a_code_that_is_no_whole_number_is_unreadable(client: MakeClient, line: ScriptedLine, code: object) -> None:
    line.answers(envelope(code, result={"withdraw_id": "1"}))
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == "unreadable"


@pytest.mark.parametrize(
    "result", [None, {}, [], "10195", {"withdraw_id": ""}, {"withdraw_id": 10195}, {"withdraw_id": None},
               {"withdraw_id": "a b"}, {"withdraw_id": "1\n"}, {"withdraw_id": "9" * 65}, {"withdrawId": "1"}]
)  # fmt: skip
def test_code_0_without_a_withdrawal_id_is_unknown(client: MakeClient, line: ScriptedLine, result: object) -> None:
    line.answers(envelope(0, result=result))
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == "no_withdrawal_id"


@pytest.mark.parametrize(
    "body",
    [
        envelope(0, ret_code=10001, result={"withdraw_id": "1"}),
        envelope(10001, ret_code=0, result={"withdraw_id": "1"}),
        envelope(10001, ret_code=10003),
        envelope(10001, result={"withdraw_id": "1"}),
        envelope(10006, result={"withdraw_id": "1"}),
    ],
)
def test_an_answer_that_contradicts_itself_is_unknown(
    client: MakeClient, line: ScriptedLine, body: dict[str, Any]
) -> None:
    line.answers(body)
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == "contradictory"


def test_both_envelopes_with_one_code_agree(client: MakeClient, line: ScriptedLine) -> None:
    line.answers(envelope(0, ret_code=0, result={"withdraw_id": "1"}))
    assert isinstance(client("zoomex").submit(instruction(Kind.UID)), Accepted)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>OK</html>", b"null", b"[]", b"0", b'"OK"', b"{}", b'{"retCode":0', b"\xff\xfe{",
     b'{"retCode":10001,"retCode":0,"result":{"withdraw_id":"1"}}', b'{"code":0}', b"[" * 100_000,
     b'{"retCode":' + b"1" * 5000],
)  # fmt: skip
def test_what_is_no_envelope_is_unreadable_and_the_connection_is_dropped(
    client: MakeClient, line: ScriptedLine, body: object
) -> None:
    line.answers(body)
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == "unreadable"
    assert line.hung_up == 1


@pytest.mark.parametrize(("status", "outcome"), [(400, Refused), (401, Refused), (404, Refused), (403, NotExecuted)])
@pytest.mark.parametrize("body", [b"", b"<html>access too frequent</html>", {"error": "x"}])
def test_a_documented_status_without_a_code_decides(
    client: MakeClient, line: ScriptedLine, status: int, outcome: Any, body: object
) -> None:
    line.answers(body, status)
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, outcome)
    assert answer.code == f"HTTP {status}"
    if outcome is NotExecuted:
        assert answer.retry_after == 600


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize(
    ("code", "outcome"), [(10003, Refused), (10018, NotExecuted), (10016, Unknown), (131082, Unknown)]
)
def test_under_a_documented_status_the_body_s_code_decides(
    client: MakeClient, line: ScriptedLine, status: int, code: int, outcome: Any
) -> None:
    line.answers(envelope(code), status)
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, outcome)
    assert answer.code == str(code)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_success_under_an_error_status_is_unknown(client: MakeClient, line: ScriptedLine, status: int) -> None:
    line.answers(SUCCESS, status)
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == "contradictory"


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 405, 409, 418, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [SUCCESS, envelope(10001), envelope(10006), b"<html>"])
def test_under_any_other_status_nothing_is_believed(
    client: MakeClient, line: ScriptedLine, status: int, body: object
) -> None:
    line.answers(body, status)
    answer = client("zoomex").submit(instruction(Kind.UID))
    assert isinstance(answer, Unknown)
    assert answer.code == f"HTTP {status}"


def test_a_second_attempt_is_signed_afresh_with_the_same_request_id(client: MakeClient, line: ScriptedLine) -> None:
    line.script = [Lost("timeout", "No answer.", 300), Lost("timeout", "No answer.", 300)]
    zoomex = client("zoomex", recv_window="1000")
    zoomex.submit(instruction(Kind.UID))
    zoomex.clock = lambda: 1705895570.0
    zoomex.submit(instruction(Kind.UID))
    first, second = (json.loads(body) for _, _, body, _ in line.sent)
    assert first["requestId"] == second["requestId"]
    assert first["recv_window"] == 1000
    assert second["timestamp"] == 1705895570000
    assert first["sign"] != second["sign"]
