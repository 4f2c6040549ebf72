"""Screens: they call workflow, read models, and decide nothing. Importing this package registers them."""

from payouts.admin import (
    accounts,
    addresses,
    days,
    evidence,
    orphans,
    pauses,
    people,
    resolutions,
    statements,
    trail,
    withdrawals,
)

__all__ = [
    "accounts",
    "addresses",
    "days",
    "evidence",
    "orphans",
    "pauses",
    "people",
    "resolutions",
    "statements",
    "trail",
    "withdrawals",
]
