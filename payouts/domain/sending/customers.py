"""Customers: whether two accounts are one customer of a provider, as far as it is said. Pure rules.

What is not said may be anybody. So it is taken for the same where something is to be held back, and for another where
one account's records would be relied on for the other's payments.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Customer:
    """Who an account is at its provider."""

    provider: str
    name: str  # empty where it is not said


def same(one: Customer, other: Customer) -> bool | None:
    """Whether the two are one customer of one provider; None where that is not said of both."""
    if one.provider == other.provider and "" in (one.name, other.name):
        return None
    return one == other


def may_be_one(one: Customer, other: Customer) -> bool:
    """Whether the two are or may be the same: False only for two providers, or where both are said and differ."""
    return same(one, other) is not False


def are_one(one: Customer, other: Customer) -> bool:
    """Whether both are said and are the same."""
    return same(one, other) is True
