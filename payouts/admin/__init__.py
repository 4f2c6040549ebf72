"""Screens: they call workflow, read models, and decide nothing. Importing this package registers them."""

from payouts.admin import accounts, addresses, people, trail, withdrawals

__all__ = ["accounts", "addresses", "people", "trail", "withdrawals"]
