"""Recipients: one check for every kind, what makes two the same, and the form for reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.recipients.recipient import Recipient, cautions, check_recipient, grouped

TRON = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
VALID = {
    Kind.EMAIL: ("", "Ann.Lee@Example.com", "ann.lee@example.com"),
    Kind.PHONE: ("44", "2079460958", "442079460958"),
    Kind.UID: ("", "12345678", "12345678"),
    Kind.TRX_CHAIN: ("", TRON, TRON),
    Kind.ETH_CHAIN: ("", ETHEREUM, ETHEREUM.lower()),
}


@pytest.mark.parametrize("kind", Kind)
def test_what_was_typed_is_what_goes_on_the_wire(kind: Kind) -> None:
    area_code, address, key = VALID[kind]
    assert check_recipient(kind, area_code=area_code, address=address) == Recipient(kind, area_code, address, key)


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_address_is_refused(kind: Kind) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_recipient(kind, area_code=VALID[kind][0], address="")
    assert (refusal.value.field, refusal.value.code) == ("address", "empty")


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PHONE])
def test_an_area_code_is_refused_where_there_is_no_phone(kind: Kind) -> None:
    with pytest.raises(InvalidValue) as refusal:
        check_recipient(kind, area_code="44", address=VALID[kind][1])
    assert (refusal.value.field, refusal.value.code) == ("area_code", "not_for_kind")


@pytest.mark.parametrize("kind", Kind)
def test_an_address_of_another_kind_is_refused(kind: Kind) -> None:
    others = [address for other, (_, address, _) in VALID.items() if other is not kind]
    for address in others if kind not in (Kind.UID, Kind.PHONE) else [TRON, ETHEREUM, VALID[Kind.EMAIL][1]]:
        with pytest.raises(InvalidValue):
            check_recipient(kind, area_code=VALID[kind][0], address=address)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("stray", ["\u0430", "\u202e", "\u200b", "\u00a0", "\n", " ", "\x00"])
def test_a_stray_character_anywhere_is_refused_and_never_stripped(kind: Kind, stray: str) -> None:
    area_code, address, _ = VALID[kind]
    for at in range(len(address) + 1):
        with pytest.raises(InvalidValue, match=rf"^Character {at + 1} is .*U\+{ord(stray):04X}"):
            check_recipient(kind, area_code=area_code, address=address[:at] + stray + address[at:])


@given(st.sampled_from(Kind), st.text(st.characters(max_codepoint=0x250), min_size=12))
def test_a_refusal_never_repeats_the_address(kind: Kind, address: str) -> None:
    try:
        check_recipient(kind, area_code=VALID[kind][0], address=address)
    except InvalidValue as refusal:
        assert address not in refusal.message  # noqa: PT017 - what is valid is fine too


def test_one_mailbox_in_two_spellings_has_one_key() -> None:
    spellings = ["Ann@Example.com", "ann@example.COM"]
    assert len({check_recipient(Kind.EMAIL, area_code="", address=spelling).key for spelling in spellings}) == 1


def test_one_ethereum_account_in_three_spellings_has_one_key() -> None:
    spellings = [ETHEREUM, ETHEREUM.lower(), "0x" + ETHEREUM[2:].upper()]
    recipients = [check_recipient(Kind.ETH_CHAIN, area_code="", address=spelling) for spelling in spellings]
    assert len({recipient.key for recipient in recipients}) == 1


def test_one_phone_divided_in_two_ways_has_one_key() -> None:
    first = check_recipient(Kind.PHONE, area_code="1", address="2425550123")
    second = check_recipient(Kind.PHONE, area_code="1242", address="5550123")
    assert first.key == second.key


@pytest.mark.parametrize("kind", Kind)
def test_a_recipient_with_its_checksum_needs_no_caution(kind: Kind) -> None:
    area_code, address, _ = VALID[kind]
    assert cautions(check_recipient(kind, area_code=area_code, address=address)) == ()


@pytest.mark.parametrize("address", [ETHEREUM.lower(), "0x" + ETHEREUM[2:].upper(), "0x" + "1" * 40])
def test_an_ethereum_address_without_checksum_has_to_be_confirmed(address: str) -> None:
    recipient = check_recipient(Kind.ETH_CHAIN, area_code="", address=address)
    (caution,) = cautions(recipient)
    assert caution.code == "no_checksum"
    assert address not in caution.message


@pytest.mark.parametrize(
    ("kind", "address", "parts"),
    [
        (Kind.TRX_CHAIN, TRON, ("TL9q", "tZWi", "2PX2", "uZFR", "Z8Rs", "rYxU", "LVv9", "Zbax", "44")),
        (Kind.ETH_CHAIN, "0x5aAeb6053F3E", ("0x", "5aAe", "b605", "3F3E")),
        (Kind.ETH_CHAIN, "0x", ("0x",)),
        (Kind.EMAIL, "ann@example.com", ("ann", "@example.com")),
        (Kind.EMAIL, "ann", ("ann",)),
        (Kind.PHONE, "2079460958", ("207", "946", "0958")),
        (Kind.UID, "12345", ("12345",)),
        (Kind.UID, "123456", ("123", "456")),
        (Kind.UID, "1234567", ("123", "4567")),
        (Kind.UID, "12345678", ("1234", "5678")),
    ],
)
def test_an_address_is_cut_for_reading(kind: Kind, address: str, parts: tuple[str, ...]) -> None:
    assert grouped(kind, address) == parts


@given(st.sampled_from(Kind), st.text() | st.text(alphabet="0xa@1"))
def test_the_parts_joined_are_the_address(kind: Kind, address: str) -> None:
    parts = grouped(kind, address)
    assert "".join(parts) == address


@given(st.sampled_from([Kind.PHONE, Kind.UID]), st.text(alphabet="0123456789", min_size=6, max_size=20))
def test_numbers_are_cut_into_threes_and_fours(kind: Kind, address: str) -> None:
    assert {len(part) for part in grouped(kind, address)} <= {3, 4}
