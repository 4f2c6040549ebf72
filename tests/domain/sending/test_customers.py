"""Whether two accounts are one customer of a provider, over everything that can be said of the two."""

from itertools import product

import pytest

from payouts.domain.sending.customers import Customer, are_one, may_be_one

NAMES = ("", "1001", "1002")
PAIRS = list(product(NAMES, NAMES))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_only_what_both_say_differently_is_not_held_back(one: str, other: str) -> None:
    differ = bool(one and other and one != other)
    assert may_be_one(Customer("zoomex", one), Customer("zoomex", other)) is not differ


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_only_what_both_say_alike_is_relied_on(one: str, other: str) -> None:
    assert are_one(Customer("zoomex", one), Customer("zoomex", other)) is bool(one and one == other)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_customers_of_two_providers_are_two(one: str, other: str) -> None:
    pair = Customer("zoomex", one), Customer("swapspace", other)
    assert not may_be_one(*pair)
    assert not are_one(*pair)
