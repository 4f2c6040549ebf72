"""What every registered provider owes the rest of the product.

A new one is in here by being registered, and adds a line to YES, NO, ADDED, BARE, STOP and to ACCOUNTS in lines.py.
"""

import copy
import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, Exchange, NotExecuted, Refused, Unknown
from payouts.providers.base import LookUp, Provider
from payouts.providers.http import Line, Lost, NotOpened
from payouts.providers.registry import PROVIDERS, open_provider
from tests.props.providers.lines import MakeClient, ScriptedLine, account, instruction, instruction_of, order

EVERY_PROVIDER = pytest.mark.parametrize("name", PROVIDERS)
EVERY_KIND = pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, p in PROVIDERS.items() for kind in sorted(p.kinds)]
)

# The documented yes and no of each, and what it adds to the order's own fields.
YES = {
    "zoomex": ({"retCode": 0, "retMsg": "success", "result": {"withdraw_id": "10195"}}, "10195"),
    "swapspace": ({"code": 200, "msg": "success"}, None),
}
NO = {
    "zoomex": ({"retCode": 10001, "retMsg": "no"}, "10001"),
    "swapspace": ({"code": 40006, "msg": "no"}, "40006"),
}
ADDED = {
    "zoomex": {"api_key", "timestamp", "recv_window", "sign"},
    "swapspace": {"code", "order_time", "sign"},
}
BARE: dict[str, set[str]] = {"zoomex": set(), "swapspace": {"withdraw_amount"}}  # texts that JSON has as numbers
DOUBTFUL = (10007, 38001, 90042, 131212)  # they stop the account, and are no documented no
# The codes after which the whole account stops, and the answer that carries each.
STOP: dict[str, dict[str, tuple[int, object]]] = {
    "zoomex": {
        str(code): (200, {"retCode": code, "retMsg": "no"})
        for code in (10002, 10003, 10004, 10005, 10008, 10009, 10010, 10024, 10027, *DOUBTFUL)
    }
    | {"HTTP 401": (401, b"")},
    "swapspace": {str(code): (200, {"code": code, "msg": "no"}) for code in (40003, 40004, 40005, 40008, 40010)},
}
OTHER_ADDRESS = {Kind.EMAIL: "bob@example.com", Kind.PHONE: "20123457", Kind.UID: "12345679"}


@dataclass(frozen=True)
class Number:
    """A bare number of a JSON text, with the digits it was written with."""

    digits: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and str(self.digits) == str(other.digits)


def any_kind(name: str) -> Kind:
    return sorted(PROVIDERS[name].kinds)[0]


def sent_fields(body: bytes) -> dict[str, str]:
    """A body's members, numbers with the digits they were sent with."""
    if body.startswith(b"{"):
        sent: dict[str, str] = json.loads(body, parse_int=str, parse_float=str)
        return sent
    return dict(parse_qsl(body.decode(), strict_parsing=True))


@EVERY_PROVIDER
def test_it_declares_itself(name: str) -> None:
    provider = PROVIDERS[name]
    assert re.fullmatch("[a-z]+", provider.name)
    assert provider.name == name
    assert provider.title
    assert provider.kinds
    assert provider.hosts
    assert {spec.network for spec in provider.assets} == {kind.network for kind in provider.kinds}
    assert len({(spec.network, spec.coin) for spec in provider.assets}) == len(provider.assets)
    assert all(option.allows(option.default) for option in provider.options.values())
    assert "timeout" in provider.options


def test_only_a_provider_that_promises_it_may_be_asked_again() -> None:
    assert [name for name, provider in PROVIDERS.items() if provider.resend_allowed] == ["zoomex"]


@EVERY_PROVIDER
def test_the_codes_that_stop_an_account_are_these(name: str) -> None:
    assert PROVIDERS[name].stop_codes == set(STOP[name])


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, codes in STOP.items() for code in codes])
def test_a_code_that_stops_the_account_refuses_the_order_unless_it_is_in_doubt(
    name: str, code: str, client: MakeClient, line: ScriptedLine
) -> None:
    http_status, body = STOP[name][code]
    line.answers(body, http_status)
    answer = client(name).submit(instruction(any_kind(name), provider=name))
    assert isinstance(answer, Unknown if code in map(str, DOUBTFUL) else Refused)
    assert answer.code == code


@EVERY_PROVIDER
def test_it_can_look_up_exactly_when_it_says_so(name: str, client: MakeClient) -> None:
    assert isinstance(client(name), LookUp) is PROVIDERS[name].can_look_up


@EVERY_PROVIDER
def test_it_opens_without_connecting_and_closes(name: str) -> None:
    provider: Provider = open_provider(account(name))
    assert isinstance(provider, PROVIDERS[name])
    assert isinstance(provider.line, Line)  # type: ignore[attr-defined]
    provider.close()


@EVERY_KIND
def test_every_fact_that_decides_who_is_paid_what_changes_the_fields(name: str, kind: Kind) -> None:
    provider = PROVIDERS[name]
    base = order(kind, provider=name, area_code="45")
    changes: list[dict[str, Any]] = [{"kind": other} for other in sorted(provider.kinds - {kind})]
    changes += [
        {"address": OTHER_ADDRESS.get(kind, base.address[:-1] + "5")},
        {"coin": "ETH"},
        {"amount": Decimal("1000.01")},
    ]
    if kind is Kind.PHONE:
        changes.append({"area_code": "46"})
    if provider.takes_remark:
        changes.append({"remark": "invoice 7"})
    for change in changes:
        assert provider.fields(replace(base, **change)) != provider.fields(base), change


@EVERY_KIND
def test_equal_amounts_have_equal_fields(name: str, kind: Kind) -> None:
    fields = PROVIDERS[name].fields(order(kind, provider=name))
    assert fields == PROVIDERS[name].fields(order(kind, provider=name, amount=Decimal("1E+3")))
    assert "1000" in fields.values()


@EVERY_KIND
@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-0", "-5"])
def test_no_amount_but_a_positive_number_has_fields(name: str, kind: Kind, amount: str) -> None:
    with pytest.raises(InvalidValue):
        PROVIDERS[name].fields(order(kind, provider=name, amount=Decimal(amount)))


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [(name, kind, {}) for name, p in PROVIDERS.items() for kind in sorted(p.kinds)]
    + [
        (name, kind, {"content": "form"})
        for name, p in PROVIDERS.items()
        for kind in sorted(p.kinds)
        if "content" in p.options
    ],
)
def test_exactly_the_fields_are_sent_with_clock_key_and_signature(
    name: str, kind: Kind, content: dict[str, str], client: MakeClient, line: ScriptedLine
) -> None:
    stored = instruction(kind, provider=name, area_code="45", remark="é, part 1", amount=Decimal("12345678901.123456"))
    line.answers(YES[name][0])
    client(name, **content).submit(stored)
    [(method, _, body, _)] = line.sent
    sent = sent_fields(body)
    fields = {field: str(value) for field, value in stored.fields.items()}
    assert method == "POST"
    assert {field: sent[field] for field in fields} == fields
    assert set(sent) - set(fields) == ADDED[name]


@EVERY_KIND
def test_numbers_are_sent_as_numbers_and_texts_as_texts(
    name: str, kind: Kind, client: MakeClient, line: ScriptedLine
) -> None:
    stored = instruction(kind, provider=name, area_code="45", amount=Decimal("12345678901.123456"))
    line.answers(YES[name][0])
    client(name).submit(stored)
    sent = json.loads(line.sent[0][2], parse_int=Number, parse_float=Number)
    fields = {
        field: Number(value) if type(value) is int or field in BARE[name] else value
        for field, value in stored.fields.items()
    }
    assert {field: sent[field] for field in fields} == fields


@EVERY_KIND
def test_what_is_stored_is_sent_whatever_the_code_would_make_of_the_order_by_then(
    name: str, kind: Kind, client: MakeClient, line: ScriptedLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = instruction(kind, provider=name)
    another = {field: f"{value}9" for field, value in stored.fields.items()}
    monkeypatch.setattr(PROVIDERS[name], "fields", staticmethod(lambda order: another))
    line.answers(YES[name][0])
    client(name).submit(stored)
    sent = sent_fields(line.sent[0][2])
    assert {field: sent[field] for field in stored.fields} == {
        field: str(value) for field, value in stored.fields.items()
    }


@EVERY_PROVIDER
def test_fields_that_no_order_would_have_are_sent_as_they_stand(
    name: str, client: MakeClient, line: ScriptedLine
) -> None:
    fields: dict[str, str | int] = {"b": "one", "a": 2, "c": "", "d": "003", "e": "1e3"}
    line.answers(YES[name][0])
    client(name).submit(replace(instruction(any_kind(name), provider=name), fields=fields))
    sent = json.loads(line.sent[0][2])
    assert {field: sent[field] for field in fields} == fields
    assert set(sent) - set(fields) == ADDED[name]


@EVERY_PROVIDER
@pytest.mark.parametrize("value", ["a&b", "a=b", "\ud83d", 1.0, True, None, Decimal(1)], ids=ascii)
def test_what_cannot_be_signed_is_not_sent(name: str, client: MakeClient, line: ScriptedLine, value: Any) -> None:
    stored = instruction(any_kind(name), provider=name)
    with pytest.raises(InvalidValue) as refused:
        client(name).submit(replace(stored, fields={**stored.fields, "coin": value}))
    assert refused.value.code == "not_signable"
    assert line.sent == []


@EVERY_PROVIDER
def test_neither_fields_nor_credentials_are_changed(name: str, client: MakeClient, line: ScriptedLine) -> None:
    stored, provider = instruction(any_kind(name), provider=name), client(name)
    stored = replace(stored, fields=dict(stored.fields))  # that can be changed
    before = copy.deepcopy((stored, provider.credentials))
    line.answers(YES[name][0])
    line.answers(YES[name][0])
    provider.submit(stored)
    provider.submit(stored)
    assert (stored, provider.credentials) == before
    assert line.sent[0] == line.sent[1]  # a fresh request each time: at one instant, the same


@EVERY_PROVIDER
def test_the_documented_yes_is_accepted(name: str, client: MakeClient, line: ScriptedLine) -> None:
    body, provider_id = YES[name]
    line.answers(body)
    answer = client(name).submit(instruction(any_kind(name), provider=name))
    assert answer == Accepted(provider_id, Exchange(200, 12, json.dumps(body)))
    assert line.hung_up == 0


@EVERY_PROVIDER
@pytest.mark.parametrize("began", [None, 12.5])
def test_the_calls_deadline_counts_from_when_it_is_told(
    name: str, began: float | None, client: MakeClient, line: ScriptedLine
) -> None:
    line.answers(YES[name][0])
    client(name).submit(instruction(any_kind(name), provider=name), began=began)
    assert line.began == [began]


@EVERY_PROVIDER
def test_a_documented_no_is_refused(name: str, client: MakeClient, line: ScriptedLine) -> None:
    body, code = NO[name]
    line.answers(body)
    answer = client(name).submit(instruction(any_kind(name), provider=name))
    assert answer == Refused(code, "no", Exchange(200, 12, json.dumps(body)))
    assert line.hung_up == 0


@EVERY_PROVIDER
def test_a_refusal_without_a_message_says_what_the_code_means(
    name: str, client: MakeClient, line: ScriptedLine
) -> None:
    body, _ = NO[name]
    line.answers({field: value for field, value in body.items() if value != "no"})
    assert client(name).submit(instruction(any_kind(name), provider=name)).message


@EVERY_PROVIDER
def test_a_connection_that_never_opened_was_not_executed(name: str, client: MakeClient, line: ScriptedLine) -> None:
    line.script = [NotOpened("No connection.", 7)]
    answer = client(name).submit(instruction(any_kind(name), provider=name))
    assert answer == NotExecuted("connection_not_opened", "No connection.", 5.0, Exchange(None, 7, ""))


@EVERY_PROVIDER
@pytest.mark.parametrize("code", ["timeout", "connection_lost", "too_large"])
def test_a_lost_answer_is_unknown_with_what_was_read(
    name: str, client: MakeClient, line: ScriptedLine, code: str
) -> None:
    line.script = [Lost(code, "Gone.", 300, 200, b'{"co')]
    answer = client(name).submit(instruction(any_kind(name), provider=name))
    assert answer == Unknown(code, "Gone.", Exchange(200, 300, '{"co'))


@EVERY_PROVIDER
@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"true", b"[]", b"{}", b"\x00", b'{"success":true}'])
def test_what_cannot_be_read_is_unknown(name: str, client: MakeClient, line: ScriptedLine, body: bytes) -> None:
    line.answers(body)
    assert isinstance(client(name).submit(instruction(any_kind(name), provider=name)), Unknown)
    assert line.hung_up == 1


@EVERY_PROVIDER
@pytest.mark.parametrize("status", [100, 201, 302, 500, 503])
def test_a_yes_under_an_undocumented_status_is_unknown(
    name: str, client: MakeClient, line: ScriptedLine, status: int
) -> None:
    line.answers(YES[name][0], status)
    assert isinstance(client(name).submit(instruction(any_kind(name), provider=name)), Unknown)


@EVERY_PROVIDER
@pytest.mark.parametrize("change", [{"account": "other"}, {"provider": "other"}])
def test_an_order_of_another_account_is_not_sent(
    name: str, client: MakeClient, line: ScriptedLine, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue) as refused:
        client(name).submit(replace(instruction(any_kind(name), provider=name), **change))
    assert refused.value.code == "another_account"
    assert line.sent == []


@EVERY_PROVIDER
def test_what_a_provider_echoes_of_our_secrets_is_not_kept(name: str, client: MakeClient, line: ScriptedLine) -> None:
    asked, credentials = order(any_kind(name), provider=name), account(name)
    line.answers(YES[name][0])
    client(name).submit(instruction_of(asked))
    sign = sent_fields(line.sent[0][2])["sign"]
    canaries = [credentials.key, credentials.secret, sign]
    body = {**NO[name][0], "echo": canaries, "retMsg": " ".join(canaries), "msg": " ".join(canaries)}
    for http_status in (200, 500):
        line.answers(body, http_status)
    line.script.append(Lost("connection_lost", "Gone.", 1, 200, json.dumps(canaries).encode()))
    for _ in range(3):
        answer = client(name).submit(instruction_of(asked))
        for canary in canaries:
            assert canary not in repr(answer)
        assert "[removed]" in answer.exchange.raw


@EVERY_PROVIDER
def test_no_repr_shows_a_secret(name: str, client: MakeClient) -> None:
    provider, credentials = client(name), account(name)
    request = provider.request(instruction(any_kind(name), provider=name).fields)
    for shown in (provider, request, credentials):
        assert credentials.secret not in repr(shown)
        assert credentials.key not in repr(shown)
