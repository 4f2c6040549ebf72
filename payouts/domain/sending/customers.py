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


def may_be_one(one: Customer, other: Customer) -> bool:
    """Whether the two are or may be the same: False only for two providers, or where both are said and differ."""
    return one.provider == other.provider and (one.name == other.name or "" in (one.name, other.name))


def are_one(one: Customer, other: Customer) -> bool:
    """Whether both are said and are the same."""
    return one.name != "" and one == other
