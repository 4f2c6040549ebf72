"""The canonical order: one text and one digest for one payment, and another for any other."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.recipients.kind import Kind
from payouts.domain.withdrawals.order import Order

ORDER = Order(
    reference="0123456789abcdef0123456789abcdef",
    account="treasury",
    provider="zoomex",
    host="https://openapi.zoomex.com",
    customer="1000001",
    kind=Kind.PHONE,
    area_code="44",
    address="2079460958",
    coin="USDT",
    amount=Decimal("1250.50"),
    remark="Invoice 7",
)

CHANGES: dict[str, object] = {
    "reference": "0123456789abcdef0123456789abcdee",
    "account": "payroll",
    "provider": "swapspace",
    "host": "https://openapi-testnet.zoomex.com",
    "customer": "1000002",
    "kind": Kind.UID,
    "area_code": "1",
    "address": "2079460959",
    "coin": "USDC",
    "amount": Decimal("1250.51"),
    "remark": "Invoice 8",
}


def test_the_canonical_text_is_fixed_to_the_byte() -> None:
    assert ORDER.canonical() == (
        '{"account":"treasury","address":"2079460958","amount":"1250.5","area_code":"44","coin":"USDT",'
        '"customer":"1000001","host":"https://openapi.zoomex.com","kind":"phone","provider":"zoomex","reference":"0123456789abcdef0123456789abcdef",'
        '"remark":"Invoice 7"}'
    )


def test_the_digest_is_fixed_too() -> None:
    assert ORDER.digest() == "45826640e5cf4e13f5bf96773fac971ebd5b54c1977f965c5b3052a064f0d193"


STRANGE = 'Rechnung „7“ é 😀 \\ " \x7f\x00\n\u2028'
DIGESTS = [  # as of the first release: approvals that are stored name them
    ({"remark": "", "amount": Decimal("1E+3")}, "c74f3fff6a1b993b064d9942828539f464eeed087e8dec3b6134920e61588db0"),
    (
        {"remark": STRANGE, "kind": Kind.ETH_CHAIN, "amount": Decimal("12345678901234567890.123456789012345678")},
        "020d48faed5a6d977c079474b1e91279aa8c4abab84df46c21b111b6e27fac97",
    ),
]


@pytest.mark.parametrize(("changes", "digest"), DIGESTS, ids=["plain", "strange"])
def test_so_is_that_of_amounts_and_remarks_of_every_form(changes: dict[str, Any], digest: str) -> None:
    assert replace(ORDER, **changes).digest() == digest


def test_every_field_has_a_change_to_be_noticed() -> None:
    assert set(CHANGES) == {field.name for field in fields(Order)}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_field_changes_the_digest(name: str) -> None:
    changed = replace(ORDER, **{name: CHANGES[name]})  # type: ignore[arg-type]
    assert changed.digest() != ORDER.digest()


@pytest.mark.parametrize("written", ["1000", "1000.00", "1E+3", "1000.000000000000000000"])
def test_one_amount_in_any_writing_has_one_digest(written: str) -> None:
    thousand = replace(ORDER, amount=Decimal("1000"))
    assert replace(ORDER, amount=Decimal(written)).digest() == thousand.digest()


def test_the_last_of_thirty_eight_digits_is_part_of_the_digest() -> None:
    first = replace(ORDER, amount=Decimal("12345678901234567890.123456789012345678"))
    second = replace(ORDER, amount=Decimal("12345678901234567890.123456789012345679"))
    assert first.digest() != second.digest()


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_moves_from_one_field_to_another_unnoticed(
    address: str, remark: str, other_address: str, other_remark: str
) -> None:
    first = replace(ORDER, address=address, remark=remark)
    second = replace(ORDER, address=other_address, remark=other_remark)
    assert (first.digest() == second.digest()) is (first == second)


@given(st.text())
def test_the_canonical_text_is_ascii_on_one_line(remark: str) -> None:
    text = replace(ORDER, remark=remark).canonical()
    assert text.isascii()
    assert text.isprintable()
