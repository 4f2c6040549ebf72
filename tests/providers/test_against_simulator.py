"""Both clients, over HTTP, against the simulator, which other hands wrote from the same documentation."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from demo.simulator.customers import parse
from demo.simulator.faults.asked import read_fault
from demo.simulator.serve import Running, serve
from demo.simulator.site import Simulator
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, Refused, Unknown
from payouts.providers.base import Credentials
from payouts.providers.http import Line
from payouts.providers.registry import open_provider
from payouts.providers.swapspace.provider import Swapspace
from payouts.providers.zoomex.provider import Zoomex
from tests.props.providers.lines import ACCOUNTS, MakeClient, account, instruction, instruction_of, order

EVERY_KIND = pytest.mark.parametrize("kind", sorted(Zoomex.kinds | Swapspace.kinds))
ONE_OF_EACH = pytest.mark.parametrize("kind", [Kind.UID, Kind.TRX_CHAIN])


@pytest.fixture
def simulator() -> Iterator[Running]:
    """Both providers, with the documentation's sample keys and money in every coin."""
    zoomex, swapspace = ACCOUNTS["zoomex"], ACCOUNTS["swapspace"]
    balances = {"USDT": "100000", "USDC": "100000", "ETH": "100"}
    customers = {
        "zoomex": [
            {
                "api_key": zoomex.key,
                "api_secret": zoomex.secret,
                "balances": balances,
                "recipients": "*",
                "rate": 0,
            }
        ],
        "swapspace": [{"code": swapspace.key, "access_key": swapspace.secret, "balances": balances}],
    }
    with serve(Simulator(parse(json.dumps(customers)))) as running:
        yield running


def at(simulator: Running, provider: str, **options: str) -> Credentials:
    return replace(account(provider, **options), base_url=simulator.url)


@EVERY_KIND
def test_an_order_of_every_kind_is_accepted_and_booked_as_asked(simulator: Running, kind: Kind) -> None:
    asked = order(kind, amount=Decimal("12.50"))
    provider = open_provider(at(simulator, asked.provider))
    answer = provider.submit(instruction_of(asked))
    provider.close()
    assert isinstance(answer, Accepted)
    assert answer.provider_id == ("10195" if asked.provider == "zoomex" else None)
    [call] = simulator.book.booked()
    assert (call.coin, call.amount, call.address) == ("USDT", "12.5", asked.address)
    assert call.reference == (asked.reference if asked.provider == "zoomex" else None)
    assert call.area_code == (asked.area_code or None)


@pytest.mark.parametrize("content", ["json", "form"])
@pytest.mark.parametrize("amount", ["1000.0", "1.000000000000001", "9876.54321"])
def test_swapspace_finds_the_signature_right_in_either_content(simulator: Running, content: str, amount: str) -> None:
    provider = open_provider(at(simulator, "swapspace", content=content))
    for second in range(5):  # signatures with and without + and /
        answer = provider.submit(instruction(Kind.TRX_CHAIN, amount=Decimal(amount) + second))
        assert isinstance(answer, Accepted)
    provider.close()


def test_a_remark_is_carried(simulator: Running) -> None:
    provider = open_provider(at(simulator, "zoomex"))
    assert isinstance(provider.submit(instruction(Kind.EMAIL, remark="Invoice 2024/17, part 1")), Accepted)
    provider.close()
    assert simulator.book.booked()[0].remark == "Invoice 2024/17, part 1"


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        (Kind.UID, {"amount": Decimal("0.00000001"), "coin": "NOPE"}, "10001"),
        (Kind.TRX_CHAIN, {"coin": "NOPE"}, "40002"),
        (Kind.TRX_CHAIN, {"address": "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax45"}, "40006"),
        (Kind.TRX_CHAIN, {"amount": Decimal("0.5")}, "40009"),
        (Kind.TRX_CHAIN, {"amount": Decimal("100001")}, "40008"),
    ],
)
def test_what_the_provider_will_not_do_is_refused_with_its_code(
    simulator: Running, kind: Kind, changes: dict[str, object], code: str
) -> None:
    asked = order(kind, **changes)
    provider = open_provider(at(simulator, asked.provider))
    answer = provider.submit(instruction_of(asked))
    provider.close()
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert simulator.book.booked() == []


@pytest.mark.parametrize(("kind", "code"), [(Kind.UID, "10004"), (Kind.TRX_CHAIN, "40005")])
def test_a_wrong_secret_is_refused(simulator: Running, kind: Kind, code: str) -> None:
    asked = order(kind)
    provider = open_provider(replace(at(simulator, asked.provider), secret="another"))
    answer = provider.submit(instruction_of(asked))
    provider.close()
    assert isinstance(answer, Refused)
    assert answer.code == code


def test_a_wrong_clock_is_refused(simulator: Running, client: MakeClient) -> None:
    past = client("zoomex")  # its clock stands in January 2024
    past.line = Line(simulator.url, seconds=5)
    answer = past.submit(instruction(Kind.UID))
    past.close()
    assert isinstance(answer, Refused)
    assert answer.code == "10002"


@ONE_OF_EACH
@pytest.mark.parametrize(
    "fault",
    ["hang", "drop_before_booking", "book_then_drop", "server_error_before", "server_error_after", "html",
     "truncated", "empty", "wrong_type", "slow_bytes"],
)  # fmt: skip
def test_every_scripted_fault_is_unknown_and_is_not_sent_twice(
    simulator: Running, client: MakeClient, kind: Kind, fault: str
) -> None:
    asked = order(kind)
    simulator.faults.add(
        read_fault({"provider": asked.provider, "fault": fault, "seconds": 2.0 if fault == "hang" else 0.1})
    )
    provider = client(asked.provider)
    provider.line = Line(simulator.url, seconds=0.4)
    provider.clock = time.time
    answer = provider.submit(instruction_of(asked))
    provider.close()
    assert isinstance(answer, Unknown)
    assert len(simulator.book.calls()) == 1


@ONE_OF_EACH
def test_once_closed_it_opens_again(simulator: Running, kind: Kind) -> None:
    asked = order(kind)
    provider = open_provider(at(simulator, asked.provider))
    for reference in ("b" * 32, "c" * 32):
        assert isinstance(provider.submit(instruction_of(replace(asked, reference=reference))), Accepted)
        provider.close()
