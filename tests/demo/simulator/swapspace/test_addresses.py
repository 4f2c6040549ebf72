"""Which texts the stand-in for Swapspace takes for addresses."""

import pytest

from demo.simulator.swapspace.addresses import is_ethereum, is_tron

TRON = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"


@pytest.mark.parametrize("text", [TRON, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"])
def test_a_tron_address_is_recognised(text: str) -> None:
    assert is_tron(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TRON[:-1],
        TRON[:-1] + "5",
        TRON.replace("L9", "9L"),
        TRON.lower(),
        " " + TRON,
        TRON + "\n",
        TRON.replace("9", "0", 1),
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",  # a right checksum, but the prefix of another chain
        "T" + "z" * 33,
        "z" * 34,
    ],
)
def test_what_is_no_tron_address_is_not(text: str) -> None:
    assert not is_tron(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("0x52908400098527886E0F7030069857D2E4169EE7", True),
        ("0x52908400098527886e0f7030069857d2e4169ee7", True),
        ("0X52908400098527886E0F7030069857D2E4169EE7", False),
        ("0x52908400098527886E0F7030069857D2E4169EE", False),
        ("0x52908400098527886E0F7030069857D2E4169EEg", False),
        ("0x52908400098527886E0F7030069857D2E4169EE7\n", False),
        ("52908400098527886E0F7030069857D2E4169EE7", False),
    ],
)
def test_an_ethereum_address_is_0x_and_forty_hex_digits(text: str, right: bool) -> None:
    assert is_ethereum(text) is right
