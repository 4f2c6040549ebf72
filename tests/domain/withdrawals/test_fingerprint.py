"""The fingerprint: small, exact, free, and only where the amount leaves room for it."""

from decimal import Decimal

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.withdrawals.fingerprint import with_fingerprint, without

NONE: frozenset[Decimal] = frozenset()
ALL = [Decimal("10") + Decimal(units).scaleb(-6) for units in range(1, 100)]


@pytest.mark.parametrize(
    ("amount", "decimals", "draw", "marked"),
    [
        ("10", 6, 0, "10.000001"),
        ("10", 6, 98, "10.000099"),
        ("10", 6, 99, "10.000001"),
        ("10", 6, 123_456_789, "10.000028"),
        ("10.1234", 6, 4, "10.123405"),
        ("10.123400000000000000", 6, 4, "10.123405"),  # as the database gives it back
        ("10.12", 4, 4, "10.1205"),
        ("99999999999999999999.1234567890123456", 18, 98, "99999999999999999999.123456789012345699"),
    ],
)
def test_the_units_drawn_are_added_exactly(amount: str, decimals: int, draw: int, marked: str) -> None:
    assert with_fingerprint(Decimal(amount), decimals, draw, NONE) == Decimal(marked)


def test_every_draw_adds_from_1_to_99_units() -> None:
    assert sorted(with_fingerprint(Decimal("10"), 6, draw, NONE) for draw in range(99)) == ALL


def test_the_next_that_is_free_is_taken() -> None:
    taken = {Decimal("10.000005"), Decimal("10.0000060")}
    assert with_fingerprint(Decimal("10"), 6, 4, taken) == Decimal("10.000007")


def test_after_the_last_comes_the_first() -> None:
    assert with_fingerprint(Decimal("10"), 6, 98, {ALL[98]}) == ALL[0]


@pytest.mark.parametrize("free", ALL)
def test_the_only_one_that_is_free_is_found(free: Decimal) -> None:
    assert with_fingerprint(Decimal("10"), 6, 50, [each for each in ALL if each != free]) == free


@pytest.mark.parametrize(
    ("amount", "decimals", "taken", "code"),
    [
        ("10.12345", 6, NONE, "room_in_use"),
        ("10.000001", 6, NONE, "room_in_use"),
        ("10.123", 4, NONE, "room_in_use"),
        ("10", 3, NONE, "no_room"),  # a fingerprint of up to 0.099 would be money
        ("10", 0, NONE, "no_room"),
        ("10", 6, ALL, "all_taken"),
    ],
)
def test_without_room_it_is_refused(amount: str, decimals: int, taken: list[Decimal], code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        with_fingerprint(Decimal(amount), decimals, 0, taken)
    assert (refusal.value.field, refusal.value.code) == ("amount", code)


def test_an_amount_without_its_fingerprint_is_what_was_asked_for_exactly() -> None:
    asked = Decimal("99999999999999999999.1234567890123456")
    marked = with_fingerprint(asked, 18, 98, NONE)
    assert without(marked, without(marked, asked)) == asked
