"""Accounts: further ones, and who they are."""
