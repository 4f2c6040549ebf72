"""What a lost call ordered: candidates are tried by the digest, in every spelling that an order can have."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.lost_order import (
    MOST_REMARKS,
    At,
    Candidate,
    LostOrder,
    Payee,
    Trial,
    candidates,
    sent,
    spellings,
)
from payouts.domain.withdrawals.order import Order

ORDER = Order(
    reference="ab" * 16, account="treasury", provider="zoomex", host="https://a.example", customer="7", kind=Kind.UID,
    area_code="", address="20013", coin="USDT", amount=Decimal("1250.5"), remark="",
)  # fmt: skip
HERE = At("https://a.example", "7")
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def lost(order: Order, *identities: At) -> LostOrder:
    return LostOrder(order.reference, order.digest(), order.account, order.provider, identities or (HERE,))


def by_hand(order: Order) -> Candidate:
    return Candidate(Payee(order.kind, order.area_code, order.address), order.coin, order.amount, order.remark)


def told(order: Order, written: str, *, known: tuple[Payee, ...] = (), remarks: tuple[str, ...] = ()) -> Order | None:
    """What a record of the order's coin and amount proves, to whom it has `written`."""
    tries = candidates(written, order.coin, order.amount, kinds=list(Kind), known=known)
    return Trial(lost(order), remarks).sent(tries)


def test_what_was_sent_is_proven() -> None:
    assert sent(lost(ORDER), [by_hand(ORDER)]) == ORDER
    assert sent(lost(ORDER), [replace(by_hand(ORDER), amount=Decimal("1250.500"))]) == ORDER


DIFFERENT: list[dict[str, Any]] = [
    {"reference": "cd" * 16}, {"account": "spare"}, {"provider": "swapspace"}, {"host": "https://b.example"},
    {"customer": "8"}, {"kind": Kind.EMAIL}, {"area_code": "44"}, {"address": "20014"}, {"coin": "USDC"},
    {"amount": Decimal("1250.51")}, {"remark": "x"},
]  # fmt: skip


@pytest.mark.parametrize("changes", DIFFERENT, ids=lambda changes: next(iter(changes)))
def test_whatever_differs_in_one_detail_is_not_what_was_sent(changes: dict[str, Any]) -> None:
    other = replace(ORDER, **changes)
    assert sent(replace(lost(ORDER), digest=other.digest()), [by_hand(ORDER)]) is None
    assert other.digest() != ORDER.digest()


def test_every_field_of_an_order_differs_once() -> None:
    assert {next(iter(changes)) for changes in DIFFERENT} == set(Order.__dataclass_fields__)


def test_the_account_may_have_been_somebody_else_then() -> None:
    before = replace(ORDER, host="https://old.example", customer="")
    assert sent(lost(before, HERE), [by_hand(ORDER)]) is None
    assert sent(lost(before, HERE, At("https://old.example", "")), [by_hand(ORDER)]) == before


@pytest.mark.parametrize(
    ("kind", "area_code", "address", "written"),
    [
        (Kind.UID, "", "20013", "20013"),
        (Kind.EMAIL, "", "ann@example.com", "Ann@Example.com"),
        (Kind.EMAIL, "", "Ann@Example.com", "Ann@Example.com"),
        (Kind.PHONE, "1", "2425550123", "+1 (242) 555-0123"),
        (Kind.PHONE, "1242", "5550123", "12425550123"),
        (Kind.TRX_CHAIN, "", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        (Kind.ETH_CHAIN, "", ETHEREUM, ETHEREUM.lower()),
        (Kind.ETH_CHAIN, "", ETHEREUM.lower(), ETHEREUM),
    ],
)
def test_a_record_spells_a_payee_in_its_own_way(kind: Kind, area_code: str, address: str, written: str) -> None:
    order = replace(ORDER, kind=kind, area_code=area_code, address=address)
    assert told(order, written) == order


def test_a_payee_of_the_book_is_tried_as_the_book_spells_it() -> None:
    order = replace(ORDER, kind=Kind.PHONE, area_code="44", address="7700900123")
    assert told(order, "7700900123") is None
    assert told(order, "7700900123", known=(Payee(Kind.PHONE, "44", "7700900123"),)) == order


def test_none_is_tried_before_remarks_that_are_known_and_so_many() -> None:
    order = replace(ORDER, remark="rent")
    assert told(order, "20013") is None
    assert told(order, "20013", remarks=("x", "rent")) == order
    many = tuple(str(number) for number in range(MOST_REMARKS))
    assert told(order, "20013", remarks=(*many, "rent")) is None


STRANGE = ["", "a", 'say "x"\\', "é\n\x7f", "\U0001f600", ",remark", "}"]


@pytest.mark.parametrize("field", ["account", "host", "customer", "address", "coin", "area_code", "remark"])
def test_what_is_written_once_is_what_the_order_says_itself(field: str) -> None:
    """Byte for byte, whatever stands in it: its digest is that of the whole order."""
    for text in STRANGE:
        changed: dict[str, Any] = {field: text}
        order = replace(ORDER, **changed)
        here = At(order.host, order.customer)
        own = replace(lost(order, here), account=order.account)
        assert sent(own, [by_hand(order)]) == order
        others = [each for each in STRANGE if each != order.remark]
        assert Trial(own, [*others, order.remark]).sent([replace(by_hand(order), remark="none")]) == order
        assert Trial(own, others).sent([replace(by_hand(order), remark="none")]) is None


def test_a_coin_in_small_letters_is_tried_as_an_order_has_it() -> None:
    tries = candidates("20013", "usdt", ORDER.amount, kinds=[Kind.UID], known=[])
    assert sent(lost(ORDER), tries) == ORDER


@pytest.mark.parametrize("kind", list(Kind))
def test_no_spelling_of_nothing_or_nonsense_fails(kind: Kind) -> None:
    for written in ("", "é", "0x", "0x" + "g" * 40):
        assert list(spellings(kind, written))
