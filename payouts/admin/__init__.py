"""Screens: they call workflow, read models, and decide nothing. Importing this package registers them."""

from payouts.admin.days import days, orphans, statements
from payouts.admin.people import people
from payouts.admin.recipients import addresses
from payouts.admin.sending import accounts, identities
from payouts.admin.shell import trail
from payouts.admin.stopping import pauses
from payouts.admin.unknown import evidence, lost_calls, resolutions
from payouts.admin.withdrawals import withdrawals

__all__ = [
    "accounts",
    "addresses",
    "days",
    "evidence",
    "identities",
    "lost_calls",
    "orphans",
    "pauses",
    "people",
    "resolutions",
    "statements",
    "trail",
    "withdrawals",
]
