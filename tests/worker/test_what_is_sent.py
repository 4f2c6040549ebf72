"""What leaves is what stands in the submission's row, field by field, whatever rows and code say by the time it leaves.

With the real clients, down to the bytes that they hand to the line.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from payouts.domain.recipients.kind import Kind
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause, Submission, Withdrawal
from payouts.preview import fields_to_send
from payouts.providers.credentials import parse_account
from payouts.providers.http import Lost
from payouts.providers.registry import PROVIDERS
from payouts.worker import accounts, clock, dispatch
from payouts.workflow.sending.submission import Claim, may_still_send
from tests.props.cast import Cast, active_address, approved
from tests.props.providers.doubles import PROMISES
from tests.props.providers.lines import ScriptedLine
from tests.props.rows.guards import forge
from tests.props.rows.rows import looked_twice
from tests.props.worker import WORKER, claim, claim_again, claim_next, drain, here, wake

URLS = {
    "zoomex": "zoomex://key:secret@openapi.zoomex.com",
    "swapspace": "swapspace://100119:secret@api.swapspace.ai",
    "swapspace as a form": "swapspace://100119:secret@api.swapspace.ai?content=form",
}
YES = {"zoomex": {"retCode": 0, "result": {"withdraw_id": "10195"}}, "swapspace": {"code": 200}}
ADDED = {"api_key", "timestamp", "recv_window", "sign", "code", "order_time"}
PHONE = {"kind": Kind.PHONE, "area_code": "45", "address": "20123456"}
Meanwhile = Callable[[], None]


@pytest.fixture(params=URLS)
def payee(request: pytest.FixtureRequest, cast: Cast, line: ScriptedLine, monkeypatch: pytest.MonkeyPatch) -> Address:
    """A payee of each account, whose real client speaks into the scripted line."""
    provider = request.param.partition(" ")[0]
    account = Account.objects.get(provider=provider)
    client: Any = PROVIDERS[provider]
    told = parse_account(account.name, URLS[request.param], providers=PROVIDERS)
    monkeypatch.setattr(accounts, "client", lambda name: client(told, line=line))
    monkeypatch.setattr(clock, "may_send", lambda name, by: True)
    return active_address(cast, account, **(PHONE if provider == "zoomex" else {}))


@pytest.fixture
def line() -> ScriptedLine:
    """What the clients sent, and are answered."""
    return ScriptedLine()


@pytest.fixture
def after_the_claim(monkeypatch: pytest.MonkeyPatch) -> Callable[[Meanwhile], None]:
    """`after_the_claim(deed)` does it once the row is committed, right before the call."""

    def plan(deed: Meanwhile) -> None:
        def later(submission: Submission) -> bool:
            deed()
            return may_still_send(submission)

        monkeypatch.setattr(dispatch, "may_still_send", later)

    return plan


def sent(line: ScriptedLine) -> dict[str, str]:
    """The last request's members, as the digits and letters that were sent, without clock, key and signature."""
    body = line.sent[-1][2]
    if body.startswith(b"{"):
        members: dict[str, Any] = json.loads(body, parse_int=str, parse_float=str)
    else:
        members = dict(parse_qsl(body.decode(), strict_parsing=True))
    return {name: str(value) for name, value in members.items() if name not in ADDED}


def stored(call: Submission) -> dict[str, str]:
    return {name: str(value) for name, value in json.loads(call.body).items()}


def asked_for(cast: Cast, payee: Address) -> Withdrawal:
    return approved(cast, payee, amount=Decimal("1250.50"), **({"remark": "Part 1"} if payee.area_code else {}))


def another_fields(order: Order) -> dict[str, str | int]:
    return {"address": "666", "to_address": "666", "amount": "9", "withdraw_amount": "9"}


def test_what_is_stored_is_what_people_saw_and_what_is_sent(cast: Cast, payee: Address, line: ScriptedLine) -> None:
    asked = asked_for(cast, payee)
    shown = {name: str(value) for name, value in fields_to_send(asked.order()).items()}
    line.answers(YES[payee.account.provider])
    drain(payee.account.name)
    assert sent(line) == stored(Submission.objects.get()) == shown
    assert "1250.5" in shown.values()


def test_it_is_sent_as_stored_although_the_rows_have_changed_since(
    cast: Cast, payee: Address, line: ScriptedLine, after_the_claim: Callable[[Meanwhile], None]
) -> None:
    asked = asked_for(cast, payee)
    before = fields_to_send(asked.order())

    def rows_change() -> None:
        forge(payee, address="666", area_code="1" if payee.area_code else "")
        forge(asked, amount=Decimal(9), coin="USDC", remark="other")
        assert PROVIDERS[payee.account.provider].fields(Withdrawal.objects.get(pk=asked.pk).order()) != before

    after_the_claim(rows_change)
    line.answers(YES[payee.account.provider])
    drain(payee.account.name)
    assert sent(line) == stored(Submission.objects.get())
    assert json.loads(Submission.objects.get().body) == before


def test_it_is_sent_as_stored_although_the_code_would_say_something_else_since(
    cast: Cast,
    payee: Address,
    line: ScriptedLine,
    after_the_claim: Callable[[Meanwhile], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = asked_for(cast, payee)
    before = fields_to_send(asked.order())
    provider = PROVIDERS[payee.account.provider]
    after_the_claim(lambda: monkeypatch.setattr(provider, "fields", staticmethod(another_fields)))
    line.answers(YES[payee.account.provider])
    drain(payee.account.name)
    assert sent(line) == stored(Submission.objects.get())
    assert json.loads(Submission.objects.get().body) == before


def test_the_fields_of_a_call_are_asked_once(cast: Cast, payee: Address, line: ScriptedLine) -> None:
    asked, times = asked_for(cast, payee), list[str]()

    def counted(order: Order) -> dict[str, str | int]:
        times.append(order.reference)
        return fields_to_send(order) | {"remark": f"asked {len(times)} times"}

    claimed = claim(payee.account.name, fields=counted, here=here(payee.account.name), by=WORKER)
    assert isinstance(claimed, Claim)
    line.answers(YES[payee.account.provider])
    accounts.client(payee.account.name).submit(claimed.instruction)
    assert times == [asked.reference]
    assert sent(line) == stored(Submission.objects.get())
    assert sent(line)["remark"] == "asked 1 times"


def test_a_claim_tells_whose_call_it_is_and_what_stands_in_its_row(cast: Cast, payee: Address) -> None:
    asked = asked_for(cast, payee)
    claimed = claim_next(payee.account.name)
    assert isinstance(claimed, Claim)
    told, row = claimed.instruction, Submission.objects.get()
    assert (told.provider, told.account) == (payee.account.provider, payee.account.name)
    assert told.reference == row.reference == asked.reference
    assert told.fields == json.loads(row.body)


@pytest.mark.parametrize("value", [1.5, True, None], ids=repr)
def test_what_has_no_place_among_fields_is_stopped_at_the_claim(cast: Cast, payee: Address, value: Any) -> None:
    asked = asked_for(cast, payee)
    assert (
        claim(payee.account.name, fields=lambda order: {"amount": value}, here=here(payee.account.name), by=WORKER)
        is None
    )
    asked.refresh_from_db()
    assert (asked.status, asked.stopped_because) == (Status.APPROVED, "It is neither text nor a whole number.")
    assert not Submission.objects.exists()


def test_what_only_signing_refuses_is_not_sent_and_pauses_the_account(
    cast: Cast, payee: Address, line: ScriptedLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asked_for(cast, payee)
    ambiguous = {"address": "a&amount=9"}
    monkeypatch.setattr(PROVIDERS[payee.account.provider], "fields", staticmethod(lambda order: ambiguous))
    drain(payee.account.name)
    asked.refresh_from_db()
    assert line.sent == []
    assert (asked.status, Submission.objects.get().code) == (Status.APPROVED, "not_sendable")
    assert Pause.objects.open().get().code == "not_sendable"


# -- once more --


@pytest.fixture
def lost(cast: Cast, payee: Address, line: ScriptedLine) -> Withdrawal:
    """Sent, not found, and allowed to be sent once more."""
    asked = asked_for(cast, payee)
    line.script = [Lost("timeout", "No answer.", 300)]
    drain(payee.account.name)
    looked_twice(asked)
    wake(payee.account)
    asked.refresh_from_db()
    assert asked.status == Status.UNKNOWN
    return asked


@pytest.mark.parametrize("payee", ["zoomex"], indirect=True)
def test_the_stored_body_of_the_first_call_is_sent_again(
    lost: Withdrawal,
    payee: Address,
    line: ScriptedLine,
    after_the_claim: Callable[[Meanwhile], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = sent(line)

    def all_changes() -> None:
        forge(payee, address="666", area_code="1")
        monkeypatch.setattr(PROVIDERS["zoomex"], "fields", staticmethod(another_fields))

    after_the_claim(all_changes)
    line.answers(YES["zoomex"])
    drain(payee.account.name)
    lost.refresh_from_db()
    assert lost.status == Status.SUBMITTED
    assert len(line.sent) == 2
    assert sent(line) == first
    assert [stored(call) for call in lost.submissions.order_by("number")] == [first, first]


@pytest.mark.parametrize("payee", ["zoomex"], indirect=True)
def test_what_would_be_derived_otherwise_by_now_is_not_sent_again(
    lost: Withdrawal, payee: Address, line: ScriptedLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PROVIDERS["zoomex"], "fields", staticmethod(another_fields))
    assert claim_again(payee.account.name, fields=fields_to_send, promises=PROMISES, by=WORKER) is None
    lost.refresh_from_db()
    assert lost.stopped_because == "What would be sent is not what was sent before."
    assert (len(line.sent), lost.submissions.count()) == (1, 1)
